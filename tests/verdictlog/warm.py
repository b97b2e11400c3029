"""Runs of programs that need not load their modules each time: each is a fork of a process that has loaded them.

A run is a process of its own, with the arguments, environment, folder and streams that it is given, and goes through
the same ``python -m verdictlog`` from there on. Only the loading is shared, which takes longer than most runs do. With
VERDICTLOG_TEST_LONG=1 nothing is shared (`tests.verdictlog.running`).
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import json
import os
import runpy
import select
import signal
import socket
import subprocess
import sys
import tempfile
import warnings
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import IO, Self

ROOT = Path(__file__).parents[2]
LOADED = (
    "verdictlog.cli",
    "crawler.fetch.crawl",
    "crawler.spiders.site",
    "crawler.extensions.queue",
    "crawler.middlewares.archive",
    "crawler.middlewares.redirect",
    "scrapy.downloadermiddlewares.cookies",
    "scrapy.extensions.feedexport",
    "crawler.imports",
    "dataset.building.build",
    "dataset.exports.whole",
    "dataset.asking.status",
    "dataset.serving.serve",
    "datasette.cli",
    "license_expression",
)
"""What is loaded beforehand, with all that it loads itself."""

MESSAGE = 1 << 20


class Forked:
    """A running fork, and its streams, as those of `subprocess.Popen`."""

    def __init__(self, pid: int, told: IO[bytes], stdout: IO[str], stderr: IO[str]) -> None:
        self.pid = pid
        self.returncode: int | None = None
        self.stdout, self.stderr = stdout, stderr
        self._told = told

    def poll(self) -> int | None:
        """The exit code (minus the signal that killed it), None while it is at work."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            return self.wait(0)
        return None

    def wait(self, timeout: float | None = None) -> int:
        """The exit code, once it has ended. Raises `subprocess.TimeoutExpired` after `timeout` seconds."""
        if self.returncode is None:
            if not select.select([self._told], [], [], timeout)[0]:
                raise subprocess.TimeoutExpired(str(self.pid), timeout or 0)
            self.returncode = int(self._told.read(10))
        return self.returncode

    def communicate(self, timeout: float | None = None) -> tuple[str, str]:
        """What it printed since it was last read from, as output and as errors, once it has ended."""
        with ThreadPoolExecutor(2) as pool:
            texts = [pool.submit(stream.read) for stream in (self.stdout, self.stderr)]
            try:
                self.wait(timeout)
            except subprocess.TimeoutExpired:
                self.kill()
                raise
            return texts[0].result(), texts[1].result()

    def send_signal(self, number: int) -> None:
        """Send it a signal, if it is at work."""
        if self.poll() is None:
            os.kill(self.pid, number)

    def kill(self) -> None:
        """Kill it, if it is at work."""
        self.send_signal(signal.SIGKILL)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.wait()
        for stream in (self.stdout, self.stderr, self._told):
            stream.close()


class WarmStart:
    """The process that runs are forked from. It ends with the one that made it."""

    def __init__(self, env: Mapping[str, str]) -> None:
        self._line, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        words = [sys.executable, "-W", "error", "-m", "tests.verdictlog.warm", str(theirs.fileno())]
        with theirs:
            self._process = subprocess.Popen(
                words, cwd=ROOT, env=env, stdin=subprocess.DEVNULL, pass_fds=[theirs.fileno()]
            )

    def run(self, words: Sequence[str], env: Mapping[str, str], timeout: float) -> tuple[int, str, str]:
        """Run ``verdictlog`` with `words`; its exit code (minus the signal that killed it), output and errors.

        Raises `subprocess.TimeoutExpired` after `timeout` seconds.
        """
        with (
            tempfile.TemporaryFile("w+", encoding="utf-8", newline="") as out,
            tempfile.TemporaryFile("w+", encoding="utf-8", newline="") as err,
            Forked(*self._fork(_message("verdictlog", words, env), out.fileno(), err.fileno()), out, err) as process,
        ):
            try:
                code = process.wait(timeout)
            except subprocess.TimeoutExpired:
                process.kill()
                raise
            out.seek(0)
            err.seek(0)
            return code, out.read(), err.read()

    def start(self, module: str, words: Sequence[str], env: Mapping[str, str], *, warns: bool) -> Forked:
        """Start ``python -m module`` with `words`, with a process group of its own, and its output on pipes.

        `warns` says whether a warning of Python is an error there.
        """
        (out, its_out), (err, its_err) = os.pipe(), os.pipe()
        pid, told = self._fork(_message(module, words, env, stays=True, warns=warns), its_out, its_err)
        os.close(its_out)
        os.close(its_err)
        return Forked(pid, told, os.fdopen(out, encoding="utf-8"), os.fdopen(err, encoding="utf-8"))

    def _fork(self, message: bytes, out: int, err: int) -> tuple[int, IO[bytes]]:
        """The id of a new fork that does what `message` says, and what tells how it ends."""
        answer, theirs = os.pipe()
        with open(os.devnull, "rb") as nothing:  # noqa: PTH123
            socket.send_fds(self._line, [message], [nothing.fileno(), out, err, theirs])
        os.close(theirs)
        told = os.fdopen(answer, "rb", buffering=0)
        return int(told.read(10)), told


def _message(
    module: str, words: Sequence[str], env: Mapping[str, str], *, stays: bool = False, warns: bool = True
) -> bytes:
    given = {"module": module, "words": list(words), "env": dict(env), "stays": stays, "warns": warns}
    return json.dumps(given).encode()


def _take_over(message: bytes, handles: Sequence[int]) -> None:
    """In a process that was forked for one run: become the run, or wait for it and tell how it ended."""
    *streams, answer = handles
    given = json.loads(message)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    child = os.fork()
    if child:
        for handle in streams:
            os.close(handle)
        os.write(answer, f"{child:10}".encode())
        _, status = os.waitpid(child, 0)
        os.write(answer, f"{os.waitstatus_to_exitcode(status):10}".encode())
        os._exit(0)
    os.close(answer)
    if not given["warns"]:
        sys.warnoptions.clear()
        warnings.simplefilter("ignore")
    for number, handle in enumerate(streams):
        os.dup2(handle, number)
        os.close(handle)
    if given["stays"]:
        _stay()
    os.environ.clear()
    os.environ.update(given["env"])
    if given["module"] == "verdictlog":
        os.chdir("/")
        sys.path.remove(str(ROOT))
    sys.argv = [given["module"], *given["words"]]
    runpy.run_module(given["module"], run_name="__main__", alter_sys=True)


def _stay() -> None:
    """Be a program that others watch and stop: what it prints goes out line by line, and Ctrl-C is its own matter."""
    os.setsid()
    signal.signal(signal.SIGINT, signal.default_int_handler)
    sys.stdout, sys.stderr = (os.fdopen(number, "w", buffering=1, encoding="utf-8", closefd=False) for number in (1, 2))


def main(handle: int) -> None:
    """Fork a run for each message that comes on the socket `handle`, until its other end is closed."""
    for name in LOADED:
        importlib.import_module(name)
    gc.freeze()  # what is loaded stays, and is not looked through by each fork
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody asks how those ended that wait for the runs
    with socket.socket(fileno=handle) as line:
        while True:
            message, handles, _, _ = socket.recv_fds(line, MESSAGE, 4)
            if not message:
                return
            if os.fork() == 0:
                break
            for each in handles:
                os.close(each)
    _take_over(message, handles)


if __name__ == "__main__":
    main(int(sys.argv[1]))
