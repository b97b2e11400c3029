"""``python -m samplesite``: serve the sample site on this machine until told to end."""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import Sequence

from samplesite.looks import LAYOUTS
from samplesite.series import moment_of
from samplesite.server import NotLoopbackError, check_host, serve
from samplesite.site import Site

EXAMPLES = """
examples:
  serve a site of 12 tools on a free port; the address is the first line printed
    python -m samplesite --tools 12 --seed 7

  look at it, move its clock by a day, and see what truly changed
    curl http://127.0.0.1:8700/compare
    curl -d '{"add_seconds": 86400}' http://127.0.0.1:8700/_site/clock
    curl 'http://127.0.0.1:8700/_site/changes?since=2026-03-01T00:00:00Z'

  let it answer every third comparison with 429
    curl -d '[{"kind": "status", "status": 429, "path": "^/compare/", "every": 3}]' http://127.0.0.1:8700/_site/faults

All that it tells is invented. It never listens beyond this machine. More: docs/sample-site.md
"""


def parser() -> argparse.ArgumentParser:
    """The options."""
    made = argparse.ArgumentParser(
        prog="python -m samplesite",
        description="Serve an invented comparison site, made from a seed and a clock, to be crawled.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    made.add_argument("--host", default="127.0.0.1", help="a loopback address (default: %(default)s)")
    made.add_argument("--port", type=int, default=0, help="the port; 0 for a free one (default: %(default)s)")
    made.add_argument("--seed", type=int, default=7, help="another seed, another site (default: %(default)s)")
    made.add_argument("--tools", type=int, default=12, metavar="N", help="number of real tools (default: %(default)s)")
    made.add_argument(
        "--start",
        default="2026-03-01T00:00:00Z",
        metavar="TIME",
        help="the site's time at first (default: %(default)s)",
    )
    made.add_argument(
        "--running", action="store_true", help="let the site's clock run; else it stands until it is moved"
    )
    made.add_argument(
        "--absences", action="store_true", help="let some listings go for days and come back; else none comes back"
    )
    made.add_argument("--layout", default="cards", choices=LAYOUTS, help="how pages look (default: %(default)s)")
    made.add_argument("--site", default="desk", choices=("desk", "boards"), help="which site (default: %(default)s)")
    return made


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve; 0 when told to end, 2 when the options make no sense."""
    options = parser().parse_args(arguments)
    try:
        check_host(options.host)
        site = Site(
            seed=options.seed,
            tools=options.tools,
            start=moment_of(options.start),
            layout=options.layout,
            kind=options.site,
            running=options.running,
            absences=options.absences,
        )
        asyncio.run(serve(site, options.host, options.port, _ready))
    except (NotLoopbackError, ValueError, OSError) as wrong:
        sys.stderr.write(f"samplesite: {wrong}\n")
        return 2
    return 0


def _ready(address: str) -> None:
    sys.stdout.write(f"serving {address}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
