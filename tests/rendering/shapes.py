"""The shapes in which a record can be rendered, by name."""

from __future__ import annotations

import zlib

from crawler.items import Page
from tests.rendering.dom_kit import Kit
from tests.rendering.dom_lists import Lists
from tests.rendering.dom_pages import render_html
from tests.rendering.dom_soup import Soup
from tests.rendering.dom_spans import Spans
from tests.rendering.dom_streamed import Streamed
from tests.rendering.dom_tables import Tables
from tests.rendering.text import render_text

KITS: dict[str, type[Kit]] = {
    "semantic": Kit,
    "soup": Soup,
    "lists": Lists,
    "tables": Tables,
    "spans": Spans,
    "streamed": Streamed,
}
TEXT_SHAPES = ("text-full", "text-short")
HTML_SHAPES = tuple(KITS)
SHAPES = (*TEXT_SHAPES, *HTML_SHAPES)
CONTENT_TYPES = {shape: "text/plain" if shape in TEXT_SHAPES else "text/html; charset=utf-8" for shape in SHAPES}


def render(page: Page, shape: str, *, seed: int | None = None) -> bytes:
    """The bytes of a page that says what `page` says, in `shape`; the same call gives the same bytes.

    `seed` chooses among what a shape leaves open (class names, ways of hiding a copy, ways of writing a
    label); without it, the record itself chooses.
    """
    if shape in TEXT_SHAPES:
        return render_text(page, short=shape == "text-short").encode()
    chosen = zlib.crc32(page.model_dump_json().encode()) if seed is None else seed
    return render_html(KITS[shape](chosen), page).encode()
