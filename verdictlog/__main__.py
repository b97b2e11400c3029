"""The entry point of the `verdictlog` command: it sets up signals and streams before the rest is loaded."""

import os
import sys

from verdictlog import interrupts


def main() -> None:
    """Run the command line."""
    interrupts.end_at_once()
    _open_streams()
    from verdictlog.cli import main as run  # noqa: PLC0415  (loading it takes a while: Ctrl-C must be handled by then)

    run()


def _open_streams() -> None:
    """Put /dev/null where standard input, output or error is closed.

    Otherwise the next file that is opened, such as the dataset, would take the place of the closed stream, and what is
    printed would go into it.
    """
    for number, name, mode in ((0, "stdin", "r"), (1, "stdout", "w"), (2, "stderr", "w")):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # takes the lowest free number, which is this one
            setattr(sys, name, open(number, mode, encoding="utf-8", closefd=False))  # noqa: PTH123, SIM115


if __name__ == "__main__":
    main()
