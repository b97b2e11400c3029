"""Scrapy extensions: what watches a crawl without standing between its parts."""
