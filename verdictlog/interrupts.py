"""What Ctrl-C does: while the program starts or ends, the process ends at once; while a command works, it stops.

A command that works gets `KeyboardInterrupt`, so that it can close files and end its workers. Before that there is
nothing to close, and an exception in the middle of an import would end in a traceback. Where the process was started
with SIGINT ignored (``nohup``, a background job of a script), it stays ignored.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from types import FrameType
from typing import NoReturn

INTERRUPTED = 130
"""The exit code that a shell expects of a program that Ctrl-C ended: 128 + SIGINT (POSIX shells)."""


def end_at_once() -> None:
    """From now on Ctrl-C ends the process with `INTERRUPTED` and prints nothing."""
    _on_ctrl_c(_end)


def stop_the_work() -> None:
    """From now on Ctrl-C raises `KeyboardInterrupt`."""
    _on_ctrl_c(signal.default_int_handler)


def _on_ctrl_c(handler: Callable[[int, FrameType | None], object]) -> None:
    if signal.getsignal(signal.SIGINT) != signal.SIG_IGN:
        signal.signal(signal.SIGINT, handler)


def _end(_number: int, _frame: FrameType | None) -> NoReturn:
    os._exit(INTERRUPTED)
