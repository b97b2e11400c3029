"""Asking a site for pages: when a request may go, what is kept of it, when to stop.

Scrapy does the crawling; what stands here are its components, each with one job, and the `CrawlRun` they share.
"""
