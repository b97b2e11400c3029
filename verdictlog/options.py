"""What the subcommands share: exit codes, the options that several of them take, and how they end."""

from __future__ import annotations

import dataclasses
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer

from verdictlog import console
from verdictlog.interrupts import INTERRUPTED

OK, TROUBLE, USAGE = 0, 1, 2
CHANGED = 3
"""What `run` ends with where all went well and something changed, and `build --diff` where something would."""

DATA_HELP = "The data folder, with the archive and the dataset.  [default: ./data]"
Data = Annotated[
    Path | None,
    typer.Option(
        "--data", metavar="DIR", envvar="VERDICTLOG_DATA", show_envvar=True, help=DATA_HELP, show_default=False
    ),
]
# Without the variable: else it would outdo a --data that stands before the command.
OwnData = Annotated[
    Path | None,
    typer.Option("--data", metavar="DIR", help=f"{DATA_HELP}  [env var: VERDICTLOG_DATA]", show_default=False),
]
Json = Annotated[bool, typer.Option("--json", help="Print the result as JSON, for other programs.")]


def folder_of(context: typer.Context, data: Path | None) -> Path:
    """The data folder: as the command says, else as the program was told, else ``./data``."""
    return data or context.obj or Path("data")


@contextmanager
def stoppable() -> Iterator[None]:
    """Where Ctrl-C ends what runs within, the program says so and ends with `INTERRUPTED`."""
    try:
        yield
    except SystemExit as end:
        if end.code == INTERRUPTED:
            console.note("stopped")
        raise
    except BaseException as error:
        if not _of_an_interrupt(error):
            raise
        console.note("stopped")
        sys.exit(INTERRUPTED)


def _of_an_interrupt(error: BaseException) -> bool:
    """Whether Ctrl-C is what `error` comes of.

    Where Ctrl-C meets the loading of a module, what comes out can be another error that wraps it: Python 3.11 makes
    a `RuntimeError` of whatever stops a class in the making.
    """
    links: BaseException | None = error
    while links is not None and not isinstance(links, KeyboardInterrupt):
        links = links.__cause__ or links.__context__
    return links is not None


def moment(text: str, option: str, *, to_the_end: bool = False) -> str:
    """The time that `text` names, as the dataset writes times; of a day alone its first second, or its last."""
    from dataset.readings.times import utc_moment, utc_text  # noqa: PLC0415

    word = text.strip()
    try:
        if to_the_end and len(word) == len("2026-11-19") and word.count("-") == 2:
            word += "T23:59:59Z"
        return utc_text(utc_moment(word))
    except (ValueError, OverflowError):
        stop(f"{option} {text}: this is no time; write 2026-11-19 or 2026-11-19T08:00:00Z", USAGE)


def stop(message: object, code: int = TROUBLE) -> NoReturn:
    """End the command with a message of what went wrong."""
    console.complain(str(message))
    raise typer.Exit(code)


def plain(value: Any) -> Any:
    """A report as plain values that JSON can hold."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: plain(getattr(value, field.name)) for field in dataclasses.fields(value)}
    if isinstance(value, dict):
        return {str(key): plain(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [plain(each) for each in value]
    return str(value) if isinstance(value, Path) else value
