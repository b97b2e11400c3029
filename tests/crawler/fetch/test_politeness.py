"""Politeness, by the log of the server that was crawled."""

from __future__ import annotations

import itertools
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, ClassVar

import pytest

from tests.crawling import Crawls
from tests.serving import SampleSite, sample_site
from tests.verdictlog.running import run


@pytest.fixture
def site() -> Iterator[SampleSite]:
    with sample_site(tools=4) as running:
        yield running


def gaps(log: list[dict[str, Any]]) -> list[float]:
    """The time from each request to the next."""
    times = [each["at"] for each in log]
    return [after - before for before, after in itertools.pairwise(times)]


def test_no_two_requests_are_closer_than_the_delay(crawls: Crawls, site: SampleSite) -> None:
    crawls.crawl("--only", "tool", delay=0.5)
    assert len(site.log()) > 8
    assert min(gaps(site.log())) >= 0.7 * 0.5  # where much else runs, the site may be late to look at its clock


def test_without_a_word_the_delay_is_a_second(crawls: Crawls, site: SampleSite) -> None:
    slug = sorted(site.truth()["listings"])[0]
    crawls.run("crawl", f"{site.url}tool/{slug}", f"{site.url}sitemaps/sitemap-reviewers.xml", "--budget", "4")
    assert len(site.log()) == 4
    assert min(gaps(site.log())) >= 0.9


class Hesitant(ThreadingHTTPServer):
    """A server whose first connection takes long to come about: it has no room for one until it is started."""

    request_queue_size = 0
    seen: ClassVar[list[float]] = []


class NotFound(BaseHTTPRequestHandler):
    """Notes when a request came, and has nothing."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        """Answer a GET."""
        if "verdictlog" in self.headers["User-Agent"]:
            Hesitant.seen.append(time.monotonic())
        self.send_response(404)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


CONNECTING = "02"
"""The state of a connection in the kernel's table that has not come about yet."""


