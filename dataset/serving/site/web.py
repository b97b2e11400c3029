"""Serves the pages of `dataset.serving.site.registry`: each as HTML, and as JSON beside it, from one snapshot."""

from __future__ import annotations

import dataclasses
import sqlite3
from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from datasette.utils import sqlite_timelimit  # type: ignore[import-untyped]
from datasette.utils.asgi import NotFound, Request, Response  # type: ignore[import-untyped]
from datasette.views.base import DatasetteError  # type: ignore[import-untyped]

from dataset.asking.sources import Source
from dataset.schema.metadata import ABSENT, CLAIMS, LICENSE, TITLE
from dataset.serving.errors import SLOW, refuse_unknown
from dataset.serving.live import LiveDatabase, live_database
from dataset.serving.site import charts, texts
from dataset.serving.site.differences import differences
from dataset.serving.site.frame import Frame, frame_of
from dataset.serving.site.kept import Kept
from dataset.serving.site.links import Links, from_path, is_web_link
from dataset.serving.site.page import Asked, MissingError, MovedError, Page
from dataset.serving.site.registry import NAVIGATION, PAGES

if TYPE_CHECKING:
    from datasette.app import Datasette  # type: ignore[import-untyped]

View = Callable[..., Awaitable[Response]]
ABOUT = {
    "title": TITLE,
    "claims": CLAIMS,
    "absent": ABSENT,
    "license": LICENSE,
}
"""What is said of the dataset on its pages."""

MISSING = "site/missing.html"
UNKEPT = {"Cache-Control": "no-store"}
KEPT = Kept()
PATIENCE = 12
"""A page that is made once for each dataset may take so many times as long as others: its disk may be cold."""


def routes() -> list[tuple[str, View]]:
    """The routes of all pages, as Datasette takes them from plugins."""
    found: list[tuple[str, View]] = []
    for page in PAGES:
        found.append((rf"{page.json_path or page.path + '.json'}$", _view(page, as_json=True)))
        found.append((rf"{page.path}$", _view(page, as_json=False)))
    return found


def links_of(datasette: Datasette) -> Links:
    """The addresses of all pages of this server."""
    return Links(lambda path: str(datasette.urls.path(path)), [page.name for page in PAGES])


def navigation(datasette: Datasette, present: str | None = None) -> list[tuple[str, str, bool]]:
    """The links at the head of a page: what each says, its address, and whether it is the `present` page's."""
    return [(each.label, str(datasette.urls.path(each.path)), present in each.pages) for each in NAVIGATION]


def sources(datasette: Datasette) -> Sequence[Source]:
    """The sites that the dataset was read from."""
    live = live_database(datasette)
    return live.snapshot.sources if live else ()


def _view(page: Page, *, as_json: bool) -> View:
    async def view(datasette: Datasette, request: Request) -> Response:
        return await _answer(datasette, request, page, as_json=as_json)

    return view


def _asked(request: Request, live: LiveDatabase) -> Asked:
    parts = {name: from_path(part) for name, part in request.url_vars.items() if part is not None}
    words = {name: tuple(request.args.getlist(name)) for name in request.args}
    return Asked(parts, words, live.file.parent)


def live_of(datasette: Datasette) -> LiveDatabase:
    """The dataset that is served. Raises `NotFound`."""
    live = live_database(datasette)
    if live is None:
        raise NotFound("There is no dataset here")
    return live


async def _answer(datasette: Datasette, request: Request, page: Page, *, as_json: bool) -> Response:
    live = live_of(datasette)
    await datasette.ensure_permissions(request.actor, [("view-database", live.name), "view-instance"])
    refuse_unknown(request, page.words)
    asked, tag = _asked(request, live), live.snapshot.content_tag

    limit = datasette.setting("sql_time_limit_ms")

    def make(con: sqlite3.Connection) -> tuple[Frame, Any]:
        def once() -> Any:
            with sqlite_timelimit(con, limit * PATIENCE):
                return page.make(con, Asked(asked.parts))

        with sqlite_timelimit(con, limit):
            frame = frame_of(con)
        try:
            if page.is_costly(asked):
                return frame, KEPT.get((tag, page.name, *sorted(asked.parts.items())), once)
            with sqlite_timelimit(con, limit):
                return frame, page.make(con, asked)
        except (MovedError, MissingError) as instead:
            return frame, instead

    try:
        frame, made = await live.execute_fn(make)
    except sqlite3.OperationalError as error:
        if "interrupt" not in str(error):
            raise
        raise DatasetteError(SLOW, title="This took too long", status=503) from error
    if isinstance(made, MovedError):
        path, own_words, words = made.path.partition("?")
        if not own_words:
            words = urlencode(asked.words, doseq=True)
        address = str(datasette.urls.path(path + (".json" if as_json else ""))) + (f"?{words}" if words else "")
        return Response.redirect(address, status=301 if made.for_good else 302)
    headers = {} if page.kept_by_caches else UNKEPT
    if as_json:
        return _json(made, headers)
    links = links_of(datasette)
    context = {
        "page": made,
        "page_name": page.name,
        "frame": frame,
        "links": links,
        "charts": charts,
        "differences_of": differences,
        "show": texts,
        "is_web_link": is_web_link,
        "asked": asked,
        "json_address": _beside(datasette, request, page),
    }
    template, status = (MISSING, 404) if isinstance(made, MissingError) else (page.template, 200)
    body = await datasette.render_template(template, context, request=request, view_name=page.name)
    return Response.html(body, status=status, headers=headers)


def _json(made: Any, headers: dict[str, str]) -> Response:
    if isinstance(made, MissingError):
        near = [{"path": each.path, "name": each.name} for each in made.near]
        return Response.json({"error": str(made), "near": near}, status=404)
    return Response.json(dataclasses.asdict(made), headers=headers)


def _beside(datasette: Datasette, request: Request, page: Page) -> str:
    """The address of a page's JSON."""
    path = page.json_path.replace("\\", "") if page.json_path else f"{_own_path(datasette, request)}.json"
    words = f"?{request.query_string}" if request.query_string else ""
    return str(datasette.urls.path(path)) + words


def _own_path(datasette: Datasette, request: Request) -> str:
    """The path that was asked for, without the prefix of the server, where a proxy left it on."""
    base = datasette.setting("base_url")
    path = str(request.path)
    return path if base == "/" or not path.startswith(base) else "/" + path.removeprefix(base)
