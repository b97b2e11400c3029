"""The rows of `runs`: what a run's own records tell, filled up with what the archive shows of it."""

from __future__ import annotations

from typing import Any

from dataset.readings.run_counts import COUNTED, RunCounts, add_counts, contradiction
from dataset.readings.runs import DIED, RUNNING, Runs, merged_row, told_counts
from dataset.schema.tables import table
from dataset.tables.refold import problem_sighting_rows
from dataset.tables.rows import Rows
from dataset.tables.touched import Touched

Row = dict[str, Any]

MOOT = """
WITH ended AS (
  SELECT run_id, row_number() OVER (PARTITION BY source ORDER BY started_at DESC, run_id DESC) AS place FROM runs
  WHERE source IS NOT NULL AND outcome IN ('finished', 'stopped', 'failed')
)
SELECT * FROM problem_sightings WHERE met_in IN (SELECT 'run:' || run_id FROM ended WHERE place > 1)
ORDER BY met_in, position
"""
"""What an earlier crawl of a site could not do says nothing any more once a later one has ended."""


def write_runs(rows: Rows, runs: Runs, counts: RunCounts, touched: Touched, *, archive_in_use: bool) -> None:
    """Bring `runs` up to date, with a row for every run that is named anywhere, and note what is wrong with them.

    `archive_in_use` says that somebody is writing to the archive: then the run without an end record that started last
    is taken to be at work. (Should another one hold the archive, the next build puts it right.)
    """
    runs.mention(counts.by_run)
    runs.mention(row[0] for row in rows.con.execute("SELECT run_id FROM runs WHERE outcome = ?", (RUNNING,)))
    runs.mention([row["continues"] for row in runs.rows.values() if row.get("continues")])
    ids = sorted(runs.rows)
    old = rows.select(table("runs"), "run_id", ids)
    known = {row[0]: dict(zip(table("runs").column_names, row, strict=True)) for row in old}
    new = {each: merged_row(each, known.get(each, {}), runs.rows[each]) for each in ids}
    if archive_in_use:
        _mark_running(list(new.values()))
    held = add_counts(rows, counts, ids)
    problems = {f"run:{run_id}": found for run_id, found in runs.problems.items()}
    for run_id, row in new.items():
        told, shown = told_counts(row), held.get(run_id, {})
        row.update(told | {name: shown.get(name) for name in COUNTED if told[name] is None})
        problems[f"counts:{run_id}"] = contradiction(row, told, shown) if shown else []
    rows.replace(table("runs"), old, new.values())
    sightings = table("problem_sightings")
    before = rows.select(sightings, "met_in", sorted(problems))
    after = [row for met_in in sorted(problems) for row in problem_sighting_rows(met_in, problems[met_in])]
    rows.replace(sightings, before, after)
    touched.problems.update(row[0] for row in before)
    touched.problems.update(row["problem_id"] for row in after)
    moot = rows.con.execute(MOOT).fetchall()
    rows.replace(sightings, moot, [])
    touched.problems.update(row[0] for row in moot)


def _mark_running(found: list[Row]) -> None:
    """Mark the run that started last among those of `found` that left no end record and that none goes on with."""
    continued = {row["continues"] for row in found}
    dead = [row for row in found if row["outcome"] == DIED and row["run_id"] not in continued]
    unfinished = [row for row in dead if row["started_at"] is not None]
    if unfinished:
        max(unfinished, key=lambda row: (row["started_at"], row["run_id"]))["outcome"] = RUNNING
