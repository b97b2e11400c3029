"""The rows of `runs`: what a run's own records report, filled up with what the archive shows of it.

A run that died left no end record, so what it did is counted from the records that it left; where an end record counts
otherwise than the archive holds, that is a problem.
"""

from __future__ import annotations

import json
import sqlite3
from collections import Counter, defaultdict
from collections.abc import Mapping
from typing import Any

from dataset.folding.fold_reviews import Problem
from dataset.readings.runs import Runs, reported_counts
from dataset.schema.upkeep import COUNTED as COUNTED_COLUMNS
from dataset.tables.problem_rows import Problems

Row = dict[str, Any]

COUNTED = tuple(column.name for column in COUNTED_COLUMNS)
COMPARED = tuple(name for name in COUNTED if name == "requests" or name.startswith("responses_"))
"""What an end record must count as the archive does. Bytes may be counted in transit, pages by another parser."""

OTHERS = """
SELECT o.kind, o.run_id, o.payload FROM cache.others o JOIN json_each(:ends) f ON f.key = o.file AND o.offset < f.value
 ORDER BY o.file, o.offset
"""
CAPTURED = """
SELECT c.run_id, c.http_status, c.parse_status, count(*), sum(c.bytes)
  FROM cache.captures c JOIN json_each(:ends) f ON f.key = c.file AND c.offset < f.value
 WHERE c.reader = :reader AND c.run_id IS NOT NULL GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
"""


def run_rows(con: sqlite3.Connection, reader: str, ends: Mapping[str, int], problems: Problems) -> list[Row]:
    """A row for every run that is named anywhere, with what is wrong with them in `problems`."""
    within = {"reader": reader, "ends": json.dumps(ends)}
    runs = Runs()
    held: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for kind, run_id, payload in con.execute(OTHERS, within):
        if kind == "warcinfo":
            runs.start(payload)
        elif kind == "metadata":
            runs.end(payload)
        if run_id is not None:
            held[run_id]["requests"] += kind == "request"
    for run_id, status, parsed, count, size in con.execute(CAPTURED, within):
        held[run_id].update(_counts(status, parsed, count, size))
    runs.mention(held)
    runs.mention([row["continues"] for row in runs.rows.values() if row.get("continues")])
    rows = {run_id: runs.row_of(run_id) for run_id in sorted(runs.rows)}
    for run_id, row in rows.items():
        reported, shown = reported_counts(row), held.get(run_id)
        counted = {name: None if shown is None else shown[name] for name in COUNTED}
        row.update(reported | {name: count for name, count in counted.items() if reported[name] is None})
        if shown is not None:
            problems.add(f"counts:{run_id}", _contradiction(row, reported, shown))
    superseded = _superseded(rows.values())
    for run_id, found in sorted(runs.problems.items()):
        # What an earlier crawl of a site could not do says nothing any more once a later one has ended.
        problems.add(f"run:{run_id}", [] if run_id in superseded else found)
    return list(rows.values())


def _counts(status: int | None, parsed: str, count: int, size: int) -> dict[str, int]:
    """What so many captures, which answered with `status`, add to the counts of their run."""
    found = {"bytes": size}
    name = None if status is None else count_of_status(status)
    if name is not None:
        found[name] = count
    if parsed != "ignored":
        found["pages_failed" if parsed == "failed" else "pages_parsed"] = count
    return found


def count_of_status(status: int) -> str | None:
    """The counter of answers with `status`, if there is one."""
    if status in (200, 304):
        return f"responses_{status}"
    return f"responses_{status // 100}xx" if 300 <= status < 600 else None


def _superseded(rows: Any) -> set[str]:
    """The runs after which another one of the same site has ended."""
    ended = [row for row in rows if row["source"] is not None and row["outcome"] in ("finished", "stopped", "failed")]
    newest: dict[str, tuple[str, str]] = {}
    for row in ended:
        order = (row["started_at"] or "", row["run_id"])
        newest[row["source"]] = max(order, newest.get(row["source"], order))
    return {row["run_id"] for row in ended if newest[row["source"]][1] != row["run_id"]}


def _contradiction(run: Row, reported: Mapping[str, int | None], held: Mapping[str, int]) -> list[Problem]:
    """The problem of a `run` whose end record `reported` other counts than the archive `held`, if it is so."""
    differ = [name for name in COMPARED if reported.get(name) not in (None, held[name])]
    if not differ:
        return []
    words = ", ".join(f"{name} {reported[name]:,} (the archive holds {held[name]:,})" for name in differ)
    message = f"run {run['run_id']}: its end record counts otherwise than the archive: {words}"
    return [Problem("warning", "run_facts_differ", f"run {run['run_id']}", message, seen_at=run["finished_at"])]
