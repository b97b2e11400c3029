"""``python -m bench.truth``: the history that a dataset tells, held against what was so.

Sample sites behind caches of every kind are crawled over simulated weeks (`bench.simulation`), built, and each change
that the dataset tells is held against the site's own list of changes (`bench.scoring`).
"""

from __future__ import annotations

import tempfile
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.box import SIMPLE
from rich.table import Table
from rich.text import Text

from bench.results import put_into
from bench.scoring import KINDS, Score, Verdict, score
from bench.simulation import SETUPS, Setup, simulate
from dataset.building.build import build
from verdictlog import console
from verdictlog.options import USAGE, stoppable

DOC = Path(__file__).parent.parent / "docs" / "history-measured.md"
BEGIN, END = "<!-- made by `python -m bench.truth --write` -->", "<!-- end -->"
DAYS, TOOLS, SEEDS = 60, 8, 3

COLUMNS = (
    *("", "visible", "reported", "precision", "recall", "sound"),
    *("confirmed", "c. precision", "c. recall", "c. sound", "unconfirmed", "brief", "unseen"),
)
ALONE_COLUMNS = ("", "visible", "precision", "recall")
SHORT = {
    "visible": "vis.",
    "precision": "prec.",
    "recall": "rec.",
    "confirmed": "conf.",
    "c. precision": "prec.",
    "c. recall": "rec.",
    "c. sound": "sound",
    "unconfirmed": "unc.",
}
"""What the columns are called in a terminal."""

DECLARED, UNDECLARED = "every answer declares its age", "not every answer declares its age"

Rows = list[tuple[str, ...]]


def _share(part: int, whole: int) -> str:
    return f"{part / whole:.3f}" if whole else "–"


def cells(name: str, counts: Score) -> tuple[str, ...]:
    """A row of the table."""
    return (
        name,
        f"{counts.visible:,}",
        f"{counts.told:,}",
        _share(counts.hits, counts.told),
        _share(counts.hits, counts.expected),
        _share(counts.sound, counts.told),
        f"{counts.confirmed:,}",
        _share(counts.confirmed_hits, counts.confirmed),
        _share(counts.confirmed_hits, counts.expected),
        _share(counts.confirmed_sound, counts.confirmed),
        f"{counts.told - counts.confirmed:,}",
        f"{counts.brief:,}",
        f"{counts.unseen:,}",
    )


@dataclass
class Measured:
    """What the runs found, by setup, and how much was run."""

    days: int
    tools: int
    seeds: int
    by_setup: dict[str, Verdict] = field(default_factory=lambda: defaultdict(Verdict))
    answers: int = 0

    def of(self, setups: Iterable[Setup]) -> Verdict:
        """The verdicts of several setups together."""
        return sum((self.by_setup[each.name] for each in setups), Verdict())

    def tables(self) -> list[tuple[str, tuple[str, ...], Rows]]:
        """Title, columns and rows of each table."""
        declared = [each for each in SETUPS if each.declares_age]
        others = [each for each in SETUPS if not each.declares_age]
        found: list[tuple[str, tuple[str, ...], Rows]] = []
        for title, setups in ((DECLARED, declared), (UNDECLARED, others)):
            verdict = self.of(setups)
            rows = [cells(kind, verdict.scores[kind]) for kind in KINDS if _happened(verdict.scores[kind])]
            found.append((f"By kind of change: {title}", COLUMNS, [*rows, cells("all", verdict.total)]))
        rows = [cells(each.name, self.by_setup[each.name].total) for each in SETUPS]
        found.append(("All kinds together, by the caches in front of the site", COLUMNS, rows))
        verdict = self.of(others)
        alone = [_alone_cells(kind, verdict.scores[kind]) for kind in KINDS if verdict.scores[kind].alone]
        title = "Isolated changes (no other change of the same value within max_lag)"
        found.append((f"{title}: {UNDECLARED}", ALONE_COLUMNS, [*alone, _alone_cells("all", verdict.total)]))
        return found

    def about(self) -> str:
        """How much was run."""
        found = [(each.name, self.by_setup[each.name]) for each in SETUPS]
        stale = [f"{name} {v.stale:,} of {v.sightings:,} ({_share(v.stale, v.sightings)})" for name, v in found]
        return (
            f"{self.answers:,} answers: {len(SETUPS)} setups, sites of {self.tools} tools from {self.seeds} seeds, "
            f"{self.days} days with daily crawls and {self.days} days with irregular ones. "
            f"Stale observations of a value: {'; '.join(stale)}."
        )

    def as_markdown(self) -> str:
        """All tables for the docs."""
        parts = []
        for title, columns, rows in self.tables():
            lines = ["| " + " | ".join(columns) + " |", "|---" + "|---:" * (len(columns) - 1) + "|"]
            parts += [f"**{title}**", "\n".join([*lines, *("| " + " | ".join(row) + " |" for row in rows)])]
        return "\n\n".join([*parts, self.about()])

    def as_json(self) -> dict[str, Any]:
        """Plain values for another program."""
        return {
            "days": self.days,
            "answers": self.answers,
            "setups": {
                name: {
                    "kinds": {kind: asdict(each) for kind, each in verdict.scores.items()},
                    "sightings": verdict.sightings,
                    "stale": verdict.stale,
                    "missed": [each._asdict() for each in verdict.missed],
                    "brief": [each._asdict() for each in verdict.brief],
                    "false": [each._asdict() for each in verdict.false],
                    "unseen": [{**key._asdict(), **stretch._asdict()} for key, stretch in verdict.unseen],
                }
                for name, verdict in self.by_setup.items()
            },
        }

    def print(self) -> None:
        """The tables for people."""
        for title, columns, rows in self.tables():
            table = Table(title=title, title_justify="left", box=SIMPLE, padding=(0, 1, 0, 0), pad_edge=False)
            for number, name in enumerate(columns):
                table.add_column(SHORT.get(name, name), justify="right" if number else "left", no_wrap=True)
            for row in rows:
                table.add_row(*map(Text, row))
            console.out.print(table)
        console.out.print(Text(self.about()))

    def write(self, path: Path = DOC) -> None:
        """Put the tables into the docs, in place of the former ones."""
        put_into(path, BEGIN, END, lambda _former: self.as_markdown())


