"""Builds that are killed, starved, locked out or watched: the last good dataset stands, and the next build works."""

from __future__ import annotations

import json
import os
import sqlite3
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import psutil
import pytest

from dataset.readings.parsing import POOL_FROM
from tests.dataset.captures import Capture, Data, card, compared, says
from tests.verdictlog.running import Process, started

ROOT = Path(__file__).parents[3]


def pages(count: int, first: int = 0) -> list[Capture]:
    """`count` comparison pages that all show one listing, and another each."""
    return [
        compared(
            card("alder", says("Solid joinery.", "builder", 80, "ship"), name=f"Alder {number}"),
            card(f"b{number}", says(f"Fine. {'Words, words. ' * 20}{number}"), name=f"B {number}"),
            1 + number / 1000,
        )
        for number in range(first, first + count)
    ]


def command(folder: Path, *words: str) -> list[str]:
    return [sys.executable, "-m", "tests.dataset.built", str(folder), *words]


def build_apart(folder: Path, *words: str) -> dict[str, Any]:
    """What a build in a process of its own says."""
    done = subprocess.run(command(folder, *words), cwd=ROOT, capture_output=True, text=True, check=True, timeout=120)
    found: dict[str, Any] = json.loads(done.stdout)
    return found


@contextmanager
def stopped_at(stage: str, folder: Path, *words: str) -> Iterator[Process]:
    """A build in a process of its own that stands still in `stage`."""
    with started(str(folder), f"stop={stage}", *words, module="tests.dataset.built") as child:
        assert child.stdout is not None
        assert child.stdout.readline().strip() == stage
        yield child


@pytest.mark.parametrize(
    ("builds", "stage"),
    [(builds, stage) for builds in (0, 1) for stage in ("read", "derive", "index", "publish")],
)
def test_a_killed_build_leaves_the_last_good_dataset_and_the_next_finishes(
    tmp_path: Path, builds: int, stage: str
) -> None:
    data = Data(tmp_path)
    for number in range(builds):
        data.add(pages(10, first=10 * number))
        data.build()
        before = data.database.read_bytes()
    data.add(pages(30, first=30))
    with stopped_at(stage, tmp_path) as child:
        child.kill()
        child.wait()
    if not builds:
        assert not data.database.exists()
    else:
        assert data.database.read_bytes() == before
    assert (tmp_path / ".verdictlog.db.building").exists() == (stage != "read")
    assert data.build().changed
    assert not (tmp_path / ".verdictlog.db.building").exists()
    incremental = data.sha256()
    data.build(full=True)
    assert data.sha256() == incremental


def test_builds_killed_at_any_moment_lose_nothing(tmp_path: Path) -> None:
    data = Data(tmp_path)
    data.add(pages(300))
    data.build()
    good = data.sha256()
    data.add(pages(300, first=300))
    for tenths in range(2, 14, 2):
        with subprocess.Popen(command(tmp_path), cwd=ROOT, stdout=subprocess.DEVNULL) as child:
            time.sleep(tenths / 10)
            child.kill()
        found = data.sha256()
        if found != good:
            break
    data.build()
    last = data.sha256()
    data.build(full=True)
    assert data.sha256() == last
    assert data.row("SELECT count(*) AS n FROM captures") == {"n": 600}


def test_the_workers_of_a_killed_build_end_too(tmp_path: Path) -> None:
    data = Data(tmp_path)
    data.add(pages(POOL_FROM + 100))
    with stopped_at("read", tmp_path, "workers=2") as child:
        workers = psutil.Process(child.pid).children(recursive=True)
        assert len(workers) >= 2
        child.kill()
        child.wait()
        _, alive = psutil.wait_procs(workers, timeout=20)
    assert alive == []
    assert data.build().captures == POOL_FROM + 100


def test_of_two_builds_at_once_the_second_refuses(tmp_path: Path) -> None:
    data = Data(tmp_path)
    data.add(pages(5))
    with stopped_at("derive", tmp_path) as child:
        refused = build_apart(tmp_path)
        assert refused["error"] == "BuildBusy"
        assert f"process {child.pid} is building this dataset" in refused["text"]
        assert (tmp_path / ".verdictlog.db.building").exists()
    assert build_apart(tmp_path)["changed"]
    assert data.row("SELECT count(*) AS n FROM captures") == {"n": 5}