def is_connecting(port: int) -> bool:
    """Whether somebody waits for a connection to `port` of this machine."""
    rows = [row.split() for row in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    return any(row[2].endswith(f":{port:04X}") and row[3] == CONNECTING for row in rows)


@pytest.mark.skipif(not Path("/proc/net/tcp").exists(), reason="the system shows no table of its connections")
def test_the_delay_counts_from_when_a_slow_connection_was_there(tmp_path: Path) -> None:
    delay = 0.9  # the kernel knocks again after a second: counted from before it, the next request went at once
    with Hesitant(("127.0.0.1", 0), NotFound) as server:
        port = server.server_address[1]
        with closing(socket.create_connection(("127.0.0.1", port))):  # all the room there is

            def serve() -> None:
                while not is_connecting(port):
                    time.sleep(0.01)
                server.serve_forever(0.01)

            thread = threading.Thread(target=serve)
            thread.start()
            run("crawl", f"http://127.0.0.1:{port}/tool/a", "--data", str(tmp_path / "data"), "--delay", str(delay))
            server.shutdown()
            thread.join()
    assert len(Hesitant.seen) == 2
    assert Hesitant.seen[1] - Hesitant.seen[0] >= 0.9 * delay


def test_one_request_at_a_time(crawls: Crawls, site: SampleSite) -> None:
    site.faults([{"kind": "drip", "path": "/tool/", "bytes_per_second": 20000}])
    crawls.crawl("--only", "tool", delay=0.01)
    log = site.log()
    assert all(after["at"] >= before["done_at"] for before, after in itertools.pairwise(log))


def test_a_crawl_delay_is_kept(crawls: Crawls, site: SampleSite) -> None:
    site.faults([{"kind": "crawl_delay", "path": "", "seconds": 0.4}])
    crawls.crawl("--only", "tool", "--budget", "8", delay=0.05)
    assert min(gaps(site.log())) >= 0.9 * 0.4


def test_slow_answers_slow_the_crawl_down(crawls: Crawls, site: SampleSite) -> None:
    site.faults([{"kind": "hang", "path": "/tool/", "seconds": 0.5}])
    crawls.crawl("--budget", "6", url=f"{site.url}sitemaps/sitemap-tools.xml", delay=0.05)
    slow = [each for each in site.log() if each["path"].startswith("/tool/")]
    assert min(gaps(slow[1:])) >= 0.9 * 0.5


def test_what_robots_txt_disallows_is_not_asked_for(crawls: Crawls, site: SampleSite) -> None:
    site.faults([{"kind": "disallow", "path": "", "paths": ["/tool/", "/reviewer/"]}])
    end = crawls.sum()
    assert {path.split("/")[1] for path in crawls.paths()} & {"tool", "reviewer"} == set()
    assert end["counters"]["disallowed"] > 0
    assert end["code"] == 0


def test_robots_txt_comes_first(crawls: Crawls, site: SampleSite) -> None:
    crawls.crawl("--budget", "3")
    assert next(each["path"] for each in site.log()) == "/robots.txt"
    assert len(site.log()) == 3


@pytest.mark.parametrize("status", [500, 503])
def test_a_site_whose_robots_txt_fails_is_not_crawled(crawls: Crawls, site: SampleSite, status: int) -> None:
    site.faults([{"kind": "robots_status", "path": "", "status": status}])
    end = crawls.sum()
    assert {each["path"] for each in site.log()} == {"/robots.txt"}
    assert (end["code"], end["reason"]) == (1, "robots")
    assert "robots.txt answered" in end["reason_text"]


@pytest.mark.parametrize("status", [403, 404])
def test_a_site_without_robots_txt_allows_all(crawls: Crawls, site: SampleSite, status: int) -> None:
    site.faults([{"kind": "robots_status", "path": "", "status": status}])
    assert crawls.sum("--only", "tool")["reason"] == "finished"
    assert any(path.startswith("/tool/") for path in crawls.paths())


@pytest.mark.parametrize("form", ["seconds", "wall_date"])
def test_retry_after_is_waited_for(crawls: Crawls, site: SampleSite, form: str) -> None:
    fault = {"kind": "status", "status": 429, "path": "/tool/", "times": 1, "retry_after": 3, "retry_as": form}
    site.faults([fault])
    end = crawls.sum("--budget", "8", url=f"{site.url}sitemaps/sitemap-tools.xml")
    log = site.log()
    at = next(index for index, each in enumerate(log) if each["status"] == 429)
    assert gaps(log)[at] >= (0.9 * 3 if form == "seconds" else 0.9 * 2)  # a date has whole seconds
    assert log[at + 1]["path"] == log[at]["path"]
    assert end["counters"]["retries"] == 1


def test_a_longer_rest_than_we_wait_for_ends_the_crawl(crawls: Crawls, site: SampleSite) -> None:
    site.faults([{"kind": "status", "status": 503, "path": "/tool/", "retry_after": 86400}])
    end = crawls.sum("--only", "tool")
    assert (end["code"], end["reason"]) == (1, "wait")
    assert "86,400 seconds" in end["reason_text"]
    assert site.log()[-1]["status"] == 503


def test_errors_are_met_with_longer_and_longer_waits(crawls: Crawls, site: SampleSite) -> None:
    slug = sorted(site.truth()["listings"])[0]
    site.faults([{"kind": "status", "status": 500, "path": f"/tool/{slug}$"}])
    end = crawls.sum("--only", "tool", url=f"{site.url}tool/{slug}", delay=0.1)
    waits = [event["seconds"] for event in end["events"] if event["event"] == "waiting"]
    measured = gaps([each for each in site.log() if each["path"] != "/robots.txt"])
    assert len(measured) == 3
    assert [wait > low for wait, low in zip(measured, (0.22, 0.45, 0.9), strict=True)] == [True] * 3
    assert waits == sorted(waits)
    assert end["gave_up"] == [[f"{site.url}tool/{slug}", "it answered 500, 4 times"]]
    assert end["code"] == 1


def test_the_budget_of_a_run_counts_retries_and_redirects(crawls: Crawls, site: SampleSite) -> None:
    site.faults(
        [
            {"kind": "status", "status": 500, "path": "/tool/", "every": 2},
            {"kind": "redirect", "path": "/reviewer/", "to": "/compare", "status": 302},
        ]
    )
    end = crawls.sum("--budget", "17")
    assert len(site.log()) == 17
    assert (end["code"], end["reason"]) == (0, "budget")


def test_the_budget_of_a_day_counts_all_runs_of_the_day(crawls: Crawls, site: SampleSite) -> None:
    first = crawls.sum("--day-budget", "9")
    second = crawls.sum("--day-budget", "9")
    third = crawls.sum("--day-budget", "12", "--fresh")
    assert [len(site.log()), first["reason"], second["reason"], third["reason"]] == [12, "budget", "budget", "budget"]
    assert second["counters"].get("requests", 0) == 0


def test_requests_name_the_project_and_whom_to_write_to(crawls: Crawls, site: SampleSite) -> None:
    crawls.crawl("--contact", "crawls@research.example", "--budget", "2")
    agents = {each["headers"]["user-agent"] for each in site.log()}
    assert len(agents) == 1
    assert agents.pop().startswith("verdictlog/")
    assert "crawls@research.example" in site.log()[0]["headers"]["user-agent"]


def test_another_machine_needs_a_contact(tmp_path: Path) -> None:
    ran = run("crawl", "https://site.example/", "--data", tmp_path)
    assert ran.code == 2
    assert "--contact" in ran.err
    assert not list(tmp_path.iterdir())


def test_another_machine_is_never_hurried(tmp_path: Path) -> None:
    ran = run("crawl", "https://site.example/", "--data", tmp_path, "--contact", "me@home.example", "--delay", "0.5")
    assert ran.code == 2
    assert "0.5 is below the 1 second" in ran.err
