"""The Datasette plugin, found by its entry point: the site, and a dataset that is followed and guarded.

Wherever verdictlog is installed, Datasette that is given a dataset of ours shows the whole site, started by whichever
command. Other databases beside it stay as they are. Datasette's own ``units`` are not used: with them a filter such as
``panel_ship_pct__in=50,75`` ends in an error page, because every filter value is first read as a physical quantity.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Awaitable, Callable
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, quote, unquote

from click import ClickException
from datasette import hookimpl  # type: ignore[import-untyped]
from datasette.plugins import pm  # type: ignore[import-untyped]
from datasette.utils import tilde_decode, tilde_encode  # type: ignore[import-untyped]
from datasette.utils.asgi import NotFound, Request, Response  # type: ignore[import-untyped]
from markupsafe import Markup, escape

from dataset.asking.lookup import NoSuchListingError, tool_by_id
from dataset.asking.reading_changes import Wanted
from dataset.exports.datapackage import Facts
from dataset.exports.whole import for_people
from dataset.place import DATABASE
from dataset.queries.canned import QUERIES
from dataset.schema.ddl import APPLICATION_ID
from dataset.schema.tables import SCHEMA_VERSION, TABLES, VIEWS, Table, View
from dataset.serving.errors import handle_exception, refuse_unknown
from dataset.serving.limits import guard
from dataset.serving.live import LiveDatabase, live_database
from dataset.serving.paging import filters_from_request
from dataset.serving.site import texts, web
from dataset.serving.site.links import in_path
from dataset.serving.site.raw import PATH, raw
from dataset.serving.snapshot import SnapshotError
from dataset.serving.table_body import body_of_query, body_of_table
from dataset.serving.web_about import data_block, json_ld
from dataset.serving.web_exports import FORMATS, described, export, export_path, formats
from dataset.serving.web_headers import is_known, robots_txt, with_headers
from dataset.serving.web_types import AsgiApp, Message, Receive, Send
from dataset.telling.feeds import CONTENT_TYPE, FLIPS, feed_of

if TYPE_CHECKING:
    from datasette.app import Datasette  # type: ignore[import-untyped]
    from jinja2 import Environment

__all__ = ["filters_from_request", "handle_exception"]
"""The hooks that other modules have: Datasette looks for them here."""

CHUNK = 256 * 1024
"""Bytes sent at a time when the dataset is downloaded."""

OUR_TEMPLATES = frozenset({"database.html", "index.html", "row.html", "table.html"})
"""The templates that show what `extra_template_vars` gives."""

RELATIONS: tuple[Table | View, ...] = (*TABLES, *VIEWS)

PERCENT_COLUMNS = frozenset(column.name for relation in RELATIONS for column in relation.columns if column.unit == "%")
"""Columns that hold percentages; one name means one thing in all tables and queries."""

REFERENCES = {
    (relation.name, column.name): column.references.partition(".")[0]
    for relation in RELATIONS
    for column in relation.columns
    if column.references
}
"""The table that a column points into."""

QUERY_REFERENCES = {
    "listing_id": "listings",
    "other_listing_id": "listings",
    "review_id": "reviews",
    "persona": "personas",
    "capture_id": "captures",
    "first_capture_id": "captures",
    "last_capture_id": "captures",
}
"""The same for the columns of canned queries and of people's own SQL."""

PAGES_OF = {"captures": "evidence", "personas": "persona"}
"""Tables whose rows have a page of ours that says more: what stands in its address before the id."""


OWN_SQL = frozenset(("sql", "_where"))
"""The words of an address that bring SQL of people's own."""

STORES_OF_SEARCH = ("_fts_data", "_fts_idx", "_fts_docsize", "_fts_config", "_fts_content")
"""How tables of the full-text indexes end that nobody but SQLite can read."""


@hookimpl  # type: ignore[untyped-decorator]
def startup(datasette: Datasette) -> None:
    """Put a database that follows its file in the place of Datasette's own, where that is a dataset of ours."""
    # All handlers are run, though the first one answers, and this one prints pages of local variables for every 404.
    if pm.has_plugin("datasette.handle_exception"):
        pm.unregister(name="datasette.handle_exception")
    found = datasette.databases.get(DATABASE)
    if found is None or found.path is None or isinstance(found, LiveDatabase):
        return
    try:
        live = LiveDatabase(datasette, Path(found.path), check=_check_version)
    except SnapshotError as error:
        raise ClickException(str(error)) from error  # `datasette` prints it as its own
    datasette.remove_database(DATABASE)
    datasette.add_database(live, name=DATABASE)


def _is_ours(connection: sqlite3.Connection) -> bool:
    return bool(connection.execute("PRAGMA application_id").fetchone()[0] == APPLICATION_ID)


def _check_version(connection: sqlite3.Connection) -> None:
    if not _is_ours(connection):
        raise SnapshotError("not a dataset of verdictlog; run `verdictlog build` to make one.")
    version = connection.execute("PRAGMA user_version").fetchone()[0]
    if version != SCHEMA_VERSION:
        raise SnapshotError(
            f"has schema version {version}, this program reads version {SCHEMA_VERSION}; "
            "run `verdictlog build` to make it anew."
        )


