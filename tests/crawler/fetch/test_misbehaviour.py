"""A server that misbehaves: nothing is lost, nobody is offended, and the dataset is never silently worse."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Iterator

import pytest

from tests.crawling import Crawls
from tests.serving import Json, SampleSite, sample_site


@pytest.fixture
def site() -> Iterator[SampleSite]:
    with sample_site(tools=4) as running:
        yield running


PASSING = {
    "500 burst": {"kind": "status", "status": 500, "path": "/tool/", "times": 3},
    "503 in between": {"kind": "status", "status": 503, "path": "/compare/", "every": 4, "retry_after": 0},
    "cut in mid-body": {"kind": "cut", "path": "/tool/", "share": 0.4, "times": 2},
    "cut at once": {"kind": "cut", "path": "/compare/", "share": 0.0, "times": 1},
    "too long a length": {"kind": "wrong_length", "path": "/tool/", "by": 500, "times": 2},
    "reset": {"kind": "reset", "path": "/tool/", "times": 2},
    "no HTTP": {"kind": "bad_status_line", "path": "/tool/", "times": 1},
    "empty": {"kind": "hang", "path": "/tool/", "seconds": 2, "times": 1},
}


@pytest.mark.parametrize("name", PASSING)
def test_trouble_that_passes_costs_nothing_but_time(crawls: Crawls, site: SampleSite, name: str) -> None:
    site.faults([PASSING[name]])
    end = crawls.sum("--timeout", "1")
    assert (end["code"], end["reason"], end["gave_up"]) == (0, "finished", [])
    assert end["counters"]["retries"] > 0
    assert crawls.run("build").code == 0
    assert crawls.listings() == crawls.truth()


def test_what_came_of_a_broken_answer_is_kept(crawls: Crawls, site: SampleSite) -> None:
    site.faults([{"kind": "cut", "path": "/tool/", "share": 0.4, "times": 1}])
    crawls.crawl("--only", "tool")
    sizes = Counter(r.url for r, body in crawls.records("response") if r.url and "/tool/" in r.url and body)
    assert sorted(sizes.values())[-1] == 2


LASTING: dict[str, tuple[Json, str]] = {
    "cut": ({"kind": "cut", "share": 0.4}, "the answer was cut off, 4 times"),
    "reset": ({"kind": "reset"}, "no answer: the connection broke, 4 times"),
    "500": ({"kind": "status", "status": 500}, "it answered 500, 4 times"),
    "drip": ({"kind": "drip", "bytes_per_second": 200}, "the answer did not come to its end, 4 times"),
    "hang": ({"kind": "hang", "seconds": 5}, "no answer: nothing whole came within 1 s, 4 times"),
}


@pytest.mark.parametrize("name", LASTING)
def test_a_page_that_can_not_be_had_is_left_out_and_told(crawls: Crawls, site: SampleSite, name: str) -> None:
    fault, why = LASTING[name]
    slug = sorted(site.truth()["listings"])[1]
    site.faults([{**fault, "path": f"/tool/{slug}$"}])
    end = crawls.sum("--only", "tool", "--timeout", "1")
    assert end["gave_up"] == [[f"{site.url}tool/{slug}", why]]
    assert (end["code"], end["reason"]) == (1, "finished")
    assert sum(path.startswith("/tool/") for path in crawls.paths()) == len(site.truth()["listings"]) + 3


def test_a_site_that_does_not_answer_any_more_is_left_alone(crawls: Crawls, site: SampleSite) -> None:
    site.faults([{"kind": "status", "status": 500, "path": "^/(tool|compare|reviewer)/"}])
    end = crawls.sum()
    assert (end["code"], end["reason"]) == (1, "site_failing")
    assert sum(each["status"] == 500 for each in site.log()) == 20


@pytest.mark.long
@pytest.mark.parametrize("status", [404, 410])
def test_a_page_that_is_gone_is_no_trouble(crawls: Crawls, site: SampleSite, status: int) -> None:
    slug = sorted(site.truth()["listings"])[0]
    site.faults([{"kind": "status", "status": status, "path": f"/tool/{slug}$"}])
    end = crawls.sum()
    crawls.run("build")
    assert end["code"] == 0
    assert crawls.paths().count(f"/tool/{slug}") == 1
    assert crawls.column("SELECT http_status FROM captures WHERE url LIKE ?", f"%/tool/{slug}") == [status]


def test_redirects_are_kept_and_followed_within_reason(crawls: Crawls, site: SampleSite) -> None:
    first, second, third, *_ = sorted(site.truth()["listings"])
    site.faults(
        [
            {"kind": "redirect", "path": f"/tool/{first}$", "to": f"/tool/{second}"},
            {"kind": "redirect", "path": f"/tool/{third}$", "to": f"/tool/{third}/"},
            {"kind": "redirect", "path": f"/tool/{third}/$", "to": f"/tool/{third}"},
        ]
    )
    end = crawls.sum("--only", "tool")
    asked = Counter(crawls.paths())
    statuses = {r.http_status for r, _ in crawls.records("response") if (r.url or "").endswith(first)}
    assert (end["code"], end["reason"]) == (0, "finished")
    assert statuses == {301}
    assert asked[f"/tool/{second}"] == 1
    assert asked[f"/tool/{third}"] + asked[f"/tool/{third}/"] <= 3


def test_a_chain_without_end_is_left(crawls: Crawls, site: SampleSite) -> None:
    slugs = [f"hop-{number}" for number in range(12)]
    faults = [
        {"kind": "redirect", "path": f"/tool/{one}$", "to": f"/tool/{other}"}
        for one, other in itertools.pairwise(slugs)
    ]
    site.faults(faults)
    end = crawls.sum(url=f"{site.url}tool/hop-0")
    assert len(crawls.paths()) == 6
    assert end["counters"]["redirect_chains"] == 1


def test_other_hosts_are_never_asked(crawls: Crawls, site: SampleSite) -> None:
    other = sample_site(tools=2)
    with other as elsewhere:
        site.faults(
            [
                {"kind": "offsite_links", "path": ""},
                {"kind": "redirect", "path": "/category/", "to": f"{elsewhere.url}tool/x"},
            ]
        )
        end = crawls.sum()
        assert elsewhere.log() == []
    assert end["code"] == 0
    assert end["counters"]["redirects_elsewhere"] > 0


def test_an_endless_calendar_is_not_followed(crawls: Crawls, site: SampleSite) -> None:
    site.faults([{"kind": "calendar", "path": ""}])
    assert crawls.sum()["reason"] == "finished"
    assert not [path for path in crawls.paths() if path.startswith("/calendar")]


def test_reversed_pairs_are_the_same_page(crawls: Crawls, site: SampleSite) -> None:
    site.faults([{"kind": "reverse_pairs", "path": ""}])
    crawls.crawl()
    pairs = [path for path in crawls.paths() if path.startswith("/compare/")]
    assert len(pairs) == len(site.truth()["comparisons"])


def test_www_and_the_bare_host_are_one_site(crawls: Crawls, site: SampleSite) -> None:
    site.faults([{"kind": "www", "path": ""}])
    crawls.crawl()
    assert len(crawls.paths()) == len(set(crawls.paths()))
    assert {each["host"] for each in site.log()} == {f"{site.host}:{site.port}"}
    crawls.run("build")
    assert set(crawls.listings()) == set(crawls.truth())


WALLS: dict[str, Json] = {
    "captcha": {"kind": "captcha", "path": "/tool/", "every": 3},
    "consent": {"kind": "captcha", "style": "consent", "path": "/tool/", "every": 3},
    "empty": {"kind": "empty_body", "path": "/tool/", "every": 3},
    "bad gzip": {"kind": "bad_gzip", "path": "/tool/", "every": 3},
    "no gzip": {"kind": "bad_gzip", "how": "plain", "path": "/tool/", "every": 3},
}


@pytest.mark.long
@pytest.mark.parametrize("name", WALLS)
def test_a_page_that_is_none_is_a_problem_and_no_data(crawls: Crawls, site: SampleSite, name: str) -> None:
    site.faults([WALLS[name]])
    end = crawls.sum()
    crawls.run("build")
    assert end["counters"]["pages_failed"] > 0
    assert crawls.listings() == crawls.truth()
    problems = crawls.rows("SELECT DISTINCT severity, url FROM problems")
    failed = end["counters"]["pages_failed"]
    assert len([row for row in problems if "/tool/" in (row["url"] or "")]) >= failed


def test_a_wrong_charset_does_not_stop_a_crawl(crawls: Crawls, site: SampleSite) -> None:
    site.faults([{"kind": "wrong_charset", "path": "/tool/"}])
    assert crawls.sum()["reason"] == "finished"
    crawls.run("build")
    assert crawls.listings() == crawls.truth()


@pytest.mark.long
@pytest.mark.parametrize("how", ["broken", "html", "bad_gzip"])
def test_a_bad_sitemap_is_told_and_links_do_instead(crawls: Crawls, site: SampleSite, how: str) -> None:
    site.faults([{"kind": "bad_sitemap", "path": "", "how": how}])
    end = crawls.sum()
    crawls.run("build")
    assert end["counters"]["bad_sitemaps"] >= 1
    assert [event["url"] for event in end["events"] if event["event"] == "bad_sitemap"]
    assert crawls.listings() == crawls.truth()


def test_an_endless_page_is_cut(crawls: Crawls, site: SampleSite) -> None:
    slug = sorted(site.truth()["listings"])[0]
    site.faults([{"kind": "huge", "path": f"/tool/{slug}$"}])
    end = crawls.sum(url=f"{site.url}tool/{slug}")
    [size] = [len(body) for r, body in crawls.records("response") if (r.url or "").endswith(slug)]
    assert size == 52 << 20
    assert end["reason"] == "finished"


def test_a_bomb_is_no_page(crawls: Crawls, site: SampleSite) -> None:
    slug = sorted(site.truth()["listings"])[0]
    site.faults([{"kind": "huge", "compressed": True, "megabytes": 100, "path": f"/tool/{slug}$"}])
    end = crawls.sum(url=f"{site.url}tool/{slug}")
    assert end["counters"]["pages_failed"] == 1
    assert crawls.run("build").code == 1
