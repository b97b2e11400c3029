"""The worked example: the second site crawled and built by the real command, and held against its truth."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import fields
from decimal import Decimal
from pathlib import Path

import pytest

from crawler import sites
from crawler.archive import Archive
from crawler.items import CARD_FIELDS, Card, ComparePage, PageReading
from crawler.pages import PARSER_VERSION, parser_version, read_page
from dataset.readings.parsing import observe_each
from tests.crawling import Crawls
from tests.serving import ROOT, Json, SampleSite, sample_site
from tests.sites import forget
from tests.verdictlog.running import run

EXAMPLE = ROOT / "examples" / "boards.py"
DOCS = ROOT / "docs" / "another-site.md"
ENV = {"VERDICTLOG_SITES": "examples.boards"}
SHOWN = ("name", "tagline", "pricing")
"""The fields of a listing that the site has a slot for, beside reviews."""

URL = "https://boards.example/versus/ash/birch"


@pytest.fixture(scope="module")
def site() -> Iterator[SampleSite]:
    with sample_site(seed=7, tools=8, site="boards") as running:
        yield running


@pytest.fixture(scope="module")
def built(site: SampleSite, tmp_path_factory: pytest.TempPathFactory) -> Crawls:
    """A data folder with the whole site in it, crawled and built as the documentation tells."""
    crawls = Crawls(tmp_path_factory.mktemp("boards") / "data", site)
    assert crawls.crawl(env=ENV).code == 0
    assert crawls.run("build", env=ENV).code == 0
    return crawls


@pytest.fixture
def example(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The example, loaded in this process."""
    monkeypatch.setenv("VERDICTLOG_SITES", ENV["VERDICTLOG_SITES"])
    forget()
    yield
    monkeypatch.undo()
    forget()


def contenders(site: SampleSite) -> dict[str, Json]:
    found: dict[str, Json] = site.truth()["contenders"]
    assert len(found) >= 8
    return found


WORDS = {"Keep": "ship", "Drop": "skip"}


def as_listing(said: Json) -> Json:
    """What the site says of a contender, in the words of the dataset."""
    reviews = [
        {
            "persona": who.lower(),
            "score": int(Decimal(str(juror["rating"])) * 10),
            "verdict": WORDS[juror["word"]],
            "quote": juror["reason"],
        }
        for who, juror in said["jurors"].items()
    ]
    reviews.sort(key=lambda review: (review["persona"], review["quote"]))
    return {"name": said["name"], "tagline": said["motto"], "pricing": said["cost"], "reviews": reviews}


@pytest.mark.parametrize("field", [*SHOWN, "reviews"])
def test_the_dataset_says_what_the_site_says(built: Crawls, site: SampleSite, field: str) -> None:
    said = {slug: as_listing(each)[field] for slug, each in contenders(site).items()}
    assert {slug: row[field] for slug, row in built.listings().items()} == said
    assert any(said.values())


@pytest.mark.parametrize("field", sorted(set(CARD_FIELDS) - set(SHOWN)))
def test_what_the_site_has_no_slot_for_is_not_shown(built: Crawls, field: str) -> None:
    assert set(built.column(f"SELECT {field} FROM listings")) == {None}
    assert built.column("SELECT field FROM field_evidence WHERE field = ? AND review_id IS NULL", field) == []


def test_every_page_was_read_and_nothing_is_left_over(built: Crawls) -> None:
    assert built.rows("SELECT DISTINCT parse_status, complete FROM captures WHERE kind = 'compare'") == [
        {"parse_status": "ok", "complete": 1}
    ]
    assert built.rows("SELECT * FROM problems") == []


def test_every_pair_is_a_comparison(built: Crawls, site: SampleSite) -> None:
    source = f"{site.host}:{site.port}"
    pairs = built.rows("SELECT left_listing_id, right_listing_id, url FROM comparisons ORDER BY url")
    assert pairs == [
        {
            "left_listing_id": f"{source}:{left}",
            "right_listing_id": f"{source}:{right}",
            "url": f"{site.url}versus/{left}/{right}",
        }
        for left, right in sorted(site.truth()["versus"], key="/".join)
    ]