@hookimpl(trylast=True)  # type: ignore[untyped-decorator]
def prepare_connection(conn: sqlite3.Connection, database: str) -> None:
    """Hold connections to our dataset to reading; last, so that other plugins have done what they do to it."""
    if database == DATABASE and _is_ours(conn):
        guard(conn)


@hookimpl  # type: ignore[untyped-decorator]
def permission_allowed(action: str, resource: Any) -> bool | None:
    """Nobody gets pages of the tables in which SQLite keeps a full-text index."""
    if action == "view-table" and resource[0] == DATABASE and resource[1].endswith(STORES_OF_SEARCH):
        return False
    return None


def _shown(value: Any) -> Any:
    """What a template puts into a page: characters that steer are made visible in all texts but those `as_typed`."""
    return texts.text(value.replace("\r\n", "\n")) if type(value) is str else value


@hookimpl  # type: ignore[untyped-decorator]
def prepare_jinja2_environment(env: Environment, datasette: Datasette) -> None:
    """What all templates have, also those for errors: `site_links(present)`, `about`, `sources()`, the filters."""
    env.globals["site_links"] = partial(web.navigation, datasette)
    env.globals["about"] = web.ABOUT
    env.globals["sources"] = partial(web.sources, datasette)
    env.filters.update(in_path=in_path, plainly=texts.plainly, body_of_table=body_of_table, body_of_query=body_of_query)
    env.filters["as_typed"] = escape
    env.finalize = _shown


@hookimpl  # type: ignore[untyped-decorator]
def asgi_wrapper(datasette: Datasette) -> Callable[[AsgiApp], AsgiApp]:
    """Hold one snapshot of the dataset for the whole of each request, and see to the headers of each answer."""

    def wrap(app: AsgiApp) -> AsgiApp:
        made: list[AsgiApp] = []

        async def with_snapshot(scope: Message, receive: Receive, send: Send) -> None:
            live = live_database(datasette)
            if scope["type"] != "http" or live is None:
                await app(scope, receive, send)
                return
            if not made:  # not before: Datasette wraps its own client when it has no databases yet
                made.append(with_headers(datasette, app, live))
            words = parse_qs(scope["query_string"].decode("latin-1"), keep_blank_values=True)
            own_sql = not OWN_SQL.isdisjoint(words)
            async with live.request(own_sql=own_sql):
                await made[0](scope, receive, send)

        return with_snapshot

    return wrap


@hookimpl  # type: ignore[untyped-decorator]
def extra_template_vars(
    datasette: Datasette, template: str, request: Request | None
) -> Callable[[], Awaitable[dict[str, Any]]]:
    """`contents`: what the dataset holds, in the order in which it should be met, for our templates.

    Also `exports`, the addresses of all of a table by its name, and on the home page `json_ld`.
    """
    exports = {
        each.name: {form: datasette.urls.path(export_path(each.name, form)) for form in formats()}
        for each in for_people()
    }

    def absolute(request: Request) -> Callable[[str], str]:
        return lambda path: str(datasette.absolute_url(request, datasette.urls.path(path)))

    async def contents() -> dict[str, Any]:
        live = live_database(datasette)
        if live is None or template not in OUR_TEMPLATES:
            return {}
        told: dict[str, Any] = {"exports": exports}
        if template == "table.html":
            return told
        if template == "index.html" and request is not None:
            facts = await live.execute_fn(Facts.of)
            told["json_ld"] = data_block(json_ld(facts, absolute(request)))
        counts = live.snapshot.counts
        newest = await live.execute("SELECT max(captured_at) FROM captures")
        return told | {
            "contents": {
                "database": live.name,
                "newest_capture": newest.single_value(),
                "tables": [
                    {
                        "name": t.name,
                        "description": t.description,
                        "count": counts[t.name],
                    }
                    for t in TABLES
                    if t.name in counts
                ],
                "views": [{"name": view.name, "description": view.description} for view in VIEWS],
                "queries": [{"name": query.name, "params": query.params, **query.as_metadata()} for query in QUERIES],
            }
        }

    return contents


@hookimpl  # type: ignore[untyped-decorator]
def register_routes() -> list[tuple[str, Callable[..., Awaitable[Response | None]]]]:
    """The pages of the site and their JSON, the bytes of captures, feeds, exports, and the download of the dataset.

    The download goes through the snapshot, not through the path.
    """
    return [
        *web.routes(),
        (PATH, raw),
        (r"/(?P<database>[^\/\.]+)\.db$", download),
        (r"/-/feeds/(?P<feed>changes|flips)\.atom$", feed),
        (r"/-/feeds/tool/(?P<tool>[^/]+)\.atom$", feed),
        (r"/-/export/datapackage\.json$", description),
        (rf"/-/export/(?P<table>[^/.]+)\.(?P<form>{'|'.join(FORMATS)})$", whole_table),
        (r"/robots\.txt$", robots),
        (r"/-/threads(\.json)?$", threads),
    ]


