"""Closed standard output or error, and readers that leave: every command ends by itself, without a traceback."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer

from tests.verdictlog.running import SAMPLES, TIMEOUT, Folder, command, environment, run
from verdictlog.cli import app

ARGUMENTS = {
    "import": [str(SAMPLES / "manifest.jsonl")],
    "crawl": ["http://127.0.0.1:9/"],
    "run": ["http://127.0.0.1:9/"],
    "evidence": ["f0e871746a2b626b"],
    "show": ["Gatepost"],
    "export": ["--table", "captures"],
    "build": ["--full"],
    "match explain": ["a", "b"],
}
"""What each command needs beside the data folder. Nothing listens on port 9, so a crawl ends at once."""
CLOSED = {"stdout": ">&-", "stderr": "2>&-", "both": ">&- 2>&-", "all": "<&- >&- 2>&-"}


def _commands() -> Iterator[str]:
    """The name of every command, subcommands included; `serve` and `match review` run until they are stopped."""
    for name, each in vars(typer.main.get_command(app))["commands"].items():
        inner = getattr(each, "commands", None)
        if inner is not None:
            yield from (f"{name} {word}" for word in inner if word != "review")
        elif name != "serve":
            yield name


COMMANDS = list(_commands())
QUICK = [pytest.param(name, marks=pytest.mark.long) if name in ("crawl", "run") else name for name in COMMANDS]
"""A site that does not answer is asked several times, which takes `crawl` and `run` a while."""


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = Folder(tmp_path_factory.mktemp("streams") / "data")
    folder.run("import", SAMPLES / "manifest.jsonl")
    folder.run("build")
    return folder.path


def words_of(name: str, data: Path) -> list[str]:
    return command(*name.split(), *ARGUMENTS.get(name, []), "--data", data)


@pytest.mark.parametrize(
    "closed", ["all", *(pytest.param(each, marks=pytest.mark.long) for each in CLOSED if each != "all")]
)
@pytest.mark.parametrize("name", QUICK)
def test_closed_streams_count_as_dev_null(data: Path, name: str, closed: str) -> None:
    words = words_of(name, data)
    whole = subprocess.run(words, capture_output=True, env=environment(), timeout=TIMEOUT, check=False)
    script = f'"$@" {CLOSED[closed]}'
    done = subprocess.run(
        ["sh", "-c", script, "sh", *words],
        capture_output=True,
        text=True,
        env=environment(),
        timeout=TIMEOUT,
        check=False,
    )
    assert "Traceback" not in done.stderr + done.stdout
    assert "Exception" not in done.stderr + done.stdout
    assert done.returncode == whole.returncode


@pytest.mark.parametrize("name", QUICK)
def test_a_reader_that_leaves_at_once(data: Path, name: str) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    try:
        done = subprocess.run(
            words_of(name, data),
            stdout=writer,
            stderr=subprocess.PIPE,
            text=True,
            env=environment(),
            timeout=TIMEOUT,
            check=False,
        )
    finally:
        os.close(writer)
    assert "Traceback" not in done.stderr
    assert "Exception" not in done.stderr
    assert "Broken pipe" not in done.stderr
    assert done.returncode in (0, 1, 2, 3)


def test_the_commands_are_found() -> None:
    assert {"import", "crawl", "build", "run", "match stats"} <= set(COMMANDS)
    assert run("--help").code == 0
