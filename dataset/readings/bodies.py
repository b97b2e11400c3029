"""Whether a stored body came to its end. Pure: no database, no clock."""

from __future__ import annotations

import re

from crawler.archive import StoredRecord


def cut_because(record: StoredRecord, payload: bytes) -> str | None:
    """In words, how it is known that `payload` is only the beginning of the answer's body; None where it isn't known.

    What a transfer encoding adds is not counted in Content-Length, so that header says nothing beside one. A body that
    is longer than stated was unpacked by the tool that stored it, and is whole.
    """
    # Not every version of the archive's reader tells what WARC-Truncated says.
    reason: str | None = getattr(record, "truncated", None)
    if reason:
        return f"it was cut off when it was captured ({reason[:40]})"
    headers: dict[str, str] = {}
    for name, value in record.http_headers:
        headers.setdefault(name.lower(), value.strip())
    stated = headers.get("content-length", "")
    if record.http_status is None or "transfer-encoding" in headers or not re.fullmatch(r"[0-9]{1,15}", stated):
        return None
    return f"{len(payload):,} of {int(stated):,} bytes came" if len(payload) < int(stated) else None
