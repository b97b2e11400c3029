"""The reference of the command line: ``docs/command-line.md``, made from the help texts of the commands.

``python -m verdictlog.reference --write`` prints it anew; without ``--write`` it checks the file and exits with 1
where it differs. The text is the same on every terminal: a fixed width, no colour.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import typer
from typer.main import get_command

from dataset.schema.metadata import write_or_check
from verdictlog.cli import app
from verdictlog.options import CHANGED, OK, TROUBLE, USAGE

REFERENCE_FILE = Path(__file__).parent.parent / "docs" / "command-line.md"

WIDTH = 100

PROGRAM = "verdictlog"

HEADER = """\
<!-- Made by `python -m verdictlog.reference --write` from the commands' own help: change verdictlog/cli.py. -->

# Command line

Each text below is what the command prints for `--help`.

Results go to standard output. Progress, notes, warnings and errors go to standard error, so a result can be piped
into another program; with `--json` it is one JSON document (of `build --diff`: one a line).

`--data` may stand before or after the command's name.
"""

EXIT_CODES = {
    OK: "All is well.",
    TROUBLE: "Something went wrong that a person should see. What could be done was done.",
    USAGE: "Wrong usage: the command can't work as it was given. Nothing was changed.",
    CHANGED: "Only of `run`: all went well, and something changed. Of `build --diff`: something would be rewritten.",
    130: "Stopped by Ctrl-C. For `serve` this is the ordinary end: 0.",
}
"""What each exit code means, for every command."""


def commands() -> Iterator[tuple[str, Any, str]]:
    """Each command as (how it is called, the command, its help text): the program itself first."""
    program: Any = get_command(app)
    top = _context(program, PROGRAM)
    yield PROGRAM, program, _help(top)
    yield from _below(program, PROGRAM, top)


def _below(group: Any, call: str, parent: typer.Context) -> Iterator[tuple[str, Any, str]]:
    """The commands of a group, each followed by its own, if it is a group itself."""
    for name, command in group.commands.items():
        context = _context(command, name, parent)
        yield f"{call} {name}", command, _help(context)
        if hasattr(command, "commands"):
            yield from _below(command, f"{call} {name}", context)


def _context(command: Any, name: str, parent: typer.Context | None = None) -> typer.Context:
    settings = {**command.context_settings, "terminal_width": WIDTH, "max_content_width": WIDTH, "color": False}
    return typer.Context(command, info_name=name, parent=parent, **settings)


def _help(context: typer.Context) -> str:
    lines = context.get_help().splitlines()
    return "\n".join(line.rstrip() for line in lines).strip("\n")


def markdown() -> str:
    """The reference as Markdown: the same text each time."""
    lines = [HEADER, "## Exit codes", "", "| code | meaning |", "|---|---|"]
    lines += [f"| {code} | {meaning} |" for code, meaning in sorted(EXIT_CODES.items())]
    for call, _, text in commands():
        lines += ["", f"## {call}", "", "```text", text, "```"]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.exit(write_or_check(REFERENCE_FILE, markdown(), "verdictlog.reference"))
