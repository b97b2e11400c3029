"""What the members of a crawl settle over Redis, one step at a time."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from redis import Redis

from crawler.cluster.membership import Membership, OverError
from crawler.fetch import sharing
from crawler.fetch.options import CrawlError, CrawlOptions
from crawler.fetch.sharing import ClusterError, sharing_of

SITE = "http://127.0.0.1:1/"
PAGES = [(3, f"{SITE}tool/{name}") for name in "abcdefgh"]
DAY = "2026-11-21"

Join = Callable[..., Membership]


@pytest.fixture
def join(redis: str, tmp_path: Path) -> Iterator[Join]:
    """Joins a crawl; given a name, with a data folder of that name."""
    with ExitStack() as entered:

        def joined(name: str = "a", **changes: object) -> Membership:
            options = CrawlOptions(urls=(SITE,), data=tmp_path / name, delay=0.0, cluster=redis)
            return entered.enter_context(Membership(dataclasses.replace(options, **changes), redis))  # type: ignore[arg-type]

        yield joined


def test_urls_are_handed_out_once_in_order(join: Join) -> None:
    one, two = join("a"), join("b")
    assert one.crawl_id == two.crawl_id
    one.add([*PAGES[1:], (0, f"{SITE}sitemap.xml")])
    two.add(PAGES)
    found: list[str] = []
    for _ in range(4):
        found += [str(one.next(found[::2]).url), str(two.next(found[1::2]).url)]
    assert found == [f"{SITE}sitemap.xml", *(url for _, url in PAGES[1:])]
    assert two.next(found[1::2]) == (PAGES[0][1], 0, 9), "it was found last"


def test_many_urls_at_once(join: Join) -> None:
    one = join()
    one.add([(3, f"{SITE}tool/{n}") for n in range(1234)])
    assert one.queued() == [f"{SITE}tool/{n}" for n in range(1234)]
    assert one.look() == (1234, 0)


def test_what_a_silent_member_had_is_handed_out_again(join: Join) -> None:
    silent, other = join("a", lease=0.2), join("b", lease=0.2)
    silent.add(PAGES[:1])
    assert silent.next(()).url == PAGES[0][1]
    assert other.next(()) == (None, 0, 1)
    time.sleep(0.1)
    silent.beat()
    time.sleep(0.15)
    assert other.next(()) == (None, 0, 1), "its lease was renewed"
    time.sleep(0.1)
    assert other.next(()).url == PAGES[0][1]
    # It comes back, and settles what is no longer its own.
    silent.add([], settled=PAGES[0][1])
    assert other.look() == (0, 1)
    other.add([], settled=PAGES[0][1])
    assert other.look() == (0, 0)


def test_a_claim_that_did_not_reach_its_member_is_handed_out_again(join: Join) -> None:
    one = join()
    one.add(PAGES[:2])
    lost = one.next(()).url
    assert one.next(()).url == lost
    assert one.next([str(lost)]).url == PAGES[1][1]


def test_who_leaves_gives_back_what_it_had(join: Join) -> None:
    one, two = join("a"), join("b")
    one.add(PAGES[:2])
    claimed = one.next(()).url
    assert not one.leave(is_done=True)
    assert two.next(()).url == claimed


def test_a_page_that_leads_to_another(join: Join) -> None:
    one = join()
    one.add(PAGES[:2])
    first = str(one.next(()).url)
    assert not one.pass_on(first, PAGES[1][1]), "that one is queued already"
    second = str(one.next(()).url)
    assert one.pass_on(second, f"{SITE}tool/new")
    assert one.look() == (0, 1)
    assert one.add([], settled=f"{SITE}tool/new") == 0
    assert one.look() == (0, 0)


def test_a_finished_crawl_is_over_for_all(join: Join, redis: str) -> None:
    one, two = join("a"), join("b")
    one.add(PAGES[:1])
    one.add([], settled=one.next(()).url)
    assert one.leave(is_done=True)
    for step in (two.look, lambda: two.next(()), lambda: two.add(PAGES), lambda: two.pass_on("a", "b")):
        with pytest.raises(OverError) as over:
            step()
        assert over.value.is_finished
    assert join("c").crawl_id != one.crawl_id
    with Redis.from_url(redis) as server:
        server.flushall()
    with pytest.raises(OverError) as over:
        two.look()
    assert not over.value.is_finished


def test_what_is_unfinished_goes_on_for_a_day(join: Join) -> None:
    one = join()
    one.add(PAGES)
    one.leave(is_done=False)
    again = join("b")
    assert (again.crawl_id, len(again.queued())) == (one.crawl_id, len(PAGES))
    again.server.hset(again.keys.crawl, "started_at", str(round((time.time() - 86500) * 1000)))
    assert join("c").crawl_id == one.crawl_id, "as long as one is at work it goes on"
    for member in (again, join("d")):
        member.leave(is_done=False)
    again.server.delete(again.keys.workers)
    anew = join("e")
    assert anew.crawl_id != one.crawl_id
    assert anew.queued() == []


def test_fresh(join: Join) -> None:
    one = join(lease=0.2)
    one.add(PAGES)
    with pytest.raises(ClusterError, match="1 other"):
        join("b", fresh=True)
    time.sleep(0.25)
    assert join("b", fresh=True).crawl_id != one.crawl_id
    with pytest.raises(OverError):
        one.look()


def test_another_task_has_a_frontier_of_its_own_but_the_same_turn(join: Join) -> None:
    one, two = join("a"), join("b", kinds=("tool",))
    one.add(PAGES)
    assert two.look() == (0, 0)
    assert one.take(DAY, None) == (0.0, None)
    assert two.take(DAY, None).wait > 0


def test_one_request_at_a_time(join: Join) -> None:
    one, two = join("a"), join("b")
    assert one.take(DAY, None).wait == 0
    time.sleep(0.05)
    assert two.take(DAY, None).wait > 0
    two.release(0.0, 0.0)
    assert two.take(DAY, None).wait > 0, "only who has the turn can give it back"
    one.release(0.0, 0.0)
    assert two.take(DAY, None).wait == 0


def test_the_longest_delay_counts_until_its_member_is_gone(join: Join) -> None:
    slow, fast = join("a", lease=0.3), join("b", lease=0.3)
    slow.delay = 30.0
    assert slow.take(DAY, None).wait == 0
    slow.release(0.0, 0.0)
    assert 29 < fast.take(DAY, None).wait <= 30
    time.sleep(0.35)
    turn = fast.take(DAY, None)
    assert turn.wait == 0
    assert turn.gap is not None
    assert 0.3 <= turn.gap < 5


def test_the_delay_counts_from_when_the_request_reached_the_site(join: Join) -> None:
    one, two = join("a"), join("b")
    one.delay = two.delay = 10.0
    one.take(DAY, None)
    time.sleep(0.5)
    one.release(0.1, 0.0)
    assert 9.5 < two.take(DAY, None).wait <= 9.9


def test_a_hold_holds_all(join: Join) -> None:
    one, two = join("a"), join("b")
    pace = one.pace(0.0, time.monotonic)
    pace.hold(time.monotonic() + 20)
    pace.hold(time.monotonic() + 5)
    assert 19 < two.take(DAY, None).wait <= 20


def test_a_clock_that_is_put_back_stops_nobody_for_long(join: Join) -> None:
    one = join()
    one.delay = 1.0
    ahead = str(round((time.time() + 1e6) * 1000))
    one.server.hset(one.keys.turn, mapping={"last_at": ahead, "held_until": ahead})
    assert one.take(DAY, None).wait == 7200
    one.server.hdel(one.keys.turn, "held_until")
    assert one.take(DAY, None).wait == 1


def test_the_budget_of_a_day_is_for_all(join: Join) -> None:
    one, two = join("a"), join("b")
    one.spent(DAY, 3)
    for member in (one, two):
        assert member.take(DAY, 5).wait == 0
        member.release(0.0, 0.0)
    with pytest.raises(ValueError, match="5 requests a day is used up"):
        one.take(DAY, 5)
    assert two.take(DAY, 6).wait == 0
    two.release(0.0, 0.0)
    assert one.take("2026-11-22", 5).wait == 0


def test_a_dry_run_is_not_shared(join: Join) -> None:
    with pytest.raises(CrawlError, match="leave out --cluster"):
        join(dry_run=True)


def test_the_extra_is_missing(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(sharing, "find_spec", lambda _name: None)
    options = CrawlOptions(urls=(SITE,), data=tmp_path, cluster="redis://127.0.0.1:9/0")
    with pytest.raises(ClusterError, match=r"pip install 'verdictlog\[cluster\]'"), sharing_of(options):
        pass