def test_each_page_is_asked_for_once(built: Crawls, site: SampleSite) -> None:
    wanted = [f"/versus/{left}/{right}" for left, right in site.truth()["versus"]]
    assert sorted(path for path in built.paths() if path.startswith("/versus/")) == sorted(wanted)


@pytest.mark.long
def test_what_changed_is_found_by_the_next_crawl(tmp_path: Path) -> None:
    with sample_site(seed=11, tools=4, site="boards") as site:
        crawls = Crawls(tmp_path / "data", site)
        crawls.crawl(env=ENV)
        crawls.run("build", env=ENV)
        before = crawls.listings()
        site.advance(30 * 86_400)
        crawls.crawl(env=ENV)
        crawls.run("build", env=ENV)
        after = {slug: as_listing(each) for slug, each in site.truth()["contenders"].items()}
        now = crawls.listings()
        assert {slug: {name: now[slug][name] for name in each} for slug, each in after.items()} == after
        assert now != before


def test_a_dataset_made_without_the_example_is_made_anew(built: Crawls) -> None:
    before = built.listings()
    without = built.run("build", "--json").json
    assert without["rebuilt_because"] is not None
    assert "parser version" in without["rebuilt_because"]
    assert without["statuses"].get("ok") is None
    again = built.run("build", "--json", env=ENV).json
    assert "parser version" in again["rebuilt_because"]
    assert built.listings() == before
    versions = set(built.column("SELECT parser_version FROM captures WHERE kind = 'compare'"))
    assert versions == {f"{PARSER_VERSION}+boards.1"}


@pytest.mark.usefixtures("example")
def test_worker_processes_read_by_the_example_too(built: Crawls) -> None:
    def jobs() -> Iterator[tuple[object, bytes]]:
        yield from ((r, body) for r, body in Archive(built.path / "archive").scan() if r.kind == "response")

    here, there = (
        list(observe_each(jobs(), read_page, parser_version(), workers=workers, pool_from=1))  # type: ignore[arg-type]
        for workers in (1, 2)
    )
    assert there == here
    assert [each.capture["parse_status"] for each in there].count("ok") > 20


def shown_in_docs(language: str) -> list[str]:
    """The blocks of `language` in the documentation of the example."""
    return re.findall(rf"^```{language}\n(.*?)^```$", DOCS.read_text("utf-8"), re.S | re.M)


def test_the_example_has_less_than_100_lines() -> None:
    assert len(EXAMPLE.read_text("utf-8").splitlines()) < 100


def test_the_documentation_shows_the_whole_example() -> None:
    code = EXAMPLE.read_text("utf-8")
    pieces = shown_in_docs("python")
    for piece in pieces:
        assert piece in code
    shown = [line for piece in pieces for line in piece.splitlines() if line]
    assert sorted(shown) == sorted(line for line in code.splitlines() if line)


def test_the_documentation_shows_what_the_site_shows() -> None:
    [shown] = shown_in_docs("html")
    with sample_site(seed=7, tools=6, site="boards") as site:
        left, right = site.truth()["versus"][0]
        body = site.get(f"/versus/{left}/{right}").body.decode()
    for line in shown.splitlines():
        assert line.strip().removesuffix(" …</td>") in body


def test_the_commands_of_the_documentation(tmp_path: Path) -> None:
    lines = [line for block in shown_in_docs("sh") for line in block.splitlines() if line.startswith("verdictlog ")]
    [variable] = re.findall(r"^export (\w+)=(.*)$", DOCS.read_text("utf-8"), re.M)
    with sample_site(seed=7, tools=6, site="boards") as site:
        for line in lines[:3]:
            words = line.replace("http://127.0.0.1:8701/", site.url).replace("/tmp/boards", str(tmp_path)).split()
            ran = run(*words[1:], env=dict([variable]))
            assert (ran.code, "problems" in ran.err) == (0, False), line
            if "crawl" in words:
                assert re.search(r"pages read +15\b", ran.out)
    status = run("--data", tmp_path, "status", "--json", env=dict([variable])).json["dataset"]
    assert (status["rows"]["listings"], status["rows"]["problems"]) == (6, 0)
    assert "reads 15 pages, and the build finds 6 listings and no problems" in " ".join(DOCS.read_text("utf-8").split())


