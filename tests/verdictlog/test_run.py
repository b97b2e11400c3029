"""`run`: exit codes, each change told once whatever dies, never two at once."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from dataset.building.lock import run_lock
from tests.crawling import Crawls
from tests.serving import SampleSite, sample_site
from tests.verdictlog.running import Ran, environment, run, started

DIES_BEFORE_TELLING = """
import os, sys
from dataset.telling import told
told.Memory.news = lambda *_: os._exit(9)
from verdictlog.cli import main
sys.argv = ["verdictlog", *sys.argv[1:]]
main()
"""


@pytest.fixture
def site() -> Iterator[SampleSite]:
    with sample_site(tools=6) as running:
        yield running


@pytest.fixture
def crawls(site: SampleSite, tmp_path: Path) -> Crawls:
    return Crawls(tmp_path / "data", site)


def go(crawls: Crawls, *words: str) -> Ran:
    return crawls.run("run", crawls.site.url, "--delay", "0", *words)


def test_nothing_new_then_changed_then_nothing_new(crawls: Crawls, site: SampleSite) -> None:
    first = go(crawls)
    assert (first.code, first.out) == (0, "nothing new\n")
    site.advance(10 * 86400)
    second = go(crawls)
    count = crawls.column("SELECT count(*) FROM changes")[0]
    assert second.code == 3
    assert second.out.startswith(f"{count:,} changes of ")
    assert f"exit code 3, {count} changes told" in crawls.run("status").out
    since = crawls.run("changes", "--since", "run", "--json").json["changes"]
    assert len(since) == count
    third = go(crawls, "--json")
    assert (third.code, third.json["changes"], third.json["retracted"]) == (0, [], [])
    assert third.json["exit_code"] == 0
    assert crawls.run("status", "--json").json["scheduled"]["exit_code"] == 0
    assert crawls.run("changes", "--since", "run", "--json").json["changes"] == []


def test_a_change_is_told_once_though_a_run_died_before_it_told(crawls: Crawls, site: SampleSite) -> None:
    assert go(crawls).code == 0
    site.advance(10 * 86400)
    died = subprocess.run(
        [sys.executable, "-c", DIES_BEFORE_TELLING, "run", site.url, "--delay", "0", "--data", str(crawls.path)],
        capture_output=True,
        env=environment(),
        check=False,
    )
    assert died.returncode == 9
    ids = set(crawls.column("SELECT change_id FROM changes"))
    assert ids, "it had built"
    assert "died before its end" in crawls.run("status").out
    again = go(crawls, "--json")
    assert again.code == 3
    assert {each["change_id"] for each in again.json["changes"]} == ids
    assert go(crawls).code == 0


@pytest.mark.long
def test_what_was_there_before_the_first_run_is_no_news(crawls: Crawls, site: SampleSite) -> None:
    crawls.crawl()
    site.advance(10 * 86400)
    crawls.crawl()
    first = go(crawls)
    assert (first.code, first.out) == (0, "nothing new\n")
    assert crawls.column("SELECT count(*) > 0 FROM changes") == [1]


def test_two_never_overlap(crawls: Crawls, site: SampleSite) -> None:
    crawls.path.mkdir()
    with run_lock(crawls.path):
        second = go(crawls)
    assert (second.code, second.out) == (1, "")
    assert "is at a `verdictlog run` of this folder already" in second.err
    assert site.log() == [], "it asked for nothing"
    assert go(crawls).code == 0


def test_a_site_that_is_down_is_a_failure(crawls: Crawls, site: SampleSite) -> None:
    assert go(crawls).code == 0
    site.stop()
    failed = go(crawls, "--budget", "5")
    assert failed.code == 1
    assert "error: " in failed.err
    assert "exit code 1" in crawls.run("status").out


def test_wrong_usage_writes_nothing(tmp_path: Path) -> None:
    for words in (["https://site.example/"], ["ftp://x"], ["http://127.0.0.1:1/", "--only", "cards"], []):
        ran = run("run", "--data", tmp_path / "data", *words)
        assert (ran.code, ran.out) == (2, "")
    assert not (tmp_path / "data").exists()


def test_ctrl_c_ends_it_and_the_next_one_tells(crawls: Crawls, site: SampleSite) -> None:
    import signal
    import time

    with started("run", site.url, "--delay", "0.3", "--data", crawls.path) as process:
        while not site.log():
            assert process.poll() is None
            time.sleep(0.05)
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=60)
    assert process.returncode == 130, err
    assert "Traceback" not in err
    assert go(crawls).code == 0
    assert crawls.run("build").code == 0
