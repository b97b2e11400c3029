"""``python -m tests.fuzz``: read many broken pages, each made from its number, and keep what must not happen as files.

``--from`` goes on where an earlier run ended. Ends with 1 where something was found.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from rich.progress import track

from tests.fuzz.pages import failure_of, page_of

FINDINGS = Path(".cache/fuzz")


def main() -> int:
    """Run from the command line."""
    options = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    options.add_argument("--pages", type=int, default=200_000, help="how many pages")
    options.add_argument("--seed", default="night", help="pages of another seed are others")
    options.add_argument("--from", dest="start", type=int, default=0, help="the number of the first page")
    options.add_argument("--into", type=Path, default=FINDINGS, help="the folder for what is found")
    given = options.parse_args()
    found = 0
    numbers = range(given.start, given.start + given.pages)
    for number in track(numbers, description=f"pages from {given.start}", disable=not sys.stderr.isatty()):
        page = page_of(given.seed, number)
        why = failure_of(page)
        if why is not None:
            found += 1
            given.into.mkdir(parents=True, exist_ok=True)
            (given.into / f"{given.seed}-{number}.page").write_bytes(page.body)
            print(f"{given.seed}-{number}: {page.url} {page.content_type}: {why}", flush=True)  # noqa: T201
    print(f"{given.pages:,} pages, {found} findings{f' in {given.into}' if found else ''}")  # noqa: T201
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