@pytest.mark.parametrize("size", [4_096, 60_000, 200_000])
def test_a_full_disk_stops_the_build_and_leaves_the_last_good_dataset(tmp_path: Path, size: int) -> None:
    data = Data(tmp_path)
    data.add(pages(3))
    data.build()
    before = data.database.read_bytes()
    data.add(pages(200, first=3))
    failed = build_apart(tmp_path, f"limit={size}")
    assert failed["error"] == "BuildError"
    assert str(tmp_path) in failed["text"]
    assert "last good dataset is untouched" in failed["text"]
    assert data.database.read_bytes() == before
    assert not (tmp_path / ".verdictlog.db.building").exists()
    assert data.build().captures == 200


def test_a_read_only_folder_is_named_and_nothing_is_lost() -> None:
    # Not below tmp_path, into which other users (this test may have to become one) can't look.
    with TemporaryDirectory() as name:
        folder = Path(name)
        data = Data(folder / "data")
        data.add(pages(3))
        data.build()
        before = data.database.read_bytes()
        data.add(pages(3, first=3))
        (data.folder / ".build.lock").unlink()
        folder.chmod(0o755)
        data.folder.chmod(stat.S_IRUSR | stat.S_IXUSR | stat.S_IRGRP | stat.S_IXGRP | stat.S_IROTH | stat.S_IXOTH)
        try:
            failed = build_apart(data.folder, "nobody")
        finally:
            data.folder.chmod(0o755)
        assert failed["error"] == "BuildError"
        assert f"{data.folder}: can't be written" in failed["text"]
        assert data.database.read_bytes() == before


def named(data: Data) -> str:
    """What the dataset says that it was made from."""
    return str(data.row("SELECT value FROM dataset_info WHERE key = 'input_digest'")["value"])


def test_readers_see_whole_datasets_only(tmp_path: Path) -> None:
    data = Data(tmp_path)
    data.add(pages(20))
    data.build()
    allowed = {named(data)}
    seen: list[str] = []
    wrong: list[str] = []
    done = threading.Event()

    def hammer() -> None:
        while not done.is_set():
            try:
                with closing(sqlite3.connect(f"file:{data.database}?mode=ro", uri=True)) as con:
                    con.execute("BEGIN")
                    [[digest]] = con.execute("SELECT value FROM dataset_info WHERE key = 'input_digest'")
                    [[rows]] = con.execute("SELECT value FROM dataset_info WHERE key = 'rows_captures'")
                    [[count]] = con.execute("SELECT count(*) FROM captures")
                    [[check]] = con.execute("PRAGMA quick_check")
                    if int(rows) != count or check != "ok":
                        wrong.append(f"{rows} {count} {check}")
                    seen.append(digest)
            except (sqlite3.Error, ValueError) as error:
                wrong.append(repr(error))

    readers = [threading.Thread(target=hammer) for _ in range(3)]
    for reader in readers:
        reader.start()
    try:
        for round_ in range(1, 9):
            data.add(pages(20, first=20 * round_))
            data.build(full=round_ % 3 == 0)
            allowed.add(named(data))
        deadline = time.monotonic() + 20
        while named(data) not in seen and time.monotonic() < deadline:
            time.sleep(0.05)
    finally:
        done.set()
        for reader in readers:
            reader.join()
    assert wrong == []
    assert set(seen) <= allowed
    assert len(set(seen)) > 1, "the readers never saw a new dataset"


def test_the_lock_ends_with_its_process(tmp_path: Path) -> None:
    data = Data(tmp_path)
    data.add(pages(2))
    with stopped_at("read", tmp_path) as child:
        assert (tmp_path / ".build.lock").read_text().strip() == str(child.pid)
    assert data.build().changed
    assert (tmp_path / ".build.lock").read_text().strip() == str(os.getpid())
