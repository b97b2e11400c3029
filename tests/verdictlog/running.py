"""Running the real `verdictlog` command: in a process of its own, on a pipe or on a terminal, and data folders for it.

No run may print a traceback or a warning of Python; `run` and `in_terminal` see to that every time.
"""

from __future__ import annotations

import contextlib
import fcntl
import functools
import io
import json
import os
import pty
import select
import signal
import sqlite3
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from crawler.archive import Archive, decoded_body
from tests.verdictlog.warm import Forked, WarmStart

ROOT = Path(__file__).parents[2]
SAMPLES = ROOT / "samples"
SITE = "https://verdicts.example"
TIMEOUT = 120
IS_LONG = os.environ.get("VERDICTLOG_TEST_LONG") == "1"
SLOW_PAGES = 250
"""Pages that take a build about a second, and are fewer than it starts worker processes for."""

_OWN = (
    "PYTHONDONTWRITEBYTECODE",
    "VERDICTLOG_DATA",
    "VERDICTLOG_CONTACT",
    "VERDICTLOG_SITES",
    "VERDICTLOG_WHO",
    "NO_COLOR",
    "FORCE_COLOR",
    "CLICOLOR",
    "COLUMNS",
    "LINES",
    "PYTHONIOENCODING",
)


READ_LATE = {"COLUMNS", "VERDICTLOG_DATA", "VERDICTLOG_CONTACT", "VERDICTLOG_WHO"}
"""What is not looked at when modules are loaded."""


def environment(**extra: str) -> dict[str, str]:
    """The environment of a run: this one, without what would change the output, and with `extra`."""
    kept = {name: value for name, value in os.environ.items() if name not in _OWN}
    return kept | {"TERM": "xterm-256color", "PYTHONUTF8": "1"} | extra


def command(*words: str | Path, module: str = "verdictlog", warns: bool = True) -> list[str]:
    """The command line of `verdictlog` (or another program) with `words`.

    If it `warns`, a warning of Python is an error. A run that is stopped in mid-work should not: then Python may close
    a file late.
    """
    return [sys.executable, *(["-W", "error"] if warns else []), "-m", module, *map(str, words)]


def assert_clean(text: str) -> None:
    for sign in ("Traceback", "Exception ignored", "Warning:"):
        assert sign not in text, text[-3000:]


@dataclass(frozen=True)
class Ran:
    """How a run ended, and what it printed."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """Standard output, which must be JSON and nothing else."""
        return json.loads(self.out)


@functools.cache
def _warm_start() -> WarmStart:
    return WarmStart(environment())


def run(*words: str | Path, before: Callable[[], None] | None = None, env: Mapping[str, str] | None = None) -> Ran:
    """Run the command to its end. `before` is called in its process, before it starts."""
    if before is None and set(env or ()) <= READ_LATE and not IS_LONG:
        ran = Ran(*_warm_start().run([str(word) for word in words], environment(**(env or {})), TIMEOUT))
        assert_clean(ran.err)
        return ran
    done = subprocess.run(
        command(*words),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        env=environment(**(env or {})),
        cwd="/",
        timeout=TIMEOUT,
        check=False,
        preexec_fn=before,  # noqa: PLW1509  (no thread runs here)
    )
    assert_clean(done.stderr)
    return Ran(done.returncode, done.stdout, done.stderr)


def _take_ctrl_c() -> None:
    """A test run that was itself started in the background has Ctrl-C ignored, and children inherit that."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


Process = subprocess.Popen[str] | Forked
"""A command at work."""


def start(*words: str | Path, module: str = "verdictlog", warns: bool = False) -> Process:
    """Start the command (or another program) as `command` says, in a process group, with its output on pipes."""
    if not IS_LONG:
        return _warm_start().start(module, [str(word) for word in words], environment(), warns=warns)
    return subprocess.Popen(
        command(*words, module=module, warns=warns),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
        env=environment(PYTHONUNBUFFERED="1"),
        cwd="/" if module == "verdictlog" else ROOT,
        start_new_session=True,
        preexec_fn=_take_ctrl_c,  # noqa: PLW1509  (no thread runs here)
    )


@contextmanager
def started(*words: str | Path, module: str = "verdictlog") -> Iterator[Process]:
    """The command at work, as `start` starts it; whatever is left of its group is killed at the end."""
    with start(*words, module=module) as process:
        try:
            yield process
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)


def wait_until(is_so: Callable[[], bool], process: Process, what: str) -> None:
    """Wait until `is_so` while `process` is at work."""
    deadline = time.monotonic() + TIMEOUT
    while not is_so():
        assert process.poll() is None, f"it ended before {what}"
        assert time.monotonic() < deadline, f"it did not come to {what}"
        time.sleep(0.002)


