"""The spider of tool pages: ``scrapy crawl tools -a url=https://…``."""

from __future__ import annotations

from typing import ClassVar

from crawler.spiders.site import SiteSpider


class ToolsSpider(SiteSpider):
    """Asks a site for its pages of kind ``tool``."""

    name = "tools"
    kinds: ClassVar[tuple[str, ...]] = ("tool",)
