"""What people see in the terminal: results on standard output, everything else on standard error.

Text that comes from pages is data here too: signs that steer a terminal are shown, never sent.
"""

from __future__ import annotations

import io
import json
import os
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Protocol

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

from dataset.signs import steers, visible

out = Console(highlight=False, markup=False, soft_wrap=True)
err = Console(stderr=True, highlight=False, markup=False, soft_wrap=True)

plain = visible
"""Text with every control sign, also those that turn the reading direction, made visible."""


def one_line(text: object) -> str:
    """`text` as `plain` gives it, in one line: no name of a file can forge a line of its own."""
    return plain(text).replace("\n", "\\n")


def prepare() -> None:
    """See to it that no text can stop the program where the terminal knows only some signs."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def close_output() -> None:
    """Give up standard output, so that nothing more is tried where nobody can take it."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def say(text: str) -> None:
    """Print a line of the result."""
    out.print(Text(one_line(text)))


def note(text: str, style: str = "") -> None:
    """Print a line about the work, on standard error."""
    err.print(Text(one_line(text), style=style))


def warn(text: str) -> None:
    """Print what a person should look at."""
    note(f"warning: {text}", "yellow")


def complain(text: str) -> None:
    """Print what went wrong."""
    note(f"error: {text}", "bold red")


def print_json(value: Any) -> None:
    """Print `value` as JSON for another program, keys in their given order."""
    _write(json_text(value))


def print_json_line(value: Any) -> None:
    """Print `value` as one line of JSON, at once."""
    _write(_tamed(json.dumps(value, ensure_ascii=True)))


def print_bytes(content: bytes) -> None:
    """Print what is written in UTF-8 already and holds no sign that steers."""
    _write(content.decode("utf-8"))


def json_text(value: Any) -> str:
    """`value` as JSON in lines, keys in their given order."""
    is_unicode = (sys.stdout.encoding or "").lower().replace("-", "") == "utf8"
    return _tamed(json.dumps(value, ensure_ascii=not is_unicode, indent=2))


def print_stream(content: bytes) -> None:
    """Print a piece of a file in UTF-8: to a program as it is, to a terminal with signs that steer made visible."""
    if sys.stdout.isatty():
        _write("".join(plain(sign) if sign != "\r" else "" for sign in content.decode("utf-8")))
    else:
        sys.stdout.buffer.write(content)
        sys.stdout.flush()


def _tamed(text: str) -> str:
    return "".join(_in_json(sign) if steers(sign) else sign for sign in text) + "\n"


def _write(text: str) -> None:
    sys.stdout.write(text)
    sys.stdout.flush()


def _in_json(sign: str) -> str:
    return f"\\u{ord(sign):04x}" if ord(sign) < 0x10000 else json.dumps(sign)[1:-1]


def table(title: str, columns: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """Print a small table; numbers are set right."""
    grid = Table(title=title, title_justify="left", title_style="bold", box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for number, name in enumerate(columns):
        is_number = bool(rows) and all(isinstance(row[number], int | float) for row in rows)
        grid.add_column(name, justify="right" if is_number else "left", style="" if rows else "dim", overflow="fold")
    for row in rows:
        grid.add_row(*(Text(f"{cell:,}" if isinstance(cell, int) else one_line(cell)) for cell in row))
    out.print(grid)


class Bar(Protocol):
    """A progress bar that is fed with counts."""

    def to(self, done: int, total: int | None = None, what: str | None = None) -> None:
        """So much is done."""


class _RichBar:
    def __init__(self, progress: Progress, what: str, after: float) -> None:
        self._progress = progress
        self._task = progress.add_task(what, total=None)
        self._from = time.monotonic() + after

    def to(self, done: int, total: int | None = None, what: str | None = None) -> None:
        """Show that so much is done."""
        if time.monotonic() >= self._from:
            self._progress.start()
        self._progress.update(self._task, completed=done, total=total)
        if what is not None:
            self._progress.update(self._task, description=one_line(what))


class _NoBar:
    def to(self, done: int, total: int | None = None, what: str | None = None) -> None:
        """Show nothing: nobody is looking."""


@contextmanager
def bar(what: str, *, after: float = 0) -> Iterator[Bar]:
    """A progress bar on standard error, where that is a terminal; what takes less than `after` seconds shows none."""
    if not err.is_terminal:
        yield _NoBar()
        return
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    progress = Progress(*columns, console=err, transient=True)
    if not after:
        progress.start()
    try:
        yield _RichBar(progress, what, after)
    finally:
        if progress.live.is_started:
            progress.stop()


def stages(bar: Bar) -> Callable[[str, int], None]:
    """What feeds `bar` with the progress of a build: called with a stage, and how many more of its things are done."""
    done: dict[str, int] = {}

    def progress(stage: str, more: int) -> None:
        done[stage] = done.get(stage, 0) + more
        bar.to(done[stage], None, stage)

    return progress


@contextmanager
def line() -> Iterator[Callable[[str], None]]:
    """A line on standard error that is written over, where that is a terminal; called with its text."""
    if not err.is_terminal:
        yield lambda _text: None
        return
    with Progress(
        SpinnerColumn(), TextColumn("{task.description}", markup=False), console=err, transient=True
    ) as progress:
        task = progress.add_task("", total=None)
        yield lambda text: progress.update(task, description=one_line(text))
