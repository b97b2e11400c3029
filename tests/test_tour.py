"""Runs the tour in the README and the tutorial in an empty folder, and compares every line of output that they show.

A line ``...`` stands for any lines, the character … for any text within a line.
"""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).parents[1]
SECONDS = 60
PORT = 8001
PAGES = {
    "README.md": ("import", "build", "changes", "serve"),
    "docs/tutorial.md": ("import", "build", "status", "show", "changes", "evidence", "verify", "serve"),
}
"""The pages that are run, and the commands that each has to show."""


class Step(NamedTuple):
    """A command and the lines that it is shown to print."""

    command: str
    shown: str


def steps(page: str) -> list[Step]:
    text = (ROOT / page).read_text("utf-8")
    found: list[Step] = []
    for block in re.findall(r"^```console\n(.*?)^```$", text, re.S | re.M):
        for part in re.split(r"^\$ ", block, flags=re.M)[1:]:
            command, _, shown = part.partition("\n")
            found.append(Step(command, shown.rstrip("\n")))
    return found


def pattern(shown: str) -> re.Pattern[str]:
    lines = []
    for line in shown.splitlines():
        if line == "...":
            lines.append(r"(?:.*\n)*?")
        else:
            lines.append(r"[^\n]*".join(re.escape(part) for part in line.split("…")) + r"\n")
    return re.compile("".join(lines))


def environment() -> dict[str, str]:
    """The environment of a person who just activated the virtual environment."""
    quiet = {"COLUMNS", "FORCE_COLOR", "TTY_COMPATIBLE", "VERDICTLOG_DATA"}
    env = {name: value for name, value in os.environ.items() if name not in quiet}
    return env | {"PATH": f"{Path(sys.executable).parent}{os.pathsep}{env.get('PATH', os.defpath)}"}


def run(command: str, folder: Path) -> str:
    done = subprocess.run(
        ["bash", "-c", command],
        cwd=folder,
        env=environment(),
        text=True,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        timeout=SECONDS,
        check=False,
    )
    return done.stdout


def serve(command: str, folder: Path) -> str:
    """Run a command that serves on a free port: what it prints, once its address answers; then stop it."""
    server = subprocess.Popen(
        ["bash", "-c", f"exec {command} --port 0"], cwd=folder, env=environment(), text=True, stdout=subprocess.PIPE
    )
    try:
        assert server.stdout is not None
        line = server.stdout.readline()
        address = re.search(r"http://127\.0\.0\.1:(\d+)/", line)
        assert address, line
        with urllib.request.urlopen(address[0], timeout=SECONDS) as answer:
            assert answer.status == 200
        server.send_signal(signal.SIGINT)
        rest, _ = server.communicate(timeout=SECONDS)
        assert server.returncode == 0
    finally:
        server.kill()
        server.wait()
    return (line + rest).replace(f":{address[1]}/", f":{PORT}/")


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """A copy of what the pages use of the project's folder."""
    shutil.copytree(ROOT / "samples", tmp_path / "samples")
    shutil.copy(ROOT / "metadata.yml", tmp_path)
    yield tmp_path


@pytest.mark.parametrize("page", PAGES)
def test_the_commands_print_what_the_page_shows(page: str, folder: Path) -> None:
    commands = [step.command for step in steps(page)]
    for word in PAGES[page]:
        assert any(f"verdictlog {word}" in command for command in commands), f"{page} does not show {word}"
    for step in steps(page):
        printed = serve(step.command, folder) if "verdictlog serve" in step.command else run(step.command, folder)
        printed = "".join(f"{line.rstrip()}\n" for line in printed.splitlines())
        assert pattern(step.shown).fullmatch(printed), (
            f"{page} shows for\n  {step.command}\n{step.shown}\n\nbut it prints\n{printed}"
        )


def test_the_citation_is_the_capture_of_the_tutorial() -> None:
    text = (ROOT / "docs" / "citing.md").read_text("utf-8")
    shown = "\n".join(step.shown for step in steps("docs/tutorial.md"))
    cited = re.search(r"Capture (\w+),.*sha256:(\w+)\.", text, re.S)
    assert cited
    assert f'"first_capture_id": "{cited[1]}"' in shown
    assert f'"sha256": "{cited[2]}"' in shown


@pytest.mark.parametrize(
    ("shown", "printed", "fits"),
    [
        ("a\n...\nd", "a\nb\nc\nd\n", True),
        ("a\n...\nd", "a\nd\n", True),
        ("a\n...", "a\nb\n", True),
        ("a", "a\nb\n", False),
        ("open: …", "open: 3\n", True),
        ("open: …", "open: 3\n4\n", False),
        ("1 added", "2 added\n", False),
    ],
)
def test_what_fits(shown: str, printed: str, fits: bool) -> None:
    assert (pattern(shown).fullmatch(printed) is not None) is fits
