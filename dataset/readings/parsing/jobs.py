"""Captures as they are handed to whoever reads them: in pieces of the archive, in its order."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from crawler.archive import StoredRecord
from dataset.readings.observe import Observed, Reader, observe

Job = tuple[StoredRecord, bytes]
"""One capture to be read: its record, and its payload as stored."""

CHUNK_BYTES = 2 << 20
CHUNK_RECORDS = 50
"""How much is handed to a worker at a time: whichever is reached first."""


def chunks(jobs: Iterable[Job]) -> Iterator[list[Job]]:
    """`jobs` in pieces that are worth the sending, in order."""
    chunk: list[Job] = []
    size = 0
    for record, payload in jobs:
        chunk.append((record, payload))
        size += len(payload)
        if size >= CHUNK_BYTES or len(chunk) >= CHUNK_RECORDS:
            yield chunk
            chunk, size = [], 0
    if chunk:
        yield chunk


def observe_all(jobs: Iterable[Job], read: Reader, parser_version: str) -> list[Observed]:
    """What each of `jobs` gives, in order: what a worker does, in whichever process it lives."""
    return [observe(record, payload, read, parser_version) for record, payload in jobs]
