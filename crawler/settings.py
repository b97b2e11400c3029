"""Scrapy's settings. Polite by default: what a site did not allow is not done, and nothing is asked for in haste.

The delay, retries, redirects, robots.txt and the archive are the work of `crawler.fetch`; Scrapy's own parts for them
are off, as is everything that a crawl of one site does not use.
"""

from __future__ import annotations

from importlib.metadata import version

BOT_NAME = "verdictlog"
SPIDER_MODULES = ["crawler.spiders"]
NEWSPIDER_MODULE = "crawler.spiders"

USER_AGENT = f"verdictlog/{version('verdictlog')}"
ROBOTSTXT_OBEY = False  # crawler.fetch.robots does, always
CONCURRENT_REQUESTS = 1
CONCURRENT_REQUESTS_PER_DOMAIN = 1
DOWNLOAD_DELAY = 0  # crawler.fetch.politeness keeps it, for all hosts of the site together
DOWNLOAD_DELAY_JITTER = 0  # it would go below the delay as often as above
DOWNLOAD_TIMEOUT = 60
DOWNLOAD_MAXSIZE = 0  # crawler.fetch.keep cuts, and keeps what came
DOWNLOAD_WARNSIZE = 0
DOWNLOAD_FAIL_ON_DATALOSS = False  # what came of a broken answer is kept too
DOWNLOAD_HANDLERS = {
    "http": "crawler.fetch.handler.SendOnceHandler",
    "https": "crawler.fetch.handler.SendOnceHandler",
    **dict.fromkeys(("data", "file", "ftp", "s3")),
}
SCHEDULER = "crawler.fetch.frontier.Frontier"
DEFAULT_REQUEST_HEADERS = {
    "Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
    "Accept-Language": "en",
    "Accept-Encoding": "gzip, deflate, br",
}

_SCRAPYS = "scrapy.downloadermiddlewares"
DOWNLOADER_MIDDLEWARES = {
    f"{_SCRAPYS}.offsite.OffsiteMiddleware": None,
    f"{_SCRAPYS}.robotstxt.RobotsTxtMiddleware": None,
    f"{_SCRAPYS}.httpauth.HttpAuthMiddleware": None,
    f"{_SCRAPYS}.retry.RetryMiddleware": None,
    f"{_SCRAPYS}.redirect.MetaRefreshMiddleware": None,
    f"{_SCRAPYS}.redirect.RedirectMiddleware": None,
    f"{_SCRAPYS}.httpcompression.HttpCompressionMiddleware": None,
    f"{_SCRAPYS}.cookies.CookiesMiddleware": None,
    f"{_SCRAPYS}.httpproxy.HttpProxyMiddleware": None,
    f"{_SCRAPYS}.httpcache.HttpCacheMiddleware": None,
    f"{_SCRAPYS}.stats.DownloaderStats": None,
    # From the engine to the network: what may be asked for, when, and what is kept of it.
    "crawler.fetch.robots.RobotsMiddleware": 100,
    "crawler.fetch.retries.RetryMiddleware": 550,
    "crawler.fetch.redirects.RedirectMiddleware": 600,
    "crawler.fetch.politeness.PolitenessMiddleware": 900,
    "crawler.fetch.keep.ArchiveMiddleware": 950,
}
_SPIDERS = "scrapy.spidermiddlewares"
SPIDER_MIDDLEWARES = {
    f"{_SPIDERS}.httperror.HttpErrorMiddleware": None,  # a spider looks at the status itself
    f"{_SPIDERS}.referer.RefererMiddleware": None,
    f"{_SPIDERS}.urllength.UrlLengthMiddleware": None,
    f"{_SPIDERS}.depth.DepthMiddleware": None,
    f"{_SPIDERS}.start.StartSpiderMiddleware": None,
    f"{_SPIDERS}.metacopy.MetaCopyDetectionMiddleware": None,
}
EXTENSIONS = {
    "scrapy.extensions.corestats.CoreStats": None,
    "scrapy.extensions.logstats.LogStats": None,
    "scrapy.extensions.memusage.MemoryUsage": None,
    "scrapy.extensions.memdebug.MemoryDebugger": None,
    "scrapy.extensions.spiderstate.SpiderState": None,
    "scrapy.extensions.throttle.AutoThrottle": None,
    "scrapy.extensions.closespider.CloseSpider": None,
    "scrapy.extensions.logcount.LogCount": None,
    "scrapy.extensions.telnet.TelnetConsole": None,
    "scrapy.extensions.remote_control.RemoteControl": None,
}
CONCURRENT_ITEMS = 1
WARN_ON_GENERATOR_RETURN_VALUE = False  # Scrapy would read and parse our source anew for each answer
COOKIES_ENABLED = False
TELNETCONSOLE_ENABLED = False
REMOTE_CONTROL_ENABLED = False
LOG_LEVEL = "WARNING"