async def whole_table(datasette: Datasette, request: Request, receive: Receive, send: Send) -> Response | None:
    """All of one table or view."""
    return await export(datasette, request, receive, send, _served(datasette))


async def description(datasette: Datasette, request: Request) -> Response:
    """The description of all exports for programs."""
    return await described(datasette, request, _served(datasette))


async def robots(datasette: Datasette) -> Response:
    """What the operator lets search engines see."""
    return Response.text(robots_txt(datasette))


async def threads() -> Response:
    """Datasette would show everybody where on this machine the code lies that runs just now."""
    raise NotFound("What this machine does is not told")


def _served(datasette: Datasette) -> LiveDatabase:
    live = live_database(datasette)
    if live is None:
        raise NotFound("There is no dataset here")
    return live


async def feed(datasette: Datasette, request: Request) -> Response:
    """An Atom feed of changes: all, verdicts that flipped, or those of one tool's listings.

    A tool is asked for by its id, and any other id leads there: for now, since two that are taken for one may be told
    apart again, and who follows one must not end up with the other. A name stays as it is: it may mean several.
    """
    live = _served(datasette)
    await datasette.ensure_permissions(request.actor, [("view-database", live.name), "view-instance"])
    refuse_unknown(request, ())
    kinds = FLIPS if request.url_vars.get("feed") == "flips" else ()
    tool = unquote(request.url_vars["tool"]) if "tool" in request.url_vars else None
    address = datasette.absolute_url(request, datasette.urls.path(request.path))

    def make(con: sqlite3.Connection) -> bytes | str:
        own = None if tool is None else tool_by_id(con, tool)
        if own not in (None, tool):
            return f"/-/feeds/tool/{quote(str(own), safe='')}.atom"
        return feed_of(con, Wanted(kinds=kinds), tools=[] if tool is None else [tool], address=address)

    try:
        body = await live.execute_fn(make)
    except NoSuchListingError as error:
        raise NotFound(str(error)) from error
    if isinstance(body, str):
        return Response.redirect(datasette.urls.path(body), status=302)
    etag = f'"{sha256(body).hexdigest()[:32]}"'
    if is_known(request.headers.get("if-none-match"), etag):
        return Response("", status=304, headers={"ETag": etag})
    return Response(body, headers={"ETag": etag}, content_type=CONTENT_TYPE)


async def download(datasette: Datasette, request: Request, send: Send) -> Response | None:
    """Send the file of the present snapshot; 304 where the client has it already."""
    name = tilde_decode(request.url_vars["database"])
    live = live_database(datasette)
    if live is None or live.route != name:
        raise NotFound("Database not found")
    await datasette.ensure_permissions(
        request.actor,
        [("view-database-download", name), ("view-database", name), "view-instance"],
    )
    snapshot = live.snapshot
    etag = '"{:x}-{:x}-{:x}"'.format(*snapshot.identity[1:])
    if is_known(request.headers.get("if-none-match"), etag):
        return Response("", status=304, headers={"ETag": etag})
    headers = {
        "Content-Type": "application/octet-stream",
        "Content-Length": str(snapshot.identity.size),
        "Content-Disposition": f'attachment; filename="{name}.db"',
        "ETag": etag,
    }
    raw = [(key.lower().encode(), value.encode()) for key, value in headers.items()]
    await send({"type": "http.response.start", "status": 200, "headers": raw})
    offset = 0
    while request.method != "HEAD" and offset < snapshot.identity.size:
        chunk = await asyncio.to_thread(snapshot.read, offset, CHUNK)
        if not chunk:  # shorter than it was: end the answer, the client sees that it is torn
            break
        offset += len(chunk)
        await send({"type": "http.response.body", "body": chunk, "more_body": True})
    await send({"type": "http.response.body", "body": b""})
    return None


@hookimpl  # type: ignore[untyped-decorator]
def render_cell(value: Any, column: str, table: str | None, database: str, datasette: Datasette) -> Markup | None:
    """A percentage with its sign, an id as a link to its row or page.

    All else is as Datasette has it: text is escaped, and only http(s) urls become links.
    """
    # Called for each cell, so what rules out the most comes first.
    is_percentage = column in PERCENT_COLUMNS and isinstance(value, int | float)
    target = REFERENCES.get((table, column)) if table else QUERY_REFERENCES.get(column)
    if (not is_percentage and target is None) or live_database(datasette) is None:
        return None
    if is_percentage:
        return Markup(f"{value:g}&nbsp;%")  # noqa: S704  (a number, nothing else)
    if target in PAGES_OF:
        # Of a declared reference, Datasette has read the label as well.
        key, label = (value["value"], value["label"]) if isinstance(value, dict) else (value, value)
        if isinstance(key, str):
            page = datasette.urls.path(f"/{PAGES_OF[target]}/{tilde_encode(key)}")
            return Markup('<a href="{}">{}</a>').format(page, label)
    elif isinstance(value, str):
        return Markup('<a href="{}">{}</a>').format(datasette.urls.row(database, target, tilde_encode(value)), value)
    return None
