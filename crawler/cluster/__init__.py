"""The extra ``verdictlog[cluster]``: several processes, on one machine or many, crawl one site together over Redis.

They share the frontier (`frontier`), the politeness delay and the day's budget (`turns`). Each has an archive of its
own. Nothing outside this package imports redis or scrapy-redis.
"""
