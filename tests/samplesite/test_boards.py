"""The second site: other words and addresses, the same kind of truth."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape

import pytest

from tests.serving import SampleSite, sample_site


@pytest.fixture(scope="module")
def boards() -> Iterator[SampleSite]:
    with sample_site(seed=7, tools=6, site="boards") as running:
        yield running


def test_every_page_says_the_truth(boards: SampleSite) -> None:
    truth = boards.truth()
    assert len(truth["versus"]) > 10
    for one, other in truth["versus"]:
        page = boards.get(f"/versus/{one}/{other}").body.decode()
        for slug, section in re.findall(r'<section id="([^"]+)">(.*?)</section>', page, re.S):
            said = truth["contenders"][slug]
            assert unescape(re.findall(r"<h2>(.*?)</h2><p>(.*?)</p><p>Cost: (.*?)</p>", section)[0].__str__()) == str(
                (said["name"], said["motto"], said["cost"])
            )
            jurors = re.findall(
                r"<td>Juror (\w+)</td><td>Rating ([\d.]+) of 10</td><td>(\w+)</td><td>(.*?)</td>", section
            )
            assert {
                who: {"rating": float(rating), "word": word, "reason": unescape(reason)}
                for who, rating, word, reason in jurors
            } == said["jurors"]


def test_its_links_and_its_sitemap_name_every_page(boards: SampleSite) -> None:
    wanted = [f"/versus/{one}/{other}" for one, other in boards.truth()["versus"]]
    assert re.findall(r'href="(/versus/[^"]+)"', boards.get("/").body.decode()) == wanted
    locs = re.findall(r"<loc>(.*?)</loc>", boards.get("/sitemap.xml").body.decode())
    assert locs == [boards.url[:-1] + each for each in wanted]
    assert f"Sitemap: {boards.url}sitemap.xml" in boards.get("/robots.txt").body.decode()


def test_what_is_not_there(boards: SampleSite) -> None:
    one, other = boards.truth()["versus"][0]
    for target in (f"/versus/{other}/{one}", f"/versus/{one}/x", "/versus", f"/compare/{one}-vs-{other}"):
        assert boards.get(target).status == 404


def test_it_knows_clock_faults_and_validators_too(boards: SampleSite) -> None:
    etag = boards.get("/").headers["etag"]
    assert boards.get("/", If_None_Match=etag).status == 304
    before = boards.truth()["contenders"]
    boards.advance(30 * 86_400)
    assert boards.truth()["contenders"] != before
    boards.faults([{"kind": "status", "status": 503, "times": 1}])
    assert [boards.get("/").status for _ in range(2)] == [503, 200]
