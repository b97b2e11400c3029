"""Reading sitemaps and sitemap indexes (sitemaps.org protocol), gzipped or not. Pure."""

from __future__ import annotations

import zlib
from io import BytesIO

from lxml import etree  # type: ignore[import-untyped]

from crawler.settings import MAX_SITEMAP, MAX_SITEMAP_URLS, URLLENGTH_LIMIT

GZIP_MAGIC = b"\x1f\x8b"
CHUNK = 1 << 14


class SitemapError(Exception):
    """A sitemap that could not be read to its end. `urls` are those that were read before."""

    def __init__(self, message: str, urls: list[str]) -> None:
        super().__init__(message)
        self.urls = urls


def urls_of(body: bytes) -> list[str]:
    """The urls of the pages in a sitemap, or of the sitemaps in a sitemap index, in its order.

    `body` may be gzipped. Raises `SitemapError` where it is damaged, cut off, too long or no sitemap at all.
    """
    trouble = None
    if body.startswith(GZIP_MAGIC):
        body, trouble = _unpacked(body)
    urls: list[str] = []
    root = None
    try:
        # Entities are not resolved, and nothing is loaded: a sitemap is another's text. White space before the XML
        # declaration is wrong, and common.
        for _, element in etree.iterparse(
            BytesIO(body.lstrip()),
            events=("end",),
            resolve_entities=False,
            no_network=True,
            huge_tree=False,
            remove_comments=True,
            remove_pis=True,
        ):
            root, parent = _name(element), element.getparent()
            # Pictures on a page have a <loc> of their own. One with entities in it can't be told.
            if root == "loc" and parent is not None and _name(parent) in ("url", "sitemap") and not len(element):
                urls += [url for url in (element.text or "").split()[:1] if len(url) <= URLLENGTH_LIMIT]
                if len(urls) > MAX_SITEMAP_URLS:
                    raise SitemapError(f"it names more than {MAX_SITEMAP_URLS:,} addresses", urls[:-1])
            # What was read is let go, so that memory is no matter of a sitemap's length.
            element.clear()
            while parent is not None and element.getprevious() is not None:
                del parent[0]
    except etree.XMLSyntaxError as error:
        trouble = trouble or f"it is no sound XML ({' '.join(str(error.msg).split())})"
    if trouble is None and root not in ("urlset", "sitemapindex"):
        trouble = "it is no sitemap"
    if trouble is not None:
        raise SitemapError(trouble, urls)
    return urls


def _name(element: etree._Element) -> str:
    """The name of `element` without its namespace."""
    return str(element.tag).rpartition("}")[2]


def _unpacked(body: bytes) -> tuple[bytes, str | None]:
    """`body` without its gzip, as far as it goes, and what is wrong with it."""
    pieces: list[bytes] = []
    inflater = zlib.decompressobj(zlib.MAX_WBITS | 16)
    size = position = 0
    try:
        while position < len(body):
            if inflater.eof:
                # Another member may follow; anything else is padding.
                if not body.startswith(GZIP_MAGIC, position):
                    break
                inflater = zlib.decompressobj(zlib.MAX_WBITS | 16)
            given = body[position : position + CHUNK]
            pieces.append(inflater.decompress(given, MAX_SITEMAP))
            position += len(given) - len(inflater.unused_data) - len(inflater.unconsumed_tail)
            size += len(pieces[-1])
            if size > MAX_SITEMAP:
                return b"".join(pieces), f"it is longer than {MAX_SITEMAP:,} bytes"
    except zlib.error as error:
        return b"".join(pieces), f"its gzip is damaged ({error})"
    return b"".join(pieces), None if inflater.eof else "its gzip is cut off"
