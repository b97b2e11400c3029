"""The runs: what the records that open and close them in the archive say of each crawl and import.

A run writes a ``warcinfo`` record when it starts and a ``metadata`` record when it ends; one that left no end
record died (or is still at work: the archive can't say which). Files of other makers may hold such records too: what is
not a run's is passed over, and a fact of the wrong type is no fact.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from dataset.folding.fold_reviews import Problem
from dataset.readings.times import utc_moment, utc_text
from dataset.schema.tables import table

DIED = "died"
COUNTERS = tuple(column.name for column in table("runs").columns if column.type == "INTEGER")
LARGEST = 2**63 - 1


def _text(value: object) -> str | None:
    """`value` if it is a text with something in it, in a form that a database can hold."""
    if not isinstance(value, str) or not value.strip():
        return None
    return value.strip().encode("utf-8", "replace").decode("utf-8")


def _time(value: object) -> str | None:
    text = _text(value)
    try:
        return None if text is None else utc_text(utc_moment(text))
    except (ValueError, OverflowError):
        return None


def _count(value: object) -> int | None:
    return value if type(value) is int and 0 <= value <= LARGEST else None


def _seconds(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value) if 0 <= value <= LARGEST else None  # (nor is anything that isn't a number)


@dataclass
class Runs:
    """What is known of runs so far: `rows` by run_id (columns that are known), and their failures."""

    rows: dict[str, dict[str, Any]] = field(default_factory=dict)
    problems: dict[str, list[Problem]] = field(default_factory=dict)

    def _row(self, run_id: str) -> dict[str, Any]:
        return self.rows.setdefault(run_id, {})

    def row_of(self, run_id: str) -> dict[str, Any]:
        """The whole row of a run, without its counts; no end record: it died."""
        row: dict[str, Any] = dict.fromkeys(table("runs").column_names)
        row.update(self.rows[run_id])
        return row | {"run_id": run_id, "outcome": row["outcome"] or DIED}

    def mention(self, run_ids: Iterable[str]) -> None:
        """Runs that are named by captures; they get a row even if they left no record of their own."""
        for run_id in run_ids:
            self._row(run_id)

    def start(self, payload: bytes) -> None:
        """Take in a ``warcinfo`` record."""
        lines = payload.decode("utf-8", "replace").splitlines()
        fields = {key.strip().lower(): value for key, _, value in (line.partition(":") for line in lines)}
        run_id = _text(fields.get("run_id"))
        if run_id is None:
            return
        row = self._row(run_id)
        for name in ("command", "source", "software", "continues"):
            row[name] = row.get(name) or _text(fields.get(name))
        started = _time(fields.get("started_at"))
        row["started_at"] = min((each for each in (row.get("started_at"), started) if each), default=None)

    def end(self, payload: bytes) -> None:
        """Take in a ``metadata`` record."""
        try:
            facts = json.loads(payload)
        except (ValueError, RecursionError):
            return
        run_id = _text(facts.get("run_id")) if isinstance(facts, dict) else None
        if run_id is None:
            return
        row = self._row(run_id)
        row["finished_at"] = _time(facts.get("finished_at"))
        row["outcome"] = _text(facts.get("outcome")) or "unknown"
        row["reason"] = _text(facts.get("reason"))
        row["robots_txt_sha256"] = _text(facts.get("robots_txt_sha256"))
        row["delay_kept_seconds"] = _seconds(facts.get("delay_kept_seconds"))
        counters = facts.get("counters")
        if isinstance(counters, Mapping):
            row["counters"] = json.dumps(counters, sort_keys=True)
        failures = facts.get("failures")
        self.problems[run_id] = [
            _failure(each, row["finished_at"])
            for each in (failures if isinstance(failures, list) else [])
            if isinstance(each, Mapping)
        ]


def _failure(facts: Mapping[str, object], seen_at: str | None) -> Problem:
    path, code = _text(facts.get("path")), _text(facts.get("code")) or "failed"
    message = _text(facts.get("message")) or code.replace("_", " ")
    words = message if path is None or path in message else f"{path}: {message}"
    severity = _text(facts.get("severity"))
    if severity != "warning":
        severity = "error"
    return Problem(severity, code, path or words[:200], words, path=path, seen_at=seen_at)


def reported_counts(row: Mapping[str, Any]) -> dict[str, int | None]:
    """The counts that the end record of the run with this `row` reports, None for those that it doesn't."""
    counters = json.loads(row["counters"] or "{}")
    return {name: _count(counters.get(name)) for name in COUNTERS}
