"""Several crawlers and one site: together as polite as one, no page asked for twice, and none lost with a crawler."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from random import Random
from urllib.parse import quote_plus

import pytest
from redis import Redis

from crawler.archive import Archive
from crawler.urls import canonical_url, kind_of
from tests.crawler.cluster.members import Member
from tests.crawling import Crawls
from tests.serving import SampleSite, sample_site
from tests.verdictlog.running import run
from tests.waiting import wait_until

DELAY = 0.15
TOOLS = 3


@pytest.fixture
def site() -> Iterator[SampleSite]:
    with sample_site(seed=7, tools=TOOLS) as running:
        yield running


def asked(site: SampleSite) -> Counter[str]:
    """How often the site was asked for each page."""
    return Counter(each["path"] for each in site.log() if each["path"] != "/robots.txt")


def twice(site: SampleSite) -> list[str]:
    return [path for path, count in asked(site).items() if count > 1]


def assert_polite(site: SampleSite, delay: float) -> None:
    """By the site's own log: no two requests closer than the delay, and never two at once."""
    for before, after in pairwise(site.log()):
        assert after["at"] - before["at"] >= 0.9 * delay, (before, after)
        assert before["done_at"] is not None, before
        assert before["done_at"] <= after["at"], (before, after)


def captured(*members: Member) -> set[str]:
    """The pages with data in the archives of `members`, as paths."""
    records = [r for member in members for r, _ in Archive(member.data / "archive").scan() if r.kind == "response"]
    urls = {canonical_url(r.url or "") for r in records if r.http_status == 200}
    return {"/" + url.split("/", 3)[3] for url in urls if kind_of(url) in ("compare", "tool", "reviewer")}


def pages_of(site: SampleSite) -> set[str]:
    """The pages with data that the site truly has."""
    truth = site.truth()
    tools = {f"/tool/{slug}" for slug in truth["listings"]}
    pairs = {f"/compare/{a}-vs-{b}" for a in truth["listings"] for b in truth["listings"] if a < b}
    personas = truth["reviewers"].items()
    reviews = {f"/reviewer/{name}?category={quote_plus(of)}" for name, each in personas for of in each["categories"]}
    return tools | pairs | reviews


def kept(redis: str) -> set[str]:
    """What of a task is left in Redis."""
    with Redis.from_url(redis, decode_responses=True) as server:
        names = {key.rsplit(":", 1)[-1] for key in server.scan_iter("verdictlog:*")}
    return names & {"crawl", "queue", "seen", "claims", "order", "workers"}


def test_two_crawlers_share_a_site(site: SampleSite, redis: str, tmp_path: Path) -> None:
    members = [Member(site, tmp_path / name, redis, delay=DELAY) for name in ("a", "b")]
    ends = [member.end() for member in members]

    assert [end[0] for end in ends] == ["finished", "finished"]
    assert_polite(site, DELAY)
    assert twice(site) == []
    assert captured(*members) == pages_of(site)
    assert not captured(members[0]) & captured(members[1])
    assert min(int(end[1]) for end in ends) >= 5, "one did nearly all of the work"
    assert kept(redis) == set()

    # What the two archives hold together is the site.
    folder = Crawls(tmp_path / "a", site)
    others = sorted((tmp_path / "b" / "archive").glob("*.warc.gz"))
    assert folder.run("import", *others).code == 0
    assert folder.run("build").code == 0
    assert folder.listings() == folder.truth()


def test_a_crawler_is_killed(site: SampleSite, redis: str, tmp_path: Path) -> None:
    first, second = (Member(site, tmp_path / name, redis, delay=DELAY) for name in ("a", "b"))
    wait_until(lambda: len(captured(first)) >= 2, "the first has some pages")
    first.kill()
    assert second.end()[0] == "finished"

    assert_polite(site, DELAY)
    assert len(twice(site)) <= 1
    assert max(asked(site).values()) <= 2
    assert captured(first, second) == pages_of(site)
    assert kept(redis) == set()


@pytest.mark.long
@pytest.mark.parametrize("seed", range(12))
def test_crawlers_are_killed_at_any_moment(seed: int, site: SampleSite, redis: str, tmp_path: Path) -> None:
    """One after the other, each with a successor at work."""
    chance = Random(seed)
    members = [Member(site, tmp_path / "a", redis, delay=DELAY)]
    for name in ("b", "c", "d"):
        members.append(Member(site, tmp_path / name, redis, delay=DELAY))
        time.sleep(chance.uniform(0.2, 1.2))  # all together: less than the crawl takes
        members[-2].kill()
    assert members[-1].end()[0] == "finished"
    assert sum(asked(site).values()) - len(asked(site)) <= 3, "each took a request with it at most"
    assert captured(*members) == pages_of(site)
    assert kept(redis) == set()


@pytest.mark.long
def test_the_budget_of_a_day_is_shared_and_the_crawl_goes_on_later(
    site: SampleSite, redis: str, tmp_path: Path
) -> None:
    members = [Member(site, tmp_path / name, redis, delay=0.02, day_budget=12) for name in ("a", "b")]
    ends = [member.end() for member in members]
    assert [end[0] for end in ends] == ["budget", "budget"]
    assert len(site.log()) == sum(int(end[1]) for end in ends) == 12
    assert {"crawl", "queue", "seen"} <= kept(redis)

    last = Member(site, tmp_path / "c", redis, delay=0.02)
    assert last.end()[0] == "finished"
    assert twice(site) == []
    assert captured(*members, last) == pages_of(site)
    assert kept(redis) == set()


def test_redis_dies(site: SampleSite, tmp_path: Path, redis: str) -> None:
    member = Member(site, tmp_path / "a", redis, delay=0.1)
    wait_until(lambda: len(site.log()) >= 5, "the crawl is at work")
    with Redis.from_url(redis) as server:
        server.shutdown(nosave=True)
    reason, _, _, text = member.end()
    assert reason == "cluster"
    assert text.startswith(redis)
    assert "the same command goes on once Redis is back" in text
    assert captured(member) <= pages_of(site)


def test_the_command(redis: str, tmp_path: Path) -> None:
    with sample_site(seed=7, tools=2) as small:
        words = ("crawl", small.url, "--delay", "0", "--cluster", redis, "--data", tmp_path / "a")
        done = run(*words)
        assert (done.code, twice(small)) == (0, [])
        assert "all pages were asked for" in done.out
        assert kept(redis) == set()
        requests = len(small.log())
        assert run(*words).code == 0
        assert len(small.log()) > requests, "a crawl that finished is begun anew"
        assert all(redis.encode() not in file.read_bytes() for file in (tmp_path / "a" / "archive").iterdir())


def test_no_redis_is_told_without_its_password(tmp_path: Path) -> None:
    words = ("crawl", "http://127.0.0.1:9/", "--delay", "0", "--data", tmp_path / "a")
    for address in ("redis://:secret@127.0.0.1:9/0", "nonsense://127.0.0.1:9"):
        done = run(*words, "--cluster", address)
        assert done.code == 1
        assert address.replace(":secret@", "") in done.err.replace("\n", "")
        assert "secret" not in done.err
