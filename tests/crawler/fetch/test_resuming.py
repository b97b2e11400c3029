"""Stopping, dying, going on: nothing that is archived is lost or asked for again."""

from __future__ import annotations

import os
import random
import signal
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.crawling import Crawls
from tests.serving import SampleSite, sample_site
from tests.verdictlog.running import in_own_mounts, started, wait_until

LONG = os.environ.get("VERDICTLOG_TEST_LONG") == "1"
KILLS = 50 if LONG else 2


@pytest.fixture
def site() -> Iterator[SampleSite]:
    with sample_site(tools=5) as running:
        yield running


def asked_again(site: SampleSite) -> dict[str, int]:
    """The paths that were asked for more than once."""
    return {path: times for path, times in Counter(each["path"] for each in site.log()).items() if times > 1}


def kill_after(crawls: Crawls, requests: int, number: signal.Signals, *, delay: float = 0.15) -> int:
    """Start a crawl and end it by a signal after so many more requests; its exit code.

    With the delay a site of five tools takes seconds more than that: also a busy machine sends the signal in time.
    """
    before = len(crawls.site.log())
    with started("crawl", crawls.site.url, "--data", crawls.path, "--delay", str(delay)) as process:
        try:
            wait_until(lambda: len(crawls.site.log()) >= before + requests, process, "so many requests")
        except AssertionError:
            assert process.wait() == 0  # it was done before
        process.send_signal(number)
        err = process.communicate(timeout=30)[1]
        assert "Traceback" not in err, err
        return process.wait()


def test_a_killed_crawl_is_gone_on_with(crawls: Crawls, site: SampleSite) -> None:
    kill_after(crawls, 15, signal.SIGKILL)
    kept = {r.url for r, _ in crawls.records("response")}
    end = crawls.sum()
    again = asked_again(site)
    assert len(kept) >= 14
    assert end["continues"] != []
    assert sum(again.values()) - len(again) <= 1
    crawls.run("build")
    assert crawls.listings() == crawls.truth()
    outcomes = crawls.column("SELECT outcome FROM runs ORDER BY started_at, run_id")
    assert sorted(outcomes) == ["died", "finished"]


def test_ctrl_c_ends_cleanly_and_the_same_command_goes_on(crawls: Crawls, site: SampleSite) -> None:
    assert kill_after(crawls, 12, signal.SIGINT) == 130
    end = crawls.sum()
    crawls.run("build")
    assert asked_again(site) == {}
    assert end["reason"] == "finished"
    assert crawls.listings() == crawls.truth()
    assert sorted(crawls.column("SELECT outcome FROM runs")) == ["finished", "stopped"]


def test_ctrl_c_does_not_wait_for_a_long_delay(crawls: Crawls, site: SampleSite) -> None:
    with started("crawl", site.url, "--data", crawls.path, "--delay", "60") as process:
        wait_until(lambda: len(site.log()) >= 1, process, "the first request")
        start = time.monotonic()
        process.send_signal(signal.SIGINT)
        err = process.communicate(timeout=20)[1]
    assert time.monotonic() - start < 10
    assert (process.returncode, err.splitlines()[-1]) == (130, "stopped")


@pytest.mark.long
def test_fresh_starts_anew(crawls: Crawls, site: SampleSite) -> None:
    kill_after(crawls, 10, signal.SIGKILL)
    end = crawls.sum("--fresh")
    assert end["continues"] == []
    assert len(asked_again(site)) >= 9


def test_another_task_is_not_gone_on_with(crawls: Crawls) -> None:
    kill_after(crawls, 10, signal.SIGKILL)
    assert crawls.sum("--only", "tool")["continues"] == []


def test_a_finished_crawl_is_not_gone_on_with(crawls: Crawls) -> None:
    crawls.crawl()
    assert crawls.sum()["continues"] == []


@pytest.mark.long
def test_a_budget_makes_a_crawl_of_many_steps(crawls: Crawls, site: SampleSite) -> None:
    for _ in range(12):
        end = crawls.sum("--budget", "9")
        if end["reason"] == "finished":
            break
    crawls.run("build")
    assert end["reason"] == "finished"
    assert asked_again(site) == {}
    assert crawls.listings() == crawls.truth()


def test_crawls_killed_at_random_moments_lose_nothing(crawls: Crawls, site: SampleSite) -> None:
    chance = random.Random(3)
    kills = 0
    while kills < KILLS:
        before = len(site.log())
        kill_after(crawls, chance.randint(1, 6), signal.SIGKILL, delay=chance.choice([0.0, 0.02]))
        kills += 1
        if len(site.log()) == before:
            crawls.crawl("--fresh", "--budget", "1")  # all was done: begin again
    assert crawls.run("verify").code in (0, 1)
    assert crawls.sum()["reason"] == "finished"
    crawls.run("build")
    assert crawls.listings() == crawls.truth()
    assert crawls.run("build", "--full").code == 0
    assert crawls.listings() == crawls.truth()


def test_a_full_disk_stops_the_crawl_with_the_reason(crawls: Crawls, site: SampleSite, tmp_path: Path) -> None:
    mounted = tmp_path / "disk"
    mounted.mkdir()
    script = (
        'mount -t tmpfs -o size=160k none "$1"; code=0; '
        '"$2" -m verdictlog crawl "$3" --data "$1" --delay 0 || code=$?; cp -r "$1" "$4"; exit $code'
    )
    import sys

    done = in_own_mounts(script, mounted, sys.executable, site.url, crawls.path)
    assert done.returncode == 1, done.stderr
    assert "no room left to write" in done.stderr
    assert "Traceback" not in done.stderr
    kept = len(crawls.records("response"))
    assert kept > 3
    end = crawls.sum()
    assert end["reason"] == "finished"
    crawls.run("build")
    assert crawls.listings() == crawls.truth()


def test_two_crawls_do_not_write_one_archive(crawls: Crawls, site: SampleSite) -> None:
    with started("crawl", site.url, "--data", crawls.path, "--delay", "0.2") as process:
        wait_until(lambda: len(site.log()) >= 2, process, "the first requests")
        second = crawls.crawl()
    assert second.code == 1
    assert "is writing to this archive" in second.err
