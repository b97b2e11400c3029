"""The bytes of a capture as they are stored, to be downloaded: never shown, never run."""

from __future__ import annotations

import asyncio
import sqlite3
from typing import TYPE_CHECKING, NamedTuple

from datasette.utils.asgi import NotFound, Request, Response  # type: ignore[import-untyped]
from datasette.views.base import DatasetteError  # type: ignore[import-untyped]

from crawler.archive import ARCHIVE, Archive
from dataset.asking.evidence import ArchiveError
from dataset.readings.observe import BODY_LIMIT
from dataset.serving.site.captured import NOT_HERE, UNREADABLE, has_archive
from dataset.serving.site.evidence import facts_of
from dataset.serving.site.links import from_path
from dataset.serving.site.web import live_of

if TYPE_CHECKING:
    from datasette.app import Datasette  # type: ignore[import-untyped]

PATH = r"/evidence/(?P<capture>[^/]+)/raw$"
TOO_LARGE = "The capture is too large to be sent from here; it lies whole in the archive."
ONLY_BYTES = "sandbox; default-src 'none'; frame-ancestors 'none'"
"""The policy of raw bytes: whatever a browser takes them for, nothing in them runs or loads."""


class _Place(NamedTuple):
    file: str
    offset: int
    size: int


async def raw(datasette: Datasette, request: Request) -> Response:
    """The stored bytes of a capture: the body of the answer as it came, with its content encoding."""
    live = live_of(datasette)
    await datasette.ensure_permissions(request.actor, [("view-database", live.name), "view-instance"])
    capture_id = from_path(request.url_vars["capture"])

    def find(con: sqlite3.Connection) -> _Place | None:
        capture = facts_of(con, capture_id)
        if capture is not None and capture.revisit_of is not None:
            capture = facts_of(con, capture.revisit_of)
        return None if capture is None else _Place(capture.warc_file, capture.warc_offset, capture.bytes)

    place = await live.execute_fn(find)
    if place is None:
        raise NotFound("No capture of this dataset has this id")
    folder = live.file.parent
    if not has_archive(folder, place.file):
        raise NotFound(NOT_HERE)
    if place.size > BODY_LIMIT:
        raise DatasetteError(TOO_LARGE, title="Too large", status=403)
    try:
        _, body = await asyncio.to_thread(Archive(folder / ARCHIVE).read, place.file, place.offset)
    except ArchiveError as error:
        raise NotFound(UNREADABLE) from error
    name = "".join(sign for sign in capture_id if sign.isascii() and sign.isalnum())
    headers = {
        "Content-Disposition": f'attachment; filename="capture-{name}.bin"',
        "Content-Security-Policy": ONLY_BYTES,
        "Cache-Control": "no-store",
    }
    return Response(body, headers=headers, content_type="application/octet-stream")
