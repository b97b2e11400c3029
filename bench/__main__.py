"""``python -m bench``: measure the speed of what this project does, as ratios taken in one run."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Annotated

import typer

from bench.clock import alone
from bench.crawl import bench_crawl
from bench.history import bench_history
from bench.matching import bench_matching
from bench.memory import bench_memory
from bench.reading import bench_fresh, bench_page, bench_payload
from bench.rereading import bench_rereading
from bench.results import DOC, Results, Tell
from bench.serving import bench_serving
from bench.spine import bench_spine
from verdictlog import console
from verdictlog.options import USAGE, stoppable

PAGES = 10_000
SECONDS = 10.0
NAMES = ("page", "fresh", "payload", "memory", "rereading", "spine", "history", "crawl", "matching", "serving")
CAPTURES_PER_PAGE = 20
"""The benchmark of history takes so many captures for each page that the long ones take: 200,000 by default."""

NAMES_PER_PAGE = 100
"""The benchmark of matching takes so many names for each page that the long ones take: a million by default."""

TOOLS_PER_PAGE = 2
"""The benchmark of the site takes so many tools for each page that the long ones take: 20,000 by default."""


def run(pages: int, seconds: float, only: Sequence[str], tell: Tell, data: Path | None = None) -> Results:
    """Run the benchmarks, or those called `only`; each measurement of a page takes so many seconds.

    `data` is a folder in which the dataset of the published site stays for the next time.
    """
    results = Results()
    benches: dict[str, Callable[[], object]] = {
        "page": lambda: results.groups.append(alone(bench_page, seconds, tell, "page")),
        "fresh": lambda: results.groups.append(alone(bench_fresh, seconds, tell, "fresh")),
        "payload": lambda: results.groups.append(alone(bench_payload, seconds, tell, "payload")),
        "memory": lambda: results.groups.append(bench_memory(pages, tell)),
        "rereading": lambda: results.groups.append(bench_rereading(pages, tell)),
        "spine": lambda: results.groups.append(bench_spine(pages, tell)),
        "history": lambda: results.groups.append(bench_history(pages * CAPTURES_PER_PAGE, tell)),
        "crawl": lambda: results.groups.append(bench_crawl(pages, tell)),
        "matching": lambda: results.groups.append(bench_matching(pages * NAMES_PER_PAGE, tell)),
        "serving": lambda: results.groups.append(bench_serving(pages * TOOLS_PER_PAGE, tell, data)),
    }
    for name in NAMES:
        if not only or name in only:
            benches[name]()
    return results


def main(
    pages: Annotated[int, typer.Option(min=10, help="How many pages the long benchmarks take.")] = PAGES,
    seconds: Annotated[float, typer.Option(min=0, help="How long each single page is measured.")] = SECONDS,
    only: Annotated[
        list[str] | None, typer.Option(metavar="NAME", help=f"One of: {', '.join(NAMES)}. May be repeated.")
    ] = None,
    data: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Keep the dataset of `serving` here, and use it again.")
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="Print the result as JSON, for other programs.")] = False,
    write: Annotated[bool, typer.Option("--write", help="Put the table into docs/benchmarks.md too.")] = False,
) -> None:
    """Measure speed, as ratios against references taken in the same run. All together takes an hour or so.

    \b
    Examples:
      python -m bench
      python -m bench --only page --json
      python -m bench --only spine --only history --write
      python -m bench --only spine --pages 1000
    """  # noqa: D301
    unknown = [name for name in only or () if name not in NAMES]
    if unknown:
        console.complain(f"there is no benchmark {unknown[0]!r}; there are: {', '.join(NAMES)}")
        raise typer.Exit(USAGE)
    if write and pages != PAGES:
        console.complain("--write puts runs of the full size into the docs, so it goes without --pages")
        raise typer.Exit(USAGE)
    with console.bar("measuring") as bar:
        results = run(pages, seconds, only or (), lambda what, done, total: bar.to(done, total, what), data)
    if json:
        console.print_json(results.as_json())
    else:
        console.out.print(results.as_table())
    if write:
        results.write()
        console.note(f"written: docs/{DOC.name}")


if __name__ == "__main__":
    with stoppable():
        typer.run(main)
