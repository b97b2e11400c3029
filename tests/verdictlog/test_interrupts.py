"""Ctrl-C at any moment of a command, from its first own line to its exit: exit code 130, and no traceback."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.verdictlog.running import SAMPLES, TIMEOUT, environment, many_pages, run

COMMANDS = (
    "import",
    "build",
    "status",
    "changes",
    "export",
    "verify",
    "show",
    "evidence",
    "match",
    "categories",
    "help",
)
QUICK, LONG = 22, 330
"""How many interrupted runs: two of each command in `make test`, thirty in `make test-all`."""


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a built dataset and a manifest of more pages."""
    folder = tmp_path_factory.mktemp("interrupts")
    many_pages(folder / "pages", 60)
    run("import", "--data", folder / "data", SAMPLES / "manifest.jsonl")
    run("build", "--data", folder / "data")
    return folder


def words_of(name: str, folder: Path, out: Path) -> list[str]:
    """The command line of the command `name`; what it writes goes below `out`."""
    if name == "help":
        return ["--help"]
    words = {
        "import": [f"{folder}/pages/manifest.jsonl", "--data", f"{out}"],
        "build": ["--full", "--data", f"{folder}/data"],
        "export": ["--data", f"{folder}/data", "--out", f"{out}"],
        "evidence": ["--data", f"{folder}/data", "f0e871746a2b626b"],
        "show": ["--data", f"{folder}/data", "Gatepost"],
        "match": ["stats", "--data", f"{folder}/data"],
        "categories": ["--data", f"{folder}/data"],
    }
    return [name, *words.get(name, ["--data", f"{folder}/data"])]


def start(words: list[str]) -> subprocess.Popen[str]:
    """The command, just after its first own line ran: Python's list of loaded modules shows when."""
    process = subprocess.Popen(
        [sys.executable, "-X", "importtime", "-m", "verdictlog", *words],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        encoding="utf-8",
        env=environment(),
        cwd="/",
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # noqa: PLW1509  (no thread runs here)
    )
    assert process.stderr is not None
    while "verdictlog.interrupts" not in (line := process.stderr.readline()):
        assert line, "it ended before it handled Ctrl-C"
    return process


def end(process: subprocess.Popen[str]) -> str:
    """What the command printed on standard error until it ended."""
    _, err = process.communicate(timeout=TIMEOUT)
    return "".join(line for line in err.splitlines(keepends=True) if not line.startswith("import time:"))


@pytest.mark.timeout(3600)
@pytest.mark.parametrize("count", [QUICK, pytest.param(LONG, marks=pytest.mark.long)])
def test_ctrl_c_at_any_moment_ends_a_command_quietly(data: Path, tmp_path: Path, count: int) -> None:
    chance = random.Random(20261201)
    takes: dict[str, float] = {}
    for name in COMMANDS:
        process, began = start(words_of(name, data, tmp_path / f"whole-{name}")), time.monotonic()
        err = end(process)
        assert process.returncode in (0, 1), err
        takes[name] = time.monotonic() - began
    interrupted = 0
    for number in range(count):
        name = COMMANDS[number % len(COMMANDS)]
        delay = 0.002 + chance.random() * takes[name]
        process = start(words_of(name, data, tmp_path / f"{number}"))
        time.sleep(delay)
        os.kill(process.pid, signal.SIGINT)
        err = end(process)
        what = f"{name} after {delay:.3f} s of {takes[name]:.3f} s: {err}"
        assert "Traceback" not in err, what
        assert "Exception" not in err, what
        if process.returncode in (130, -signal.SIGINT):
            interrupted += 1
            assert "stopped" not in err or err.endswith("stopped\n"), what
        else:
            assert process.returncode in (0, 1), what
    assert interrupted > count // 4, "hardly any run was interrupted: this test shows nothing"
