"""What people see when something goes wrong: never a traceback, never a folder of this machine.

What an address asks for and SQLite or Datasette can't take is the visitor's mistake (400). Anything else is ours: the
page says no more than that (500), and the operator finds the rest in the log.
"""

from __future__ import annotations

import asyncio
import concurrent.futures
import errno
import json
import sqlite3
import traceback
import urllib.parse
from collections.abc import Awaitable, Callable, Collection
from pathlib import Path
from typing import TYPE_CHECKING, Any

import datasette as datasette_package  # type: ignore[import-untyped]
from datasette import hookimpl
from datasette.database import QueryInterrupted  # type: ignore[import-untyped]
from datasette.utils import InvalidSql  # type: ignore[import-untyped]
from datasette.utils.asgi import BadRequest, Base400, Request, Response  # type: ignore[import-untyped]
from datasette.views.base import DatasetteError  # type: ignore[import-untyped]

if TYPE_CHECKING:
    from datasette.app import Datasette  # type: ignore[import-untyped]

DATASETTE = Path(datasette_package.__file__).parent
STANDARD = frozenset(
    Path(str(module.__file__)).parent for module in (asyncio, concurrent.futures, json, urllib.parse, traceback)
)
"""Folders of Python's own library that Datasette hands what it reads, or through which it waits."""
SLOW = "It took longer than the server allows. Ask for less, or take the data and look there."
OURS = "This is a mistake in the server, not yours. Its log says more."
NOT_UNDERSTOOD = "The address asks for something in a way that can't be understood."
NOT_READ = (ValueError, ArithmeticError, LookupError, AssertionError, TypeError, AttributeError)
NO_SUCH_FILE = frozenset((errno.ENAMETOOLONG, errno.ENOENT, errno.ENOTDIR, errno.EINVAL, errno.ELOOP, errno.EILSEQ))


def refuse_unknown(request: Request, known: Collection[str]) -> None:
    """Refuse (400) what is asked with a word that is not `known`: an answer that ignores it answers something else."""
    unknown = sorted(set(request.args) - set(known))
    if unknown:
        names = ", ".join(f"“{name[:100]}”" for name in unknown[:5])
        choice = f"what it knows: {', '.join(known)}" if known else "it takes none"
        raise BadRequest(f"This page does not know the parameter {names}; {choice}.")


def _told(exception: Exception) -> tuple[int, str | None, str]:
    """Status, title and message of an answer."""
    if isinstance(exception, DatasetteError):  # 500 is its default, and meant for mistakes in an address
        return 400 if exception.status == 500 else exception.status, exception.title, str(exception.message)
    if isinstance(exception, Base400):
        return exception.status, None, str(exception.args[0] if exception.args else exception)
    if isinstance(exception, QueryInterrupted):
        return 503, "This took too long", SLOW
    if isinstance(exception, sqlite3.Error | sqlite3.Warning | InvalidSql):
        return 400, None, str(exception)
    if isinstance(exception, OSError) and exception.errno in NO_SUCH_FILE:
        return 404, None, "There is no such page"
    if isinstance(exception, NOT_READ) and _in_datasette(exception):
        return 400, None, NOT_UNDERSTOOD
    return 500, None, OURS


def _in_datasette(exception: Exception) -> bool:
    """Whether Datasette's own code stumbled, not ours or a plugin's: it reads numbers, keys and JSON unchecked."""
    files = [Path(frame.filename) for frame in reversed(traceback.extract_tb(exception.__traceback__))]
    return next((file.is_relative_to(DATASETTE) for file in files if file.parent not in STANDARD), False)


@hookimpl(tryfirst=True)  # type: ignore[untyped-decorator]
def handle_exception(datasette: Datasette, request: Request, exception: Exception) -> Callable[[], Awaitable[Response]]:
    """The page, or for programs the JSON, that says what went wrong."""

    async def answer() -> Response:
        status, title, message = _told(exception)
        if status == 500:
            traceback.print_exception(exception)
        headers = {"Retry-After": "10"} if status == 503 else {}
        if request.path.endswith((".json", ".jsono")):
            body: dict[str, Any] = {"ok": False, "error": message, "status": status, "title": title}
            if isinstance(exception, DatasetteError):
                body = {**exception.error_dict, **body}
            return Response.json(body, status=status, headers=headers)
        shown = {"status": status, "title": title, "error": message}
        page = await datasette.render_template(["error.html"], shown, request=request)
        return Response.html(page, status=status, headers=headers)

    return answer
