"""No build may silently lose captures: what the published dataset has, the next one has too, or it is not published.

An archive that is empty or lacks files mostly means a disk that is not mounted. Captures are compared by their ids,
not by where they lie: an archive that was packed anew under other file names has lost nothing.
"""

from __future__ import annotations

import sqlite3
from collections import Counter
from pathlib import Path

from dataset.building.known import read_only

NAMED = 10
"""How many files a message names."""


def lost_captures(published: Path, derived: sqlite3.Connection) -> Counter[str]:
    """How many captures of each archive file are in the dataset `published`, but not in `derived`.

    Empty where `published` is not there or can't be read: then nothing is known to be lost.
    """
    if not published.exists():
        return Counter()
    try:
        with read_only(published) as con:
            before = dict(con.execute("SELECT capture_id, coalesce(warc_file, '?') FROM captures"))
    except sqlite3.Error:
        return Counter()
    for (capture_id,) in derived.execute("SELECT capture_id FROM captures"):
        before.pop(capture_id, None)
    return Counter(before.values())


def words_of(lost: Counter[str], archive: Path) -> str:
    """In words, what was `lost` from the folder `archive`, with the names of files, and what to do."""
    named = [
        f"{name} ({count:,}{'' if (archive / name).is_file() else ', and the file is missing'})"
        for name, count in sorted(lost.items())[:NAMED]
    ]
    if len(lost) > NAMED:
        named.append(f"{len(lost) - NAMED:,} more files")
    return (
        f"{archive}: {lost.total():,} captures of the published dataset are no longer in the archive: those of "
        f"{', '.join(named)}. Is a disk not mounted? Bring the files back and build again, or publish without these "
        "captures with `verdictlog build --allow-loss`; the last good dataset is untouched"
    )
