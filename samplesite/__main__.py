"""Serves the sample site on this machine until stopped: ``python -m samplesite``."""

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

  look at it, advance its clock by a day, and see what really changed
    curl http://127.0.0.1:8700/compare
    curl -d '{"add_seconds": 86400}' http://127.0.0.1:8700/_site/clock
    curl 'http://127.0.0.1:8700/_site/changes?since=2026-03-01T00:00:00Z'

  make it answer every third comparison with 429
    curl -d '[{"kind": "status", "status": 429, "path": "^/compare/", "every": 3}]' http://127.0.0.1:8700/_site/faults

All content is invented. It only listens on this machine. More: docs/sample-site.md
"""


def parser() -> argparse.ArgumentParser:
    """Return the parser of the command-line options."""
    made = argparse.ArgumentParser(
        prog="python -m samplesite",
        description="Serve an invented comparison site for crawlers, generated from a seed and a clock.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    made.add_argument("--host", default="127.0.0.1", help="a loopback address (default: %(default)s)")
    made.add_argument("--port", type=int, default=0, help="the port; 0 for a free one (default: %(default)s)")
    made.add_argument(
        "--seed", type=int, default=7, help="a different seed makes a different site (default: %(default)s)"
    )
    made.add_argument("--tools", type=int, default=12, metavar="N", help="number of real tools (default: %(default)s)")
    made.add_argument(
        "--start",
        default="2026-03-01T00:00:00Z",
        metavar="TIME",
        help="the initial time of the site (default: %(default)s)",
    )
    made.add_argument(
        "--running", action="store_true", help="let the site's clock run; by default, it stands still until it is set"
    )
    made.add_argument(
        "--absences",
        action="store_true",
        help="let some listings vanish for days and come back; by default, none comes back",
    )
    made.add_argument("--layout", default="cards", choices=LAYOUTS, help="the layout of pages (default: %(default)s)")
    made.add_argument("--site", default="desk", choices=("desk", "boards"), help="which site (default: %(default)s)")
    return made


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve; return 0 when stopped, 2 if the options are invalid."""
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
