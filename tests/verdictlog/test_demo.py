"""What `make demo` does: crawl, let time pass, crawl, build, serve; and how serving begins and ends."""

from __future__ import annotations

import json
import re
import signal
import socket
import subprocess
import sys
import urllib.request
from html import unescape
from pathlib import Path

import pytest
import yaml

from tests.verdictlog.running import ROOT, SAMPLES, Folder, assert_clean, environment, started

NAMES = [tool["name"] for tool in yaml.safe_load((SAMPLES / "tools.yaml").read_text("utf-8")).values()]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Folder:
    folder = Folder(tmp_path_factory.mktemp("demo") / "demo-data")
    assert folder.run("import", SAMPLES / "manifest.jsonl").code == 0
    assert folder.run("build").code == 0
    return folder


def get(url: str) -> str:
    with urllib.request.urlopen(url, timeout=20) as answer:
        assert answer.status == 200
        return str(answer.read().decode("utf-8"))


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port: int = taken.getsockname()[1]
    return port


def test_the_makefile_runs_the_demo() -> None:
    rule = (ROOT / "Makefile").read_text("utf-8").partition("\ndemo: ")[2].partition("\n\n")[0]
    assert "scripts/demo --data $(DEMO)" in rule


def test_the_demo_shows_a_site_before_and_after_a_month(tmp_path: Path) -> None:
    demo = Folder(tmp_path / "demo")
    words = ["--no-serve", "--data", str(demo.path), "--site-port", str(free_port())]
    demo.path.joinpath("archive").mkdir(parents=True)  # as if of a demo before
    done = subprocess.run(
        [sys.executable, str(ROOT / "scripts" / "demo"), *words],
        env=environment(),
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    assert_clean(done.stderr)
    assert demo.column("SELECT outcome FROM runs") == ["finished", "finished"]
    [span] = demo.rows(
        "SELECT min(observed_at) AS first, max(observed_at) AS last FROM captures WHERE kind = 'compare'"
    )
    assert (span["first"][:10], span["last"][:10]) == ("2026-03-01", "2026-03-31")
    assert demo.column("SELECT count(*) FROM listings WHERE last_changed IS NOT NULL")[0] > 0
    assert demo.column("SELECT count(*) FROM problems WHERE severity = 'error'") == [0]


def test_the_dataset_opens_and_ctrl_c_ends_it(folder: Folder) -> None:
    with started("--data", folder.path, "serve", "--port", "0") as server:
        assert server.stdout is not None
        said = server.stdout.readline()
        found = re.search(r"http://127\.0\.0\.1:\d+/", said)
        assert found, said
        assert str(folder.database) in said
        home = found[0]
        assert "listings" in get(home)
        table = unescape(get(f"{home}verdictlog/listings"))
        assert [name for name in NAMES if name not in table] == []
        rows = json.loads(get(f"{home}verdictlog/listings.json?_shape=array"))
        assert sorted(row["name"] for row in rows) == sorted(NAMES)
        assert all(row["panel_ship_pct"] is not None for row in rows)
        server.send_signal(signal.SIGINT)
        _, err = server.communicate(timeout=20)
    assert server.returncode == 0
    assert_clean(err)


def test_a_port_that_is_taken_is_named(folder: Folder) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = folder.run("serve", "--port", str(port))
    assert (done.code, done.out) == (1, "")
    assert f"127.0.0.1:{port}" in done.err
    assert "--port" in done.err


def test_without_a_dataset_it_says_what_to_do(tmp_path: Path) -> None:
    done = Folder(tmp_path).run("serve", "--port", "0")
    assert (done.code, done.out) == (1, "")
    assert str(tmp_path / "verdictlog.db") in done.err
    assert "verdictlog build" in done.err
