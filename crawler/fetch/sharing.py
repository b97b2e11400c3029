"""What a crawl may share with other processes that crawl the same site: the seam between one machine and several.

Nothing here needs more than the project itself does. What does the sharing is in `crawler.cluster`, an extra.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from crawler.fetch.options import CrawlOptions
    from crawler.fetch.pace import Pace

NEEDED = ("redis", "scrapy_redis")
"""What the extra brings along."""


class ClusterError(Exception):
    """The crawl can't be shared. The text says why and what to do."""


class Sharing(Protocol):
    """A crawl that several processes share, as one of them sees it."""

    @property
    def spec(self) -> str:
        """The task and the shared crawl, in a form that can be compared."""

    @property
    def settings(self) -> Mapping[str, Any]:
        """Scrapy's settings that put shared parts in the place of those for one process."""

    def pace(self, floor: float, timer: Callable[[], float]) -> Pace:
        """The pace of this process, whose holds all processes keep."""


@contextmanager
def sharing_of(options: CrawlOptions) -> Iterator[Sharing | None]:
    """The shared crawl that `options` name, joined; None for a crawl by one process. Raises `ClusterError`."""
    if options.cluster is None:
        yield None
        return
    if not all(find_spec(name) for name in NEEDED):
        raise ClusterError("sharing a crawl needs an extra; install it with: pip install 'verdictlog[cluster]'")
    from crawler.cluster.membership import Membership  # noqa: PLC0415  (an extra)

    with Membership(options, options.cluster) as membership:
        yield membership
