"""The `verdictlog` command: each subcommand calls one room and prints what it did.

Exit codes: 0 all is well; 1 something went wrong that a person should see (the rest was still done); 2 wrong usage.
The rooms are imported by the subcommands, when they are called: most of them take a while to load.
"""

from __future__ import annotations

import sys
from importlib.metadata import version
from typing import Annotated

import typer

from verdictlog import console, interrupts
from verdictlog.archive_commands import import_command, verify_command
from verdictlog.categories_command import categories_command
from verdictlog.changes_command import changes_command
from verdictlog.crawl_command import crawl_command
from verdictlog.dataset_commands import build_command, serve_command, status_command
from verdictlog.evidence_command import evidence_command
from verdictlog.export_command import export_command
from verdictlog.match_commands import match
from verdictlog.options import TROUBLE, USAGE, Data, stop, stoppable
from verdictlog.run_command import run_command
from verdictlog.show_command import show_command

app = typer.Typer(
    name="verdictlog",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 102},
)


def _show_version(wanted: bool) -> None:
    if wanted:
        console.say(f"verdictlog {version('verdictlog')}")
        raise typer.Exit


@app.callback()
def _main(
    context: typer.Context,
    data: Data = None,
    _version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Print the version and exit.")
    ] = False,
) -> None:
    """Keep pages of AI-tool verdicts as evidence, and make a dataset of them that can be searched and cited.

    \b
    A first look:
      verdictlog import saved-pages/ --captured-at 2026-11-19T00:00:00Z
      verdictlog build
      verdictlog serve

    Exit codes: 0 all is well; 1 something went wrong that a person should see (the rest was still done);
    2 wrong usage; of `run` also 3: something changed; of `build --diff` 3: something would be rewritten.
    """  # noqa: D301  (\b is click's sign to keep the lines below as they are)
    context.obj = data
    from crawler import sites  # noqa: PLC0415

    try:
        sites.loaded()
    except sites.SiteError as error:
        stop(error, USAGE)
    interrupts.stop_the_work()


for name, command in (
    ("import", import_command),
    ("crawl", crawl_command),
    ("build", build_command),
    ("run", run_command),
    ("changes", changes_command),
    ("show", show_command),
    ("evidence", evidence_command),
    ("categories", categories_command),
    ("serve", serve_command),
    ("export", export_command),
    ("status", status_command),
    ("verify", verify_command),
):
    app.command(name)(command)
app.add_typer(match, name="match")


def main() -> None:
    """Run the command line. Ctrl-C, a closed pipe and a full disk behind standard output end it without a fuss."""
    console.prepare()
    try:
        with stoppable():
            app()
    except BrokenPipeError:
        console.close_output()
        sys.exit(TROUBLE)
    except OSError as error:
        reason = error.strerror or str(error)
        where = error.filename or "standard output"
        console.complain(f"{where}: {reason}")
        if error.filename is None:
            console.close_output()
        sys.exit(TROUBLE)
    finally:
        interrupts.end_at_once()
