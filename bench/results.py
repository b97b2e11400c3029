"""What a run found, and how it is shown: a table in the terminal, JSON, or Markdown in the docs.

Ratios come first, for they hold on other machines too; absolute numbers are information.
"""

from __future__ import annotations

import os
import platform
import re
import sqlite3
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import Any

from rich.box import SIMPLE
from rich.table import Table
from rich.text import Text

DOC = Path(__file__).parent.parent / "docs" / "benchmarks.md"
BEGIN, END = "<!-- made by `python -m bench --write` -->", "<!-- end -->"
COLUMNS = ("what", "ratio", "to", "goal", "absolute")

Tell = Callable[[str, int, int | None], None]
"""Told of progress: what is being done, how much of it is done, how much there is (None: not known)."""


def quiet(what: str, done: int, total: int | None) -> None:
    """Tell nobody."""


@dataclass(frozen=True, slots=True)
class Line:
    """One measured fact. `ratio` is how many times `to` it is; a goal is the most that it may be, or the least."""

    what: str
    ratio: float | None
    to: str
    absolute: float
    unit: str
    goal: float | None = None
    at_least: bool = False

    @property
    def met(self) -> bool | None:
        """Whether the goal is met; None where there is none."""
        if self.goal is None or self.ratio is None:
            return None
        ratio = round(self.ratio, 2)
        return ratio >= self.goal if self.at_least else ratio <= self.goal

    def cells(self) -> tuple[str, ...]:
        """The line as the columns show it."""
        bound = "≥" if self.at_least else "≤"
        goal = "" if self.goal is None else f"{bound} {self.goal:g}" + (" ✓" if self.met else " ✗")
        ratio = "" if self.ratio is None else f"{self.ratio:,.2f}"
        return self.what, ratio, self.to, goal, f"{_short(self.absolute)} {self.unit}"


@dataclass(frozen=True, slots=True)
class Group:
    """The lines of one benchmark, and in a few words what was measured."""

    name: str
    title: str
    about: str
    lines: tuple[Line, ...]


@dataclass(slots=True)
class Results:
    """All that a run found."""

    groups: list[Group] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        """Plain values for another program."""
        groups = [
            {**asdict(group), "lines": [{**asdict(line), "met": line.met} for line in group.lines]}
            for group in self.groups
        ]
        return {"machine": machine(), "groups": groups}

    def as_table(self) -> Table:
        """A table for people."""
        about = [*(f"{group.title}: {group.about}" for group in self.groups), facts_line()]
        table = Table(
            title="Speed, as ratios taken in one run",
            title_justify="left",
            caption="\n".join(about),
            caption_justify="left",
            padding=(0, 1, 0, 0),
            box=SIMPLE,
            pad_edge=False,
        )
        for name in COLUMNS:
            table.add_column(name, justify="right" if name in ("ratio", "goal", "absolute") else "left", no_wrap=True)
        for group in self.groups:
            table.add_section()
            table.add_row(Text(group.title, style="bold"))
            for line in group.lines:
                style = "" if line.met is None else "green" if line.met else "red"
                table.add_row(*(Text(cell, style=style) for cell in line.cells()))
        return table

    def as_markdown(self, former: str = "") -> str:
        """The same for the docs; groups of the table `former` that were not measured now stay as they are."""
        groups = _groups_of(former)
        for group in self.groups:
            rows = [f"| **{group.title}** ({group.about}) | | | | |"]
            groups[group.title] = rows + ["| " + " | ".join(line.cells()) + " |" for line in group.lines]
        head = ["| " + " | ".join(COLUMNS) + " |", "|---|---:|---|---:|---:|"]
        return "\n".join([*head, *(row for rows in groups.values() for row in rows), "", facts_line()])

    def write(self, path: Path = DOC) -> None:
        """Put the table into the docs, in place of what the former one says of the same groups."""
        put_into(path, BEGIN, END, self.as_markdown)


def put_into(path: Path, begin: str, end: str, made: Callable[[str], str]) -> None:
    """Put what `made` makes of the text that stands between two lines of a doc in its place."""
    before, found, rest = path.read_text("utf-8").partition(begin)
    former, found_end, after = rest.partition(end)
    if not found or not found_end:
        raise ValueError(f"{path.name} has no place for the table: it stands between {begin} and {end}")
    path.write_text(f"{before}{begin}\n\n{made(former)}\n\n{end}{after}", "utf-8")


def _groups_of(table: str) -> dict[str, list[str]]:
    """The rows of each group of a table made by `Results.as_markdown`, by title, in their order."""
    groups: dict[str, list[str]] = {}
    rows: list[str] = []
    for line in table.splitlines():
        title = re.match(r"\| \*\*(.+?)\*\* \(", line)
        if title is not None:
            rows = groups.setdefault(title[1], [])
        if line.startswith("| ") and (rows or title is not None):
            rows.append(line)
    return groups


def machine() -> dict[str, Any]:
    """What the numbers depend on: no names, no paths."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    parts = {name: version(name) for name in ("lxml", "selectolax", "pydantic")}
    return {
        "cores": cores,
        "system": platform.system(),
        "architecture": platform.machine(),
        "python": platform.python_version(),
        "sqlite": sqlite3.sqlite_version,
        **parts,
    }


def facts_line() -> str:
    """The machine in one line."""
    facts = machine()
    versions = ", ".join(f"{name} {facts[name]}" for name in ("lxml", "selectolax", "pydantic", "sqlite"))
    return f"{facts['cores']} cores, {facts['system']} {facts['architecture']}, Python {facts['python']}, {versions}."


def _short(number: float) -> str:
    """A number with about three digits that count."""
    digits = 0 if abs(number) >= 100 else 1 if abs(number) >= 10 else 2
    return f"{number:,.{digits}f}"


def ratios(seconds: dict[str, float], reference: str, goals: dict[str, float]) -> tuple[Line, ...]:
    """A line for each of the measured CPU times, in their order, as ratios to `reference`."""
    return tuple(
        Line(name, each / seconds[reference], reference, each * 1e3, "ms", goals.get(name))
        for name, each in seconds.items()
    )
