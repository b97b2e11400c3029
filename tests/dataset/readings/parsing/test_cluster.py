"""Builds on a real Dask cluster: the same content, whoever dies; else a plain word, and no dataset is touched."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from bench.spine import write_captures
from dataset.building.build import BuildError, build
from dataset.readings.parsing import cluster as reading
from tests.dataset.captures import Capture, Data, card, compared, digest, says
from tests.dataset.clusters import dask_cluster, deadly_reader, slow_reader
from tests.verdictlog.running import ROOT, command, environment, run
from tests.waiting import wait_until

DEADLY = 130
"""Stands in the third chunk."""

NO_RETRY = {"DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES": "0"}


def pages(count: int, **named: int) -> list[Capture]:
    """`count` comparison pages; `named` gives for a slug which of them is about it."""
    slugs = {number: slug.replace("_", "-") for slug, number in named.items()}
    return [
        compared(
            card("alder", says("Solid joinery.", "builder", 80, "ship"), name=f"Alder {number // 100}"),
            card(slugs.get(number, f"b{number}"), says(f"Fine, said {number}."), name=f"B {number}"),
            1 + number / 1000,
        )
        for number in range(count)
    ]


def full(data: Data, **words: object) -> str:
    """The content hash of a full build."""
    return digest(data.build(full=True, **words))


def test_a_worker_killed_in_mid_build_changes_nothing(tmp_path: Path) -> None:
    data = Data(tmp_path / "data")
    data.add(pages(800))
    data.build()
    alone = data.content()
    data.database.unlink()
    (data.folder / "cache.db").unlink()
    with dask_cluster(tmp_path / "cluster", workers=2) as cluster:
        first, second = cluster.workers
        read_when_killed: list[int] = []

        def progress(stage: str, done: int) -> None:
            if stage == "read" and not read_when_killed:
                read_when_killed.append(done)
                first.kill()

        report = data.build(read=slow_reader, dask=cluster.address, progress=progress)
        assert read_when_killed == [500]
        assert report.captures == 800
        assert {each.name for each in cluster.folder.iterdir() if each.name.isdigit()} == {
            str(first.pid),
            str(second.pid),
        }
        assert first.wait() == -signal.SIGKILL
        assert data.content() == alone

        # The worker that is left reads real pages for the command, too.
        (tmp_path / "pages").mkdir()
        write_captures(tmp_path / "pages", 70)
        real = tmp_path / "real"
        run("import", tmp_path / "pages" / "manifest.jsonl", "--data", real)
        run("build", "--data", real, "--dask", cluster.address)
        on_cluster = Data(real).content()
    assert build(real, full=True, workers=1).statuses == {"ok": 70}
    assert Data(real).content() == on_cluster


@pytest.mark.long
def test_workers_of_another_version_and_a_lost_scheduler_end_the_build(tmp_path: Path) -> None:
    data = Data(tmp_path / "data")
    data.add(pages(600))
    good = digest(data.build())
    before = data.database.read_bytes()
    with dask_cluster(tmp_path / "cluster", workers=0) as cluster:
        other = cluster.start_worker(VERDICTLOG_SITES="examples.boards")
        same = cluster.start_worker()
        cluster.await_workers()
        with pytest.raises(BuildError) as refused:
            full(data, read=slow_reader, dask=cluster.address)
        assert "reads pages otherwise: it has parser version 1+" in str(refused.value)
        assert "same release of verdictlog and the same sites" in str(refused.value)
        assert data.database.read_bytes() == before
        other.kill()
        assert full(data, read=slow_reader, dask=cluster.address) == good
        before = data.database.read_bytes()
        assert cluster.scheduler is not None
        scheduler = cluster.scheduler

        def progress(stage: str, done: int) -> None:
            if stage == "read":
                scheduler.kill()

        with pytest.raises(BuildError) as lost:
            full(data, read=slow_reader, dask=cluster.address, progress=progress)
        assert f"the Dask scheduler at {cluster.address} was lost" in str(lost.value)
        assert data.database.read_bytes() == before
        assert [each.name for each in data.folder.iterdir() if "building" in each.name] == []
        assert same.poll() is None or same.wait() == 0


@pytest.mark.long
def test_a_page_that_kills_workers_is_named_and_what_stood_beside_it_is_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = Data(tmp_path / "data")
    data.add(pages(200, deadly_once=DEADLY))
    good = digest(data.build())
    bad = Data(tmp_path / "bad")
    bad.add(pages(200, deadly=DEADLY))
    with dask_cluster(tmp_path / "cluster", workers=3, **NO_RETRY) as cluster:
        assert full(data, read=deadly_reader, dask=cluster.address) == good
        assert [each.poll() for each in cluster.workers].count(9) == 1
        with pytest.raises(BuildError) as died:
            bad.build(read=deadly_reader, dask=cluster.address)
        assert "died while it read https://shiporskip.io/compare/alder-vs-deadly (" in str(died.value)
        assert "offset " in str(died.value)
        assert not bad.database.exists()
        assert [each.wait() for each in cluster.workers] == [9, 9, 9]

        monkeypatch.setattr(reading, "PATIENCE", 1.0)
        with pytest.raises(BuildError) as nobody:
            bad.build(read=deadly_reader, dask=cluster.address)
        assert "has had no worker for 1 seconds" in str(nobody.value)

        seen = cluster.clients_seen()
        stopped = command("build", "--data", bad.folder, "--dask", cluster.address)
        with subprocess.Popen(stopped, cwd=ROOT, env=environment(), stderr=subprocess.PIPE) as process:
            wait_until(lambda: cluster.clients_seen() > seen, "the build is connected")
            process.send_signal(signal.SIGINT)
            _, told = process.communicate(timeout=30)
        assert process.returncode == 130
        assert b"Traceback" not in told
        assert [each.name for each in bad.folder.iterdir() if "building" in each.name] == []


@pytest.mark.parametrize("scheme", ["tcp", "redis"])
def test_an_address_at_which_no_scheduler_answers_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, scheme: str
) -> None:
    monkeypatch.setattr(reading, "CONNECT_SECONDS", 0.5)
    data = Data(tmp_path)
    data.add(pages(1))
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        address = f"{scheme}://127.0.0.1:{nobody.getsockname()[1]}"
        with pytest.raises(BuildError) as error:
            data.build(dask=address)
    assert f"no Dask scheduler answers at {address}" in str(error.value)
    assert "dask scheduler" in str(error.value)


def test_without_the_extra_its_name_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    data = Data(tmp_path)
    data.add(pages(1))
    with pytest.raises(BuildError, match=r"pip install 'verdictlog\[cluster\]'"):
        data.build(dask="tcp://127.0.0.1:8786")
    assert not data.database.exists()
