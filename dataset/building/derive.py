"""From the cache to a whole dataset: all that a build does between reading pages and publishing.

The result is a pure function of the captures, the judgements and the code: every build derives all of it, in this
order: what each capture shows, which listings moved, which cards belong to which listing, which critics wrote which
quotes, the listings with their history, which of them are one tool, and at last what sums up many rows. Each table is
written at once, in the order of its key, so the same inputs make the same bytes.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from dataset.building.info import fact_rows
from dataset.building.known import read_only_uri
from dataset.building.lock import BuildError
from dataset.building.report import BuildReport, Progress
from dataset.folding.fold_reviews import Problem
from dataset.judging.judged import Judged
from dataset.schema import ddl
from dataset.schema.agreement import AGREEMENT_SQL
from dataset.schema.tables import table
from dataset.tables.inputs import capture_problems, lay_out
from dataset.tables.listing_rows import derive_listings
from dataset.tables.matched import group_listings
from dataset.tables.moves import settle_moves
from dataset.tables.problem_rows import Problems
from dataset.tables.rows import write, write_tuples
from dataset.tables.run_rows import run_rows
from dataset.tables.sums import comparison_rows, persona_rows, reviewer_verdict_rows

PRAGMAS = ("journal_mode = OFF", "synchronous = OFF", "cache_size = -65536", "temp_store = MEMORY")
"""The file is nobody's yet: a crash throws it away, so nothing needs to be undone or synced until the end."""

LISTING_CAPTURES = """
INSERT INTO main.listing_captures (capture_id, side, listing_id, identified_by, named_id)
SELECT capture_id, side, listing_id, identified_by, named_id FROM links ORDER BY capture_id, side
"""


@dataclass(frozen=True)
class Basis:
    """What a dataset is derived from: what `reader` read of the files of the archive as far as `ends` says, which lies
    in `cache`, and what people `judged`. `versions` are those of all that takes part.
    """

    cache: Path
    reader: str
    ends: Mapping[str, int]
    judged: Judged
    versions: Mapping[str, str]


class RefusedError(Exception):
    """The tables do not take rows of these `listings` (by id, with the reason)."""

    def __init__(self, listings: Mapping[str, str]) -> None:
        super().__init__(f"{len(listings)} listings can't be stored")
        self.listings = listings


def derive(path: Path, basis: Basis, report: BuildReport, progress: Progress) -> None:
    """Make the dataset that follows from `basis` in the file `path`, check it, and note in `report` what it holds.

    A listing whose rows the tables don't take is left out, as one that can't be derived. Raises `BuildError` where the
    result does not hold together, `sqlite3.Error` where it can't be written.
    """
    refused: dict[str, str] = {}
    while True:
        path.unlink(missing_ok=True)
        with closing(sqlite3.connect(path.absolute().as_uri(), uri=True, isolation_level=None)) as con:
            for pragma in PRAGMAS:
                con.execute(f"PRAGMA {pragma}")
            con.execute("ATTACH ? AS cache", (read_only_uri(basis.cache),))
            try:
                _Derivation(con, basis, report, progress, refused).run()
            except RefusedError as error:
                refused.update(error.listings)
                continue
            _check(con)
            return


