"""Scrapy's settings, and every bound of a crawl.

Polite by default: what a site did not allow is not done, and nothing is asked for in haste. Scrapy's own parts do the
work wherever they can; each one that is off or replaced says why. Nothing that a site sends makes a crawl take more
memory, or more time, than the bounds below allow.
"""

from __future__ import annotations

from importlib.metadata import version

BOT_NAME = "verdictlog"
SPIDER_MODULES = ["crawler.spiders"]
NEWSPIDER_MODULE = "crawler.spiders"
LOG_LEVEL = "WARNING"
LOG_FORMATTER = "crawler.extensions.log.SilentLogFormatter"

# ---- politeness ----------------------------------------------------------------------------------------------

USER_AGENT = f"verdictlog/{version('verdictlog')}"
ROBOTSTXT_OBEY = True
ROBOTSTXT_USER_AGENT = "verdictlog"
"""The name by which a robots.txt may address us."""

CONCURRENT_REQUESTS = 1
CONCURRENT_REQUESTS_PER_DOMAIN = 1
DOWNLOAD_DELAY = 0  # crawler.fetch.politeness keeps it: one delay for all hosts of the site, which robots.txt may raise
DOWNLOAD_DELAY_JITTER = 0  # it would go below the delay as often as above
DEFAULT_REQUEST_HEADERS = {
    "Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
    "Accept-Language": "en",
    "Accept-Encoding": "gzip, deflate, br",
}
DOWNLOAD_VERIFY_CERTIFICATES = True  # what is kept as evidence must come from the site
COOKIES_ENABLED = False  # a site is asked as by a stranger, each time

# ---- bounds on what a site may send ------------------------------------------------------------------------------

DOWNLOAD_TIMEOUT = 60
"""Seconds from the first attempt to connect to the last byte of the body."""

MAX_HEAD = 64 << 10
"""Bytes of an answer's head: status line and headers together. A longer one is no answer."""

DOWNLOAD_MAXSIZE = 52 << 20
"""Bytes of a body as it is sent. It is cut there, and what came is kept. (A sitemap may have 50 MB.)"""

MAX_PAGE = 64 << 20
"""Bytes of a body once its content-encoding is undone; the rest is not read. (`crawler.pages.cost` bounds pages.)"""

MAX_LINKS = 10_000
"""Links of one page that are followed."""

MAX_SITEMAP = 64 << 20
"""Bytes of a sitemap once it is unpacked. (The protocol allows 50 MB.)"""

MAX_SITEMAP_URLS = 50_000
"""Addresses that are taken from one sitemap, as the protocol allows."""

MAX_SITEMAPS = 1_000
"""Sitemaps that are asked for in one crawl, those that sitemaps name included."""

MAX_LISTS = 5_000
"""Pages of one kind of list (indexes, categories) that are asked for in one crawl."""

DEPTH_LIMIT = 500
"""Links and pages of lists that are followed one after another, from where a crawl begins."""

MAX_ROBOTS = 512 << 10
"""Bytes of a robots.txt. (RFC 9309, 2.5 asks for 500 KiB at least.)"""

MAX_ROBOTS_WORK = 2_000_000
"""Lines of a robots.txt that name agents, times all its lines. One with more is not read: it would take too long."""

URLLENGTH_LIMIT = 2083
"""Characters of an address that is asked for."""

MAX_URLS = 250_000
"""Pages that one crawl knows of, asked for or queued. Each takes less than a kilobyte of memory."""

MAX_FAILURES = 1_000
"""Failures of a crawl that its last record tells one by one; the others are only counted."""

RETRY_TIMES = 3
RETRY_HTTP_CODES = [408, 425, 429, 500, 502, 503, 504, 520, 521, 522, 523, 524, 527]
RETRY_PRIORITY_ADJUST = 10  # a retry comes before what is new
REDIRECT_MAX_TIMES = 5
REDIRECT_PRIORITY_ADJUST = 10

# ---- Scrapy's parts ------------------------------------------------------------------------------------------------

# Scrapy's handlers keep no exact head, put no bound on it, and send a request again unasked where a connection breaks.
DOWNLOAD_HANDLERS = {
    "http": "crawler.middlewares.download_handler.HttpDownloadHandler",
    "https": "crawler.middlewares.download_handler.HttpDownloadHandler",
    **dict.fromkeys(("data", "file", "ftp", "s3")),  # a crawl reads no files
}
REQUEST_FINGERPRINTER_CLASS = "crawler.extensions.queue.CanonicalFingerprinter"
SCHEDULER_PRIORITY_QUEUE = "scrapy.pqueues.ScrapyPriorityQueue"  # the other one is for crawls of many hosts
SCHEDULER_MEMORY_QUEUE = "scrapy.squeues.FifoMemoryQueue"  # pages in the order in which they were found
CONCURRENT_ITEMS = 1  # an item is handed on at once: there is nothing to wait for
WARN_ON_GENERATOR_RETURN_VALUE = False  # it would parse our source anew for each answer

_SCRAPYS = "scrapy.downloadermiddlewares"
DOWNLOADER_MIDDLEWARES = {
    # What is kept must be as received, and requests must go as they are kept.
    f"{_SCRAPYS}.httpcompression.HttpCompressionMiddleware": None,
    f"{_SCRAPYS}.httpproxy.HttpProxyMiddleware": None,
    # Replaced by parts that also know the site: what each adds is said in its first line.
    f"{_SCRAPYS}.offsite.OffsiteMiddleware": None,
    f"{_SCRAPYS}.robotstxt.RobotsTxtMiddleware": None,
    f"{_SCRAPYS}.retry.RetryMiddleware": None,
    f"{_SCRAPYS}.redirect.MetaRefreshMiddleware": None,
    f"{_SCRAPYS}.redirect.RedirectMiddleware": None,
    # From the engine to the network: what may be asked for, when, and what is kept of it.
    "crawler.middlewares.robots.RobotsMiddleware": 100,
    "crawler.middlewares.retry.RetryMiddleware": 550,
    "crawler.middlewares.redirect.RedirectMiddleware": 600,
    "crawler.fetch.politeness.PolitenessMiddleware": 900,
    "crawler.middlewares.archive.ArchiveMiddleware": 950,
}
_SPIDERS = "scrapy.spidermiddlewares"
SPIDER_MIDDLEWARES = {
    f"{_SPIDERS}.httperror.HttpErrorMiddleware": None,  # the spider looks at the status itself
    f"{_SPIDERS}.referer.RefererMiddleware": None,  # requests tell a site nothing that it need not know
}
EXTENSIONS = {
    "crawler.extensions.queue.Queue": 0,
    "scrapy.extensions.telnet.TelnetConsole": None,  # no door into a running crawl
    "scrapy.extensions.remote_control.RemoteControl": None,
}
TELNETCONSOLE_ENABLED = False
REMOTE_CONTROL_ENABLED = False
