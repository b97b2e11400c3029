"""Datasette's CSV of tables and queries, with cells that no spreadsheet runs: the rule of `dataset.exports.whole`.

CSV does not say which cells are texts, so what reads as a number stays as it is, and so does an empty cell. With
``?_raw=1`` all stay.
"""

from __future__ import annotations

import codecs
import csv
import io
import re
import sys

from dataset.exports.whole import guarded
from dataset.serving.web_types import Message, Send

_NUMBER = re.compile(r"[-+]?(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?\Z", re.ASCII | re.IGNORECASE)

csv.field_size_limit(sys.maxsize)  # a cell may be as long as a value of the dataset


def _cell(text: str) -> str:
    return text if not text or _NUMBER.match(text) else str(guarded(text))


def _rows(text: str) -> bytes:
    out = io.StringIO(newline="")
    csv.writer(out).writerows([_cell(cell) for cell in row] for row in csv.reader(io.StringIO(text, newline="")))
    return out.getvalue().encode()


def with_safe_cells(send: Send) -> Send:
    """`send` for an answer in CSV: each row as soon as it is whole."""
    decoder = codecs.getincrementaldecoder("utf-8")("replace")
    held, is_csv = "", False

    async def send_safe(message: Message) -> None:
        nonlocal held, is_csv
        if message["type"] == "http.response.start":
            kinds = [value for name, value in message.get("headers", ()) if name.lower() == b"content-type"]
            is_csv = message["status"] == 200 and any(not kind.startswith(b"text/html") for kind in kinds)
        elif is_csv and message["type"] == "http.response.body":
            more = message.get("more_body", False)
            held += decoder.decode(message.get("body", b""), final=not more)
            whole = not more or (held.endswith("\n") and held.count('"') % 2 == 0)
            message = {**message, "body": _rows(held) if whole else b""}
            held = "" if whole else held
        await send(message)

    return send_safe