class _Derivation:
    """One derivation, from empty tables to a finished file."""

    def __init__(
        self,
        con: sqlite3.Connection,
        basis: Basis,
        report: BuildReport,
        progress: Progress,
        refused: Mapping[str, str],
    ) -> None:
        self.con = con
        self.basis = basis
        self.report = report
        self.progress = progress
        self.refused = refused
        self.problems = Problems()

    def run(self) -> None:
        con, basis, report = self.con, self.basis, self.report
        con.execute("BEGIN")
        with report.stage("lay out"):
            ddl.create_tables(con)
            lay_out(con, basis.reader, basis.ends)
            for met_in, found in capture_problems(con):
                self.problems.add(met_in, found)
        with report.stage("derive"):
            moves = settle_moves(con)
            listings = derive_listings(con, moves, self.problems, self.refused, partial(self.progress, "derive"))
        with report.stage("match"):
            aliases = listings.rows["listing_aliases"]
            grouped = group_listings(listings.listings, aliases, basis.judged, self.problems)
        with report.stage("write"):
            con.execute(LISTING_CAPTURES)
            for row in listings.listings.values():
                row["tool_id"] = grouped.tool_of[row["listing_id"]]
            self._write_listing_rows("listings", map(table("listings").in_order, listings.listings.values()))
            for name, rows in listings.rows.items():
                self._write_listing_rows(name, _with_tools(name, rows, grouped.tool_of))
                rows.clear()
            self._write("tools", grouped.tools)
            self._write("tool_aliases", grouped.aliases)
            self._write("match_decisions", grouped.decisions)
            self._write("personas", persona_rows(con))
            self._write("reviewer_verdicts", reviewer_verdict_rows(con))
            self._write("comparisons", comparison_rows(con, listings.listings.keys(), moves))
            self._write("runs", run_rows(con, basis.reader, basis.ends, self.problems))
            for name, sql in AGREEMENT_SQL.items():
                con.execute(f"INSERT INTO main.{name} {sql}")
            self._write("archive_files", [{"file": file, "read_to": end} for file, end in basis.ends.items()])
            write(self.con, "problems", self.problems.rows(listings.listings))
            write(self.con, "dataset_info", fact_rows(con, basis.versions, basis.judged))
        with report.stage("index"):
            self.progress("index", 0)
            ddl.create_rest(con)
            con.execute("COMMIT")
        report.listings = len(listings.listings)
        report.problems = dict(
            con.execute("SELECT severity, count(*) FROM problems GROUP BY severity ORDER BY severity")
        )

    def _write_listing_rows(self, name: str, rows: Iterable[tuple[Any, ...]]) -> None:
        """Put rows of listings into the table called `name`. Raises `RefusedError` where it doesn't take them."""
        refused = write_tuples(self.con, name, list(rows))
        if refused and "listing_id" in refused[0][0]:
            raise RefusedError(
                {row["listing_id"]: f"the table {name} does not take it ({why})" for row, why in refused}
            )
        self._note_refused(name, refused)

    def _write(self, name: str, rows: Iterable[Mapping[str, Any]]) -> None:
        """Put `rows` into the table called `name`; one that it doesn't take is left out, with an error."""
        self._note_refused(name, write(self.con, name, rows))

    def _note_refused(self, name: str, refused: list[tuple[dict[str, Any], str]]) -> None:
        for row, why in refused:
            key = " ".join(str(row[column]) for column in table(name).primary_key)
            message = f"{name} {key}: the table does not take this row ({why}); it is left out. Please report this"
            problem = Problem("error", "row_refused", f"{name} {key}", message, capture_id=row.get("capture_id"))
            self.problems.add(f"row:{name} {key}", [problem])


def _with_tools(name: str, rows: list[tuple[Any, ...]], tool_of: Mapping[str, str]) -> list[tuple[Any, ...]]:
    """`rows` of the table called `name`, each with the tool of its listing where the table names tools."""
    names = table(name).column_names
    if "tool_id" not in names:
        return rows
    listing, tool = names.index("listing_id"), names.index("tool_id")
    return [
        row if row[tool] == tool_of[row[listing]] else (*row[:tool], tool_of[row[listing]], *row[tool + 1 :])
        for row in rows
    ]


def _check(con: sqlite3.Connection) -> None:
    """Raises `BuildError` where the finished dataset does not hold together."""
    wrong = con.execute("PRAGMA main.foreign_key_check").fetchmany(5)
    if wrong:
        where = ", ".join(sorted({f"{child} → {parent}" for child, _, parent, _ in wrong}))
        raise BuildError(f"the new dataset does not hold together ({where}); please report this")
    [[verdict]] = con.execute("PRAGMA main.quick_check(1)").fetchall()
    if verdict != "ok":
        raise BuildError(f"the new dataset is damaged ({verdict}); is the disk sound?")
