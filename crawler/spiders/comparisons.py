"""The spider of comparison pages: ``scrapy crawl comparisons -a url=https://…``."""

from __future__ import annotations

from typing import ClassVar

from crawler.spiders.site import SiteSpider


class ComparisonsSpider(SiteSpider):
    """Asks a site for its pages of kind ``compare``."""

    name = "comparisons"
    kinds: ClassVar[tuple[str, ...]] = ("compare",)