def _read(screen: io.FileIO, *, again: bytes) -> bytes:
    """What comes next on `screen`. `again` is typed once more after each two seconds in which nothing does.

    A Ctrl-C between the prompt and the reading of the answer, a matter of microseconds, is only seen with the next key.
    """
    while again and not select.select([screen], [], [], 2)[0]:
        os.write(screen.fileno(), again)
    return screen.read(65536) or b""


def in_terminal(
    *words: str | Path, rows: int = 40, columns: int = 100, keys: Keys | Sequence[Keys] | None = None
) -> tuple[int, bytes]:
    """Run the command on a terminal of its own; its exit code and every byte that the terminal got.

    `keys` are typed as soon as a text is on the screen, one after the other where there are several.
    """
    to_type = [keys] if isinstance(keys, Keys) else list(keys or ())
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def take_terminal() -> None:
        _take_ctrl_c()
        fcntl.ioctl(0, termios.TIOCSCTTY, 0)

    process = subprocess.Popen(
        command(*words, warns=False),
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        env=environment(),
        cwd="/",
        start_new_session=True,
        preexec_fn=take_terminal,  # noqa: PLW1509  (no thread runs here)
    )
    os.close(theirs)
    got = bytearray()
    looked, typed = 0, b""
    with process, os.fdopen(ours, "rb", buffering=0) as screen:
        try:
            with contextlib.suppress(OSError):  # that is how Linux tells that the other end is closed
                while piece := _read(screen, again=CTRL_C if typed == CTRL_C else b""):
                    got += piece
                    if to_type and (place := got.find(to_type[0].after, looked)) >= 0:
                        looked = place + len(to_type[0].after)
                        typed = to_type.pop(0).typed
                        os.write(ours, typed)
            code = process.wait(TIMEOUT)
        finally:
            process.kill()
    assert_clean(got.decode("utf-8", "replace"))
    return code, bytes(got)


@dataclass(frozen=True)
class Keys:
    """What is typed, and the text on the screen that it waits for."""

    after: bytes
    typed: bytes


CTRL_C = b"\x03"


def in_own_mounts(script: str, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """Run a shell script as one that may mount, and whose mounts end with it; skip the test where that can't be had."""
    user = [] if os.geteuid() == 0 else ["--map-root-user"]
    aside = ["unshare", *user, "--mount"]
    try:
        probe = subprocess.run([*aside, "mount", "-t", "tmpfs", "tmpfs", "/mnt"], capture_output=True, check=False)
    except FileNotFoundError:
        pytest.skip("there is no unshare here, so nothing can be mounted without leaving a trace")
    if probe.returncode != 0:
        pytest.skip("this user may not mount anything here")
    return subprocess.run(
        [*aside, "sh", "-euc", script, "sh", *map(str, arguments)],
        capture_output=True,
        text=True,
        env=environment(),
        timeout=TIMEOUT,
        check=False,
    )


class Folder:
    """A data folder that the command works on."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.database = path / "verdictlog.db"

    def run(self, name: str, *words: str | Path, **options: Any) -> Ran:
        """Run the command `name` on this folder."""
        return run(name, "--data", self.path, *words, **options)

    def rows(self, sql: str, *values: object) -> list[dict[str, Any]]:
        """The rows that `sql` gives."""
        with closing(sqlite3.connect(f"file:{self.database}?mode=ro", uri=True)) as con:
            con.row_factory = sqlite3.Row
            return [dict(row) for row in con.execute(sql, values)]

    def column(self, sql: str, *values: object) -> list[Any]:
        """The first column of the rows that `sql` gives."""
        return [next(iter(row.values())) for row in self.rows(sql, *values)]

    def stored(self) -> dict[str, bytes]:
        """The body of every capture in the archive, by url; responses with their encoding undone."""
        return {
            str(record.url): decoded_body(record, payload, limit=1 << 30)
            for record, payload in Archive(self.path / "archive").scan()
            if record.kind in ("resource", "conversion", "response")
        }


def manifest(folder: Path, entries: Iterable[dict[str, str]]) -> Path:
    """A manifest in `folder` that lists `entries`."""
    path = folder / "manifest.jsonl"
    path.write_text("".join(json.dumps(entry) + "\n" for entry in entries), "utf-8")
    return path


def many_pages(folder: Path, count: int = SLOW_PAGES, *, year: int = 2026) -> Path:
    """A manifest of `count` captures of one page, a minute apart."""
    folder.mkdir()
    (folder / "page.html").write_bytes((SAMPLES / "fernway-vs-harrow.html").read_bytes())
    url = f"{SITE}/compare/fernway-local-ci-runner-vs-harrow-tool-use-and-caching"
    times = [f"{year}-01-{1 + n // 1440:02}T{n // 60 % 24:02}:{n % 60:02}:00Z" for n in range(count)]
    pages = [{"file": "page.html", "url": url, "captured_at": at, "content_type": "text/html"} for at in times]
    return manifest(folder, pages)
