"""Summarises a data folder: archive, dataset, newest capture, last run, open problems. Never writes."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from crawler.archive import ARCHIVE, Archive
from dataset.building.info import COUNTED
from dataset.building.known import known_of, read_only, row_counts
from dataset.building.lock import archive_in_use
from dataset.place import dataset_path
from dataset.readings.runs import DIED
from dataset.telling.told import last_run

FIRST_PROBLEMS = 5
"""How many open problems of each severity are listed."""

SEVERITIES = ("error", "warning", "info")


def status(data: Path) -> dict[str, Any]:
    """Return the state of the data folder `data`, as values that can be written as JSON.

    ``dataset`` is None if there is none yet; if it can't be read, ``dataset["unreadable"]`` says why. ``scheduled`` is
    the last ``verdictlog run``, or None. ``archive["unbuilt_bytes"]`` is what was added to the archive since the last
    build. Raises `ArchiveError` if the archive can't be read.
    """
    archive = Archive(data / ARCHIVE)
    sizes = {name: (archive.folder / name).stat().st_size for name in archive.files()}
    found: dict[str, Any] = {
        "folder": str(data),
        "archive": {"files": len(sizes), "bytes": sum(sizes.values()), "unbuilt_bytes": sum(sizes.values())},
        "scheduled": last_run(data),
        "dataset": None,
    }
    database = dataset_path(data)
    if not database.exists():
        return found
    try:
        with read_only(database) as con:
            known = known_of(con)
            con.row_factory = sqlite3.Row
            found["dataset"] = _dataset(con, known.facts)
    except sqlite3.Error as error:
        found["dataset"] = {"unreadable": f"{database}: {error}. Run `verdictlog build` to rebuild it"}
        return found
    run = found["dataset"]["last_run"]
    if run is not None and run["outcome"] == DIED and archive_in_use(archive.folder):
        run["outcome"] = "running"  # its end record is still to come
    unbuilt = sum(max(0, size - known.read_to.get(name, 0)) for name, size in sizes.items())
    found["archive"]["unbuilt_bytes"] = unbuilt
    return found


def _dataset(con: sqlite3.Connection, facts: Mapping[str, str | None]) -> dict[str, Any]:
    captures: dict[str, dict[str, int]] = {}
    for row in con.execute(
        "SELECT kind, parse_status, count(*) AS count FROM captures GROUP BY kind, parse_status ORDER BY 1, 2"
    ):
        captures.setdefault(row["kind"], {})[row["parse_status"]] = row["count"]
    last_run = con.execute(
        "SELECT run_id, command, source, started_at, finished_at, outcome, reason FROM runs "
        "ORDER BY started_at DESC, run_id DESC LIMIT 1"
    ).fetchone()
    return {
        "schema_version": facts.get("schema_version"),
        "parser_version": facts.get("parser_version"),
        "rules_version": facts.get("rules_version"),
        "input_digest": facts.get("input_digest"),
        "rows": row_counts(con, facts, COUNTED),
        "captures": captures,
        "newest_capture": facts.get("newest_capture"),
        "last_run": None if last_run is None else dict(last_run),
        "problems": {severity: _problems(con, severity) for severity in SEVERITIES},
    }


def _problems(con: sqlite3.Connection, severity: str) -> dict[str, Any]:
    [[count]] = con.execute("SELECT count(*) FROM problems WHERE severity = ?", (severity,))
    first = con.execute(
        "SELECT code, url, path, message, occurrences, first_seen FROM problems WHERE severity = ? "
        "ORDER BY occurrences DESC, code, subject LIMIT ?",
        (severity, FIRST_PROBLEMS),
    )
    return {"count": count, "first": [dict(row) for row in first]}
