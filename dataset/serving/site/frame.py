"""What stands around every page: how fresh the dataset is."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass

from dataset.serving.site.reading import value


@dataclass(frozen=True, slots=True)
class Frame:
    """`newest_capture`: when the newest page was taken (UTC); `input_digest`: what tells this content from others."""

    newest_capture: str | None
    input_digest: str | None


def frame_of(con: sqlite3.Connection) -> Frame:
    """The frame of every page of this dataset."""
    return Frame(
        newest_capture=value(con, "SELECT max(captured_at) FROM captures"),
        input_digest=value(con, "SELECT value FROM dataset_info WHERE key = 'input_digest'"),
    )
