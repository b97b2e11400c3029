"""Tables page by page give every row once: the order of Datasette's pages is made whole.

Datasette 0.65.5 orders the first page of a sorted table by the sort column alone and the later ones by sort column and
key, and views by the sort column alone. Among rows that tie, each page then has an order of its own: some rows are lost
and others come twice. Here every such order ends with the key, or in a view, which has none, with all columns. It is
done where the SQL of a table's page is run, so it holds for HTML, JSON and CSV, for all rows, and under filters. A view
that nobody sorts keeps its own order, which is whole.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from contextvars import ContextVar
from typing import TYPE_CHECKING, NamedTuple

from datasette import hookimpl  # type: ignore[import-untyped]
from datasette.utils import escape_sqlite  # type: ignore[import-untyped]

if TYPE_CHECKING:
    from datasette.app import Datasette  # type: ignore[import-untyped]

_END = re.compile(r" order by (?P<order>(?:\[[^\]]*\]|\"[^\"]*\"|\w+)(?: desc)?) limit \d+(?: offset \d+)?\Z")


class _Page(NamedTuple):
    start: str
    keys: str


_page: ContextVar[_Page | None] = ContextVar("page", default=None)
"""The page of a table that the present request is about to read."""


@hookimpl  # type: ignore[untyped-decorator]
def filters_from_request(datasette: Datasette, database: str, table: str) -> Callable[[], Awaitable[None]]:
    """Datasette asks for filters before it reads a page of a table: none, but note what its order has to end with."""

    async def note() -> None:
        db = datasette.get_database(database)
        keys = await db.primary_keys(table)
        if not keys:
            keys = await db.table_columns(table) if await db.get_view_definition(table) else ["rowid"]
        _page.set(_Page(f" from {escape_sqlite(table)} ", ", ".join(escape_sqlite(key) for key in keys)))

    return note


def in_whole_order(sql: str) -> str:
    """The `sql` with its order made whole, if it is that of the page that is about to be read."""
    page = _page.get()
    if page is None or page.start not in sql:
        return sql
    end = _END.search(sql)
    if end is None:
        return sql
    _page.set(None)
    return f"{sql[: end.end('order')]}, {page.keys}{sql[end.end('order') :]}"