def _happened(counts: Score) -> bool:
    return bool(counts.visible or counts.told)


def _alone_cells(name: str, counts: Score) -> tuple[str, ...]:
    told = counts.alone_hits + counts.alone_false
    return name, f"{counts.alone:,}", _share(counts.alone_hits, told), _share(counts.alone_hits, counts.alone)


def measure(days: int, tools: int, seeds: int, tell: Callable[[str, int, int], object]) -> Measured:
    """Run all setups over all seeds, with daily and with irregular crawls."""
    measured = Measured(days, tools, seeds)
    runs = [(setup, seed, irregular) for setup in SETUPS for seed in range(seeds) for irregular in (False, True)]
    for number, (setup, seed, irregular) in enumerate(runs):
        tell(setup.name, number, len(runs))
        with tempfile.TemporaryDirectory(prefix="verdictlog-truth-") as name:
            run = simulate(setup, Path(name), seed=seed, tools=tools, days=days, irregular=irregular)
            build(run.data, workers=1)
            measured.by_setup[setup.name] += score(run)
            measured.answers += len(run.answers)
    return measured


def main(
    days: Annotated[int, typer.Option(min=1, help="How many days are simulated.")] = DAYS,
    tools: Annotated[int, typer.Option(min=2, help="How many tools each site has.")] = TOOLS,
    seeds: Annotated[int, typer.Option(min=1, help="How many sites are made.")] = SEEDS,
    json: Annotated[bool, typer.Option("--json", help="Print all as JSON, with each miss and false alarm.")] = False,
    write: Annotated[bool, typer.Option("--write", help="Put the tables into docs/history-measured.md too.")] = False,
) -> None:
    """Hold the changes that the dataset tells against those that were. Takes some minutes.

    \b
    Examples:
      python -m bench.truth
      python -m bench.truth --seeds 1 --tools 4 --json
    """  # noqa: D301
    if write and (days, tools, seeds) != (DAYS, TOOLS, SEEDS):
        console.complain("--write puts a whole run into the docs, so it goes without --days, --tools and --seeds")
        raise typer.Exit(USAGE)
    with console.bar("simulating") as bar:
        measured = measure(days, tools, seeds, lambda what, done, total: bar.to(done, total, what))
    if json:
        console.print_json(measured.as_json())
    else:
        measured.print()
    if write:
        measured.write()
        console.note(f"written: docs/{DOC.name}")


if __name__ == "__main__":
    with stoppable():
        typer.run(main)
