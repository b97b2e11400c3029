"""Renderings of records: what a page that says exactly this would look like, in eight shapes.

Written from the description of the source site, not from the reader of pages: it is the reader's independent
check. `render` makes the bytes of a page, `project` says what a strict reader of that page alone must return.
"""

from __future__ import annotations

from tests.rendering.expect import project
from tests.rendering.shapes import CONTENT_TYPES, HTML_SHAPES, SHAPES, TEXT_SHAPES, render

__all__ = ["CONTENT_TYPES", "HTML_SHAPES", "SHAPES", "TEXT_SHAPES", "project", "render"]
