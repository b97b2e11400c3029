"""Whole tables and views from the server: ``/-/export/<table>.csv``, ``.json``, ``.jsonl``, and their description.

Also ``.parquet``, where polars is installed; where it isn't, 404 says so, and no page links there.

Nothing stops at 1,000 rows. Rows are read as the client takes them, from the one snapshot that the request began with;
a slow client holds a connection of its own and no thread. There are `dataset.serving.live.SPARE` such connections: who
comes when all are lent is asked to come back. A client that takes nothing for `STALL` seconds is left.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import sqlite3
from collections.abc import Generator
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

from datasette.utils.asgi import NotFound, Request, Response  # type: ignore[import-untyped]

from dataset.exports.datapackage import Facts, package, resource
from dataset.exports.parquet import MISSING, can_write_parquet, parquet_pieces
from dataset.exports.whole import MEDIA_TYPES, NoSuchTableError, Relation, batches, for_people, relation, writer_of
from dataset.serving.errors import refuse_unknown
from dataset.serving.live import LiveDatabase
from dataset.serving.web_headers import entity_tag, is_known
from dataset.serving.web_types import Receive, Send

if TYPE_CHECKING:
    from datasette.app import Datasette  # type: ignore[import-untyped]

STALL = 60.0
COME_BACK = 10
"""Seconds after which to ask again."""

PARQUET = "parquet"
FORMATS = ("csv", "json", "jsonl", PARQUET)
"""The formats that there are an address for."""


def formats() -> tuple[str, ...]:
    """The formats that this server can give."""
    return FORMATS if can_write_parquet() else tuple(each for each in FORMATS if each != PARQUET)


def export_path(name: str, form: str) -> str:
    """Where the server has the table or view `name` in the format `form`, below its base."""
    return f"/-/export/{name}.{form}"


async def export(
    datasette: Datasette, request: Request, receive: Receive, send: Send, live: LiveDatabase
) -> Response | None:
    """All of one table or view; ``?_raw=1`` leaves cells of CSV as they are. 404 for what there is not."""
    name, form = request.url_vars["table"], request.url_vars["form"]
    try:
        of = relation(name)
    except NoSuchTableError as error:
        raise NotFound(str(error)) from error
    await datasette.ensure_permissions(
        request.actor, [("view-table", (live.name, name)), ("view-database", live.name), "view-instance"]
    )
    if form not in formats():
        raise NotFound(MISSING)
    refuse_unknown(request, ("_raw",))
    raw = request.args.get("_raw") == "1"
    writer = (version("polars"),) if form == PARQUET else ()
    tag = entity_tag(datasette, live.snapshot.content_tag, name, form, str(raw), *writer)
    headers = {"ETag": tag, "Cache-Control": "no-cache"}
    if is_known(request.headers.get("if-none-match"), tag):
        return Response("", status=304, headers=headers)
    headers |= {
        "Content-Type": MEDIA_TYPES[form] + ("" if form == PARQUET else "; charset=utf-8"),
        "Content-Disposition": f'attachment; filename="{name}.{form}"',
    }
    start = [(key.lower().encode(), value.encode()) for key, value in headers.items()]
    if request.method == "HEAD":
        await send({"type": "http.response.start", "status": 200, "headers": start})
        await send({"type": "http.response.body", "body": b""})
        return None
    connection = live.snapshot.borrow()
    if connection is None:
        return Response(
            "All connections for exports are lent; come back in a moment.\n",
            status=503,
            headers={"Retry-After": str(COME_BACK), "Cache-Control": "no-store"},
        )
    try:
        await send({"type": "http.response.start", "status": 200, "headers": start})
        if await _stream(connection, of, form, raw=raw, receive=receive, send=send):
            await send({"type": "http.response.body", "body": b""})
    finally:
        live.snapshot.give_back(connection)
    return None


async def _stream(
    connection: sqlite3.Connection, of: Relation, form: str, *, raw: bool, receive: Receive, send: Send
) -> bool:
    """Send all pieces; False where the client went away. An answer without its end shows that it is torn."""
    pieces = _pieces(connection, of, form, raw=raw)
    loop = asyncio.get_running_loop()
    gone = asyncio.ensure_future(_disconnected(receive))
    step: asyncio.Future[bytes | None] | None = None
    try:
        while True:
            step = loop.run_in_executor(None, next, pieces, None)
            first: set[asyncio.Future[Any]] = {step, gone}
            await asyncio.wait(first, return_when=asyncio.FIRST_COMPLETED)
            if gone.done():
                return False
            piece = step.result()
            if piece is None:
                return True
            async with asyncio.timeout(STALL):
                await send({"type": "http.response.body", "body": piece, "more_body": True})
    except TimeoutError:
        return False
    finally:
        gone.cancel()
        if step is not None and not step.done():  # the connection goes back only when no thread is at work on it
            connection.interrupt()
            with contextlib.suppress(sqlite3.OperationalError):
                await step
        await loop.run_in_executor(None, pieces.close)


def _pieces(connection: sqlite3.Connection, of: Relation, form: str, *, raw: bool) -> Generator[bytes, None, None]:
    if form == PARQUET:
        yield from parquet_pieces(connection, of)
    else:
        with contextlib.closing(batches(connection, of)) as rows:
            yield from writer_of(form, raw=raw)(of, rows)


async def _disconnected(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def described(datasette: Datasette, request: Request, live: LiveDatabase) -> Response:
    """The ``datapackage.json`` of the CSV exports: every table and view for people, with types, keys and rights."""
    await datasette.ensure_permissions(request.actor, [("view-database", live.name), "view-instance"])
    tag = entity_tag(datasette, live.snapshot.content_tag, "datapackage")
    headers = {"ETag": tag, "Cache-Control": "no-cache"}
    if is_known(request.headers.get("if-none-match"), tag):
        return Response("", status=304, headers=headers)
    together = [each.name for each in for_people()]
    files = [resource(each, "csv", together) for each in for_people()]
    body = json.dumps(package(await live.execute_fn(Facts.of), files), ensure_ascii=False, indent=1)
    return Response(f"{body}\n", headers=headers, content_type="application/json; charset=utf-8")
