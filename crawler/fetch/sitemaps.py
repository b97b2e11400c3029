"""Reading sitemaps and sitemap indexes (sitemaps.org protocol), gzipped or not. Pure."""

from __future__ import annotations

import gzip
import zlib
from io import BytesIO

from lxml import etree  # type: ignore[import-untyped]

MAX_BYTES = 64 << 20
"""A sitemap has at most 50 MB, unpacked; what is longer is not read to its end."""


class SitemapError(Exception):
    """A sitemap that could not be read to its end. `urls` are those that were read before."""

    def __init__(self, message: str, urls: list[str]) -> None:
        super().__init__(message)
        self.urls = urls


def urls_of(body: bytes) -> list[str]:
    """The urls in the ``<loc>`` elements of a sitemap or a sitemap index, in its order.

    `body` may be gzipped. Raises `SitemapError` where it is damaged, cut off, too long or no sitemap at all.
    """
    trouble = None
    if body.startswith(b"\x1f\x8b"):
        body, trouble = _unpacked(body)
    urls: list[str] = []
    root = None
    try:
        # Entities are not resolved, and nothing is loaded: a sitemap is another's text.
        for _, element in etree.iterparse(
            BytesIO(body), events=("end",), resolve_entities=False, no_network=True, huge_tree=False
        ):
            if not isinstance(element.tag, str):
                continue
            name = etree.QName(element).localname
            if name == "loc" and element.text and element.text.strip():
                urls.append(element.text.strip())
            elif name in ("url", "sitemap"):
                element.clear()
                while element.getprevious() is not None:
                    del element.getparent()[0]
            root = name
    except etree.XMLSyntaxError as error:
        trouble = trouble or f"it is no sound XML ({error.msg})"
    if trouble is None and root not in ("urlset", "sitemapindex"):
        trouble = "it is no sitemap"
    if trouble is not None:
        raise SitemapError(trouble, urls)
    return urls


def _unpacked(body: bytes) -> tuple[bytes, str | None]:
    """`body` without its gzip, as far as it goes, and what is wrong with it."""
    pieces: list[bytes] = []
    size = 0
    try:
        with gzip.GzipFile(fileobj=BytesIO(body)) as file:
            while piece := file.read(1 << 20):
                pieces.append(piece)
                size += len(piece)
                if size > MAX_BYTES:
                    return b"".join(pieces), f"it is longer than {MAX_BYTES:,} bytes"
    except (OSError, EOFError, zlib.error) as error:
        return b"".join(pieces), f"its gzip is damaged ({error})"
    return b"".join(pieces), None
