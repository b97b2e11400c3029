"""What the archive's records show of each run: requests, answers, bytes, pages.

Each record is counted once, in the build that reads it, so the sums are the same however many builds there were. They
fill in what a run's end record doesn't count, all of it where a run died; where an end record says otherwise than the
archive holds, that is told.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

from crawler.archive import StoredRecord
from dataset.folding.fold_reviews import Problem
from dataset.readings.observe import CAPTURE_KINDS
from dataset.schema.tables import table
from dataset.tables.rows import Rows

COUNTED = tuple(name for name in table("run_counts").column_names if name != "run_id")
COMPARED = tuple(name for name in COUNTED if name == "requests" or name.startswith("responses_"))
"""What an end record must count as the archive does. Bytes may be counted in transit, pages by another parser."""


def count_of_status(status: int) -> str | None:
    """The counter of answers with `status`, if there is one."""
    if status in (200, 304):
        return f"responses_{status}"
    return f"responses_{status // 100}xx" if 300 <= status < 600 else None


class RunCounts:
    """The counts of what a build reads, by run."""

    def __init__(self) -> None:
        self.by_run: defaultdict[str, Counter[str]] = defaultdict(Counter)

    def record(self, record: StoredRecord) -> None:
        """Count a record of the archive. (One of no kind that is counted still shows that the run is there.)"""
        if record.run_id is None:
            return
        counts = self.by_run[record.run_id]
        if record.kind == "request":
            counts["requests"] += 1
        elif record.kind in CAPTURE_KINDS:
            counts["bytes"] += record.size
            name = None if record.http_status is None else count_of_status(record.http_status)
            if name is not None:
                counts[name] += 1

    def page(self, capture: Mapping[str, Any]) -> None:
        """Count the reading of a capture, given as its row. (A revisit isn't read.)"""
        run_id, status = capture["run_id"], capture["parse_status"]
        if run_id is not None and status != "ignored":
            self.by_run[run_id]["pages_failed" if status == "failed" else "pages_parsed"] += 1


def add_counts(rows: Rows, counts: RunCounts, runs: Iterable[str]) -> dict[str, dict[str, Any]]:
    """Add `counts` to what is stored. Gives the rows of run_counts for `runs`, which must include all that is in it.

    A run of which the archive holds nothing has no row: what it did is not known.
    """
    kind = table("run_counts")
    ids = sorted(set(runs))
    old = rows.select(kind, "run_id", ids)
    known = {row[0]: dict(zip(kind.column_names, row, strict=True)) for row in old}
    new = {}
    for run_id in ids:
        if run_id not in known and run_id not in counts.by_run:
            continue
        before, more = known.get(run_id, {}), counts.by_run.get(run_id, Counter())
        new[run_id] = {"run_id": run_id} | {name: before.get(name, 0) + more[name] for name in COUNTED}
    rows.replace(kind, old, new.values())
    return new


def contradiction(run: Mapping[str, Any], told: Mapping[str, int | None], held: Mapping[str, int]) -> list[Problem]:
    """The problem of a `run` whose end record `told` other counts than the archive held, if it is so."""
    differ = [name for name in COMPARED if told.get(name) not in (None, held[name])]
    if not differ:
        return []
    words = ", ".join(f"{name} {told[name]:,} (the archive holds {held[name]:,})" for name in differ)
    message = f"run {run['run_id']}: its end record counts otherwise than the archive: {words}"
    return [Problem("warning", "run_facts_differ", f"run {run['run_id']}", message, seen_at=run["finished_at"])]
