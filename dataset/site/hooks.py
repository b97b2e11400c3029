"""What Datasette asks of the site's pages: their routes, and the links at the head of its own pages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from datasette import hookimpl  # type: ignore[import-untyped]

from dataset.site.raw import PATH, raw
from dataset.site.registry import PAGES
from dataset.site.web import View, navigation, routes

if TYPE_CHECKING:
    from datasette.app import Datasette  # type: ignore[import-untyped]

PAGE_NAMES = frozenset(page.name for page in PAGES)


@hookimpl  # type: ignore[untyped-decorator]
def register_routes() -> list[tuple[str, View]]:
    """The pages of the site, and their JSON; and the bytes of captures."""
    return [*routes(), (PATH, raw)]


@hookimpl  # type: ignore[untyped-decorator]
def extra_template_vars(datasette: Datasette, view_name: str) -> dict[str, Any]:
    """`site_navigation`: the links at the head of pages that are Datasette's own; ours bring theirs."""
    return {} if view_name in PAGE_NAMES else {"site_navigation": navigation(datasette)}