@pytest.mark.parametrize("name", [each.name for each in fields(sites.Site)])
def test_the_documentation_describes_every_attribute_of_a_site(name: str) -> None:
    assert f"\n| `{name}` | " in DOCS.read_text("utf-8").partition("## The Site class")[2]


# One page, word by word: what is not as the site shows it gives a problem, never a guess.


def row(who: str = "Skeptic", rating: str = "Rating 7.5 of 10", word: str = "Keep", reason: str = "It holds.") -> str:
    return f"<tr><td>Juror {who}</td><td>{rating}</td><td>{word}</td><td>{reason}</td></tr>"


def section(name: str, *rows: str) -> str:
    return f"<section><h2>{name}</h2><p>{name} grows</p><p>Cost: Free</p><table>{''.join(rows)}</table></section>"


def page(body: str, title: str = "Ash or Birch?") -> str:
    return (
        '<!DOCTYPE html><html><head><title>x</title></head><body><p><a href="/">Boards</a></p>'
        f"<h1>{title}</h1>{body}</body></html>"
    )


GOOD = page(section("Ash", row()) + section("Birch", row("Founder", "Rating 4.0 of 10", "Drop", "It costs.")))


def read(html: str, url: str | None = URL) -> PageReading:
    return read_page(html.encode(), url=url, content_type="text/html; charset=utf-8")


def compared(html: str) -> tuple[Card, Card, set[tuple[str, str | None, str | None]]]:
    """Both cards, and the problems: code, field, side."""
    reading = read(html)
    assert isinstance(reading.page, ComparePage), reading
    return reading.page.left, reading.page.right, {(each.code, each.field, each.side) for each in reading.problems}


@pytest.mark.usefixtures("example")
def test_a_page_as_it_should_be() -> None:
    left, right, problems = compared(GOOD)
    assert problems == set()
    assert (left.slug, left.name, left.tagline, left.pricing) == ("ash", "Ash", "Ash grows", "Free")
    assert left.shown == (*SHOWN, "reviews")
    assert [tuple(each.model_dump().values()) for each in (*left.reviews, *right.reviews)] == [
        ("skeptic", 75, "ship", "It holds."),
        ("founder", 40, "skip", "It costs."),
    ]
    assert read(GOOD).leftovers == ()


@pytest.mark.usefixtures("example")
@pytest.mark.parametrize(("rating", "score"), [("10.0", 100), ("0.0", 0), ("0.5", 5), ("9.9", 99)])
def test_ratings_that_are_exact(rating: str, score: int) -> None:
    left, _, problems = compared(GOOD.replace("7.5 of", f"{rating} of"))
    assert ([each.score for each in left.reviews], problems) == ([score], set())


@pytest.mark.usefixtures("example")
@pytest.mark.parametrize(
    "rating",
    ["Rating 7.25 of 10", "Rating 7 of 10", "Rating 10.1 of 10", "Rating 7.5 of 100", "Rated 7.5 of 10", "7.5", "–"],
)
def test_ratings_that_are_not(rating: str) -> None:
    left, right, problems = compared(GOOD.replace("Rating 7.5 of 10", rating))
    assert [each.score for each in (*left.reviews, *right.reviews)] == [None, 40]
    assert problems == {("label_without_value", "score", "left")}


@pytest.mark.usefixtures("example")
@pytest.mark.parametrize("word", ["Kept", "keep it", "Ship", "Perhaps"])
def test_a_word_that_is_neither(word: str) -> None:
    left, _, problems = compared(GOOD.replace("Keep", word))
    assert [(each.verdict, each.score) for each in left.reviews] == [(None, 75)]
    assert problems == {("label_without_value", "verdict", "left")}


