"""SIGKILL at random moments of every command that writes: nothing is lost, and the same command finishes the work.

Each round starts one command, kills it (alone, or with the processes that it started), and runs it again to its end.
Every few rounds the archive is verified, and the dataset is held against a clean build of a copy of the archive.
"""

from __future__ import annotations

import filecmp
import os
import random
import shutil
import signal
import sqlite3
import subprocess
import time
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from tests.serving import SampleSite, sample_site
from tests.verdictlog.running import TIMEOUT, Folder, command, environment, many_pages

QUICK, LONG = 5, 100
COMPARE_EACH = 5
COMMANDS = ("crawl", "import", "build", "run", "export")


class Work:
    """A data folder on which commands are killed, and where each of them takes its input from."""

    def __init__(self, folder: Path, site: SampleSite, chance: random.Random) -> None:
        self.data = Folder(folder / "data")
        self.out = folder / "export"
        self._folder, self._site, self._chance = folder, site, chance
        self._takes: dict[str, float] = {}
        self._imports = 0

    def words(self, name: str) -> list[str | Path]:
        """The command line of `name`, the same for the killed run and the one that finishes its work."""
        words: dict[str, list[str | Path]] = {
            "crawl": [self._site.url, "--delay", "0"],
            "import": [self._folder / f"pages-{self._imports}" / "manifest.jsonl"],
            "build": ["--full"],
            "run": [self._site.url, "--delay", "0"],
            "export": ["--out", self.out],
        }
        return [name, *words[name], "--data", self.data.path]

    def something_new(self, name: str) -> None:
        """Give the command `name` something to do."""
        if name == "import":
            self._imports += 1
            many_pages(self._folder / f"pages-{self._imports}", 40, year=2000 + self._imports)
        elif name in ("crawl", "run"):
            self._site.advance(86_400 * self._chance.randint(3, 12))

    def kill(self, name: str) -> bool:
        """Start the command and kill it at a random moment; whether it was still at work."""
        process = subprocess.Popen(
            command(*self.words(name), warns=False),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env=environment(),
            cwd="/",
            start_new_session=True,
        )
        try:
            process.wait(self._chance.uniform(0.1, 0.9) * self._takes[name])
        except subprocess.TimeoutExpired:
            if self._chance.random() < 0.5:
                os.killpg(process.pid, signal.SIGKILL)
            else:
                process.kill()
        return process.wait(TIMEOUT) == -signal.SIGKILL

    def finish(self, name: str) -> None:
        """Run the command to its end."""
        began = time.monotonic()
        words = self.words(name)
        done = subprocess.run(
            command(*words), capture_output=True, encoding="utf-8", env=environment(), timeout=TIMEOUT, check=False
        )
        took = time.monotonic() - began
        self._takes[name] = min(took, self._takes.get(name, took))
        assert "Traceback" not in done.stderr, done.stderr
        assert done.returncode in ((0, 3) if name == "run" else (0,)), f"{name}: {done.returncode}\n{done.stderr}"

    def compare(self) -> None:
        """Verify the archive; hold the dataset against a clean build of it, and the export against a new one."""
        verified = self.data.run("verify")
        assert verified.code == 0, verified.out + verified.err
        self.finish("build")
        self.finish("export")
        clean = Folder(self._folder / "clean")
        shutil.rmtree(clean.path, ignore_errors=True)
        shutil.copytree(self.data.path / "archive", clean.path / "archive")
        assert clean.run("build").code == 0
        assert contents(self.data) == contents(clean)
        again = clean.path / "export"
        assert self.data.run("export", "--out", again).code == 0
        names = [path.name for path in again.iterdir()]
        _, differing, failed = filecmp.cmpfiles(self.out, again, names, shallow=False)
        assert (differing, failed) == ([], [])


def contents(folder: Folder) -> dict[str, list[tuple[Any, ...]]]:
    """Every published table with its rows, in the order of the rows."""
    with closing(sqlite3.connect(f"file:{folder.database}?mode=ro", uri=True)) as con:
        tables = con.execute(
            "SELECT name FROM pragma_table_list WHERE schema = 'main' AND type = 'table' AND name NOT GLOB '[_s]*_*'"
        )
        return {
            name: sorted((row for row in con.execute(f'SELECT * FROM "{name}"') if row[0] != "built_at"), key=repr)
            for (name,) in tables.fetchall()
        }


@pytest.mark.parametrize("rounds", [QUICK, pytest.param(LONG, marks=pytest.mark.long)])
@pytest.mark.timeout(3600)
def test_killed_commands_lose_nothing(tmp_path: Path, rounds: int) -> None:
    chance = random.Random(20261201)
    with sample_site(tools=5) as site:
        work = Work(tmp_path, site, chance)
        for name in COMMANDS:
            work.something_new(name)
            work.finish(name)
        killed = 0
        for number in range(rounds):
            name = COMMANDS[number % len(COMMANDS)]
            work.something_new(name)
            killed += work.kill(name)
            work.finish(name)
            if (number + 1) % COMPARE_EACH == 0:
                work.compare()
    assert killed > rounds // 3, "hardly any command was still at work when it was killed: this test shows nothing"
