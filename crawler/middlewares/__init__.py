"""Scrapy middlewares, and the download handler below them: one concern each, from the engine to the network."""
