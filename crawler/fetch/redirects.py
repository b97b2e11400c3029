"""Follows redirects, only to the site being crawled, and only so far."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urldefrag, urljoin

from scrapy.exceptions import IgnoreRequest

from crawler.capture_index import MOVED
from crawler.fetch.component import Component
from crawler.urls import canonical_url, parts_of

if TYPE_CHECKING:
    from scrapy import Request
    from scrapy.http import Response

MAX_HOPS = 5
OF_ONE_REQUEST = ("tries", "last", "stored", "sent_at", "cut_for")


class RedirectMiddleware(Component):
    """Turns a redirect into the request for its target."""

    def process_response(self, request: Request, response: Response) -> Response | Request:
        """`response`, or the request that its ``Location`` asks for. Raises `IgnoreRequest` where it leads nowhere."""
        location = response.headers.get("Location")
        if response.status not in MOVED or not location:
            return response
        run = self.run
        target = urldefrag(urljoin(request.url, location.decode("latin-1").strip()))[0]
        path: tuple[str, ...] = (*request.meta.get("hops", ()), request.url)
        if not run.is_ours(target):
            run.count("redirects_elsewhere")
            raise IgnoreRequest(f"{request.url} leads to another site: {target}")
        if target in path:
            run.count("redirect_loops")
            raise IgnoreRequest(f"{request.url} leads back to {target}")
        if len(path) > MAX_HOPS:
            run.count("redirect_chains")
            raise IgnoreRequest(f"{path[0]} leads on and on, at last to {target}")
        run.count("redirects")
        same_page = canonical_url(target) == canonical_url(request.url)
        before, after = parts_of(request.url), parts_of(target)
        if same_page and before is not None and after is not None and before[:2] != after[:2]:
            run.moved_host(target)
        is_robots = "is_robots" in request.meta
        if not (same_page or is_robots or run.is_followed(target)):
            run.count("redirects_elsewhere")
            raise IgnoreRequest(f"{request.url} leads to no page that is asked for here: {target}")
        # Another page is asked for once, as any; the same page by another address would pass for asked already.
        is_next = same_page or is_robots
        meta = {name: value for name, value in request.meta.items() if name not in OF_ONE_REQUEST}
        return request.replace(url=target, dont_filter=is_next, meta={**meta, "hops": path})
