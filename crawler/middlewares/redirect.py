"""Follows redirects as Scrapy's part does, but only on the site that is crawled, and to pages that are wanted of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scrapy.exceptions import IgnoreRequest

from crawler.capture_index import MOVED
from crawler.fetch.component import Component
from crawler.site_values import excerpt, target
from crawler.urls import canonical_url, parts_of

if TYPE_CHECKING:
    from scrapy import Request
    from scrapy.http import Response

OF_ONE_REQUEST = ("retry_times", "last", "stored", "received", "download_latency")
"""What ``request.meta`` says of a request, and not of the one that a redirect makes of it."""


class RedirectMiddleware(Component):
    """Turns a redirect into the request for its target."""

    def process_response(self, request: Request, response: Response) -> Response | Request:
        """`response`, or the request that its ``Location`` asks for. Raises `IgnoreRequest` where it leads nowhere."""
        location = response.headers.get("Location")
        if response.status not in MOVED or not location:
            return response
        run, settings = self.run, self.crawler.settings
        path: list[str] = [*request.meta.get("redirect_urls", ()), request.url]
        url = target(request.url, location.decode("latin-1"))
        if url is None:
            raise self._nowhere(request, "bad_redirect", f"it leads to no address: {excerpt(location)}")
        if not run.is_ours(url):
            run.count("redirects_elsewhere")
            raise IgnoreRequest(f"{request.url} leads to another site: {url}")
        if url in path:
            raise self._nowhere(request, "redirect_loop", f"it leads back to {url}")
        if len(path) > settings.getint("REDIRECT_MAX_TIMES"):
            raise self._nowhere(request, "redirect_chain", f"{path[0]} leads on and on, at last to {url}")
        run.count("redirects")
        same_page = canonical_url(url) == canonical_url(request.url)
        before, after = parts_of(request.url), parts_of(url)
        if same_page and before is not None and after is not None and before[:2] != after[:2]:
            run.moved_host(url)
        is_robots = "dont_obey_robotstxt" in request.meta
        if not (same_page or is_robots or run.is_followed(url)):
            run.count("redirects_elsewhere")
            raise IgnoreRequest(f"{request.url} leads to no page that is asked for here: {url}")
        # Another page is asked for once, as any; the same page by another address would pass for asked already.
        meta = {name: value for name, value in request.meta.items() if name not in OF_ONE_REQUEST}
        return request.replace(
            url=url,
            dont_filter=same_page or is_robots,
            priority=request.priority + settings.getint("REDIRECT_PRIORITY_ADJUST"),
            meta={**meta, "redirect_urls": path},
        )

    def _nowhere(self, request: Request, code: str, why: str) -> IgnoreRequest:
        """What ends a redirect that leads nowhere; it is counted, and noted in the archive under `code`."""
        self.run.count(f"{code}s")
        self.run.fail_page(request.url, code, why)
        return IgnoreRequest(why)
