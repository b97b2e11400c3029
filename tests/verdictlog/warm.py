"""Runs of `verdictlog` that need not load its modules each time: each is a fork of a process that has loaded them.

A run is a process of its own, with the arguments, environment, folder and streams that it is given, and goes through
the same ``python -m verdictlog`` from there on. Only the loading is shared, which takes longer than most runs do. With
VERDICTLOG_TEST_LONG=1 nothing is shared (`tests.verdictlog.running`).
"""

from __future__ import annotations

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
from collections.abc import Mapping, Sequence
from pathlib import Path

ROOT = Path(__file__).parents[2]
LOADED = (
    "verdictlog.cli",
    "crawler.fetch.crawl",
    "crawler.spiders.site",
    "crawler.fetch.frontier",
    "crawler.fetch.handler",
    "crawler.fetch.keep",
    "crawler.fetch.redirects",
    "scrapy.downloadermiddlewares.cookies",
    "scrapy.extensions.feedexport",
    "aiohttp.web",
    "crawler.imports",
    "dataset.building.build",
    "dataset.exports.whole",
    "dataset.asking.status",
    "license_expression",
)
"""What is loaded beforehand, with all that it loads itself."""

MESSAGE = 1 << 20


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
        answer, theirs = os.pipe()
        with (
            os.fdopen(answer, "rb", buffering=0) as told,
            open(os.devnull, "rb") as nothing,  # noqa: PTH123
            tempfile.TemporaryFile("w+", encoding="utf-8", newline="") as out,
            tempfile.TemporaryFile("w+", encoding="utf-8", newline="") as err,
        ):
            message = json.dumps({"words": list(words), "env": dict(env)}).encode()
            socket.send_fds(self._line, [message], [nothing.fileno(), out.fileno(), err.fileno(), theirs])
            os.close(theirs)
            pid = int(told.read(10))
            if not select.select([told], [], [], timeout)[0]:
                os.kill(pid, signal.SIGKILL)
                raise subprocess.TimeoutExpired(list(words), timeout)
            code = int(told.read(10))
            out.seek(0)
            err.seek(0)
            return code, out.read(), err.read()


def _take_over(message: bytes, handles: Sequence[int]) -> None:
    """In a process that was forked for one run: become the run, or wait for it and tell how it ended."""
    *streams, answer = handles
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
    for number, handle in enumerate(streams):
        os.dup2(handle, number)
        os.close(handle)
    given = json.loads(message)
    os.environ.clear()
    os.environ.update(given["env"])
    os.chdir("/")
    sys.path.remove(str(ROOT))
    sys.argv = ["verdictlog", *given["words"]]
    runpy.run_module("verdictlog", run_name="__main__", alter_sys=True)


def main(handle: int) -> None:
    """Fork a run for each message that comes on the socket `handle`, until its other end is closed."""
    for name in LOADED:
        importlib.import_module(name)
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