@pytest.mark.usefixtures("example")
@pytest.mark.parametrize(
    ("old", "new", "lost", "problem"),
    [
        ("Cost: Free", "Price: Free", {"tagline", "pricing"}, ("label_without_value", "pricing")),
        ("<p>Cost: Free</p>", "", {"tagline", "pricing"}, ("label_without_value", "pricing")),
        ("Cost: Free</p>", "Cost: Free</p><p>Sale!</p>", {"tagline", "pricing"}, ("label_without_value", "pricing")),
        ("<p>Ash grows</p>", "", {"tagline", "pricing"}, ("label_without_value", "pricing")),
        ("<p>Ash grows</p>", "<p>New!</p><p>Ash grows</p>", {"tagline", "pricing"}, ("label_without_value", "pricing")),
        ("Juror", "Judge", {"reviews"}, ("label_without_value", "reviews")),
        ("<td>Keep</td>", "", {"reviews"}, ("label_without_value", "reviews")),
        ("<td>Keep</td>", "<td>Keep</td><td>3 likes</td>", {"reviews"}, ("label_without_value", "reviews")),
    ],
)
def test_a_changed_label_gives_a_problem_and_no_value(
    old: str, new: str, lost: set[str], problem: tuple[str, str]
) -> None:
    left, right, problems = compared(GOOD.replace(old, new, 1))
    assert set(left.shown) == {*SHOWN, "reviews"} - lost
    assert right == compared(GOOD)[1]
    assert problems == {(*problem, "left")}


@pytest.mark.usefixtures("example")
def test_a_reason_that_could_not_be_decoded_is_not_taken() -> None:
    left, _, problems = compared(GOOD.replace("It holds.", "It h\ufffdlds."))
    assert left.reviews == ()
    assert problems == {("label_without_value", "reviews", "left")}


@pytest.mark.usefixtures("example")
def test_names_are_proven_by_the_title() -> None:
    left, right, problems = compared(GOOD.replace("Ash or Birch?", "Ash or Beech?"))
    assert "name" not in (*left.shown, *right.shown)
    assert problems == {("title_mismatch", "name", None)}


@pytest.mark.usefixtures("example")
@pytest.mark.parametrize(
    "html", [page(section("Ash", row())), GOOD.replace("</body>", section("Cedar", row()) + "</body>")]
)
def test_other_than_two_contenders_are_not_read(html: str) -> None:
    reading = read(html)
    assert (reading.status, [each.code for each in reading.problems]) == ("failed", ["card_unreadable"])


@pytest.mark.usefixtures("example")
def test_what_is_new_on_the_page_is_left_over() -> None:
    reading = read(GOOD.replace("<h1>", "<p>Vote now, votes close soon</p><h1>"))
    assert "Vote now, votes close soon" in reading.leftovers


@pytest.mark.usefixtures("example")
def test_a_page_that_is_cut_off() -> None:
    reading = read(GOOD[: GOOD.index("It costs.") + 4])
    assert reading.status == "incomplete"
    assert isinstance(reading.page, ComparePage)
    assert (len(reading.page.left.reviews), reading.page.right.reviews) == (1, ())


@pytest.mark.usefixtures("example")
def test_sides_come_from_the_url_alone() -> None:
    for url, slugs in (
        (URL, ("ash", "birch")),
        ("https://boards.example/versus/birch/ash", ("birch", "ash")),
        (f"{URL}?from=home", ("ash", "birch")),
    ):
        found = read(GOOD, url).page
        assert isinstance(found, ComparePage)
        assert (found.left.slug, found.right.slug) == slugs


def test_a_changed_label_is_a_problem_in_the_dataset(tmp_path: Path) -> None:
    page_file = tmp_path / "page.html"
    page_file.write_text(GOOD.replace("Cost: Free", "Price: Free"), "utf-8")
    with_site = Crawls(tmp_path / "data", None)  # type: ignore[arg-type]
    with_site.run("import", str(page_file), "--url", URL, "--captured-at", "2026-11-19T00:00:00Z", env=ENV)
    assert with_site.run("build", env=ENV).code == 0
    assert with_site.rows("SELECT listing_id, pricing FROM listings ORDER BY 1") == [
        {"listing_id": "boards:ash", "pricing": None},
        {"listing_id": "boards:birch", "pricing": None},
    ]
    assert with_site.rows("SELECT code, field FROM problems WHERE severity = 'warning'") == [
        {"code": "label_without_value", "field": "pricing"},
        {"code": "label_without_value", "field": "pricing"},
    ]
