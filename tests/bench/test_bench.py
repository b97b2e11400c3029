"""The benchmarks measure what they say: their pages have the promised properties, and each of them runs.

Nothing here looks at how fast anything is; `make bench` does.
"""

from __future__ import annotations

import json
import subprocess
import sys
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from bench import results
from bench.__main__ import NAMES, main
from bench.clock import interleaved
from bench.crawl import tools_with
from bench.pages import CONTENT_TYPE, MadePage, facts_of, made_page, payload_page, usual_page
from bench.reading import parse_lxml, visit_every_node
from bench.results import BEGIN, END, Group, Line, Results
from bench.spine import made_captures, tools_for
from bench.texts import MadeTool, made_tool
from crawler.items import Card, ComparePage
from crawler.pages import read_page
from dataset.queries.canned import QUERIES

ROOT = Path(__file__).parent.parent.parent


def compared(page: MadePage) -> ComparePage:
    reading = read_page(page.body, url=page.url, content_type=CONTENT_TYPE)
    assert (reading.status, reading.problems, reading.leftovers) == ("ok", (), ())
    assert isinstance(reading.page, ComparePage)
    return reading.page


def says(card: Card) -> dict[str, Any]:
    found = card.model_dump(exclude={"shown", "reviewed_on", "website"})
    found["reviews"] = [(each.persona, each.score, each.verdict, each.quote) for each in card.reviews]
    return found


def meant(tool: MadeTool) -> dict[str, Any]:
    ships, votes = tool.community or (0, 0)
    return {
        "slug": tool.slug,
        "name": tool.name,
        "category": tool.category,
        "tagline": tool.tagline,
        "description": tool.description,
        "panel_verdict": tool.verdict.lower(),
        "panel_ship_pct": tool.ship_pct,
        "panel_ships": tool.ships,
        "panel_skips": tool.skips,
        "community_ship_pct": tool.community_pct,
        "community_ships": ships,
        "community_votes": votes,
        "entry": tool.entry,
        "pricing": tool.pricing,
        "best_for": tool.best_for,
        "reviews": [(each.persona.lower(), each.score, each.verdict, each.quote) for each in tool.reviews],
    }


def test_the_usual_page_is_what_the_docs_say() -> None:
    page = usual_page()
    facts = facts_of(page.body)
    assert 55_000 < facts.size < 66_000
    assert facts.elements >= 700
    assert 0 < facts.script_share <= 1 / 3
    record = compared(page)
    quotes = [each.quote for card in (record.left, record.right) for each in card.reviews]
    assert len(quotes) == 8
    assert all(80 <= len(quote.split()) <= 100 for quote in quotes)
    for habit in (b"<!-- -->", b"<svg", b"<nav", b"<main", b"<footer", b"md:hidden", b"hidden lg:block"):
        assert habit in page.body


def test_the_payload_page_is_mostly_script() -> None:
    page = payload_page()
    facts = facts_of(page.body)
    assert 270_000 < facts.size < 330_000
    assert 0.75 < facts.script_share < 0.9
    assert compared(page) == compared(usual_page())


@pytest.mark.parametrize("number", range(12))
def test_a_made_page_is_read_to_what_its_tools_say(number: int) -> None:
    page = made_page(made_tool(2 * number), made_tool(2 * number + 1))
    record = compared(page)
    assert says(record.left) == meant(page.left)
    assert says(record.right) == meant(page.right)
    assert record.title == f"{page.left.name} vs {page.right.name}"
    assert record.rows == ((0, 0), (1, 1), (2, 2), (3, 3))


def test_made_tools_differ_and_are_the_same_each_time() -> None:
    tools = [made_tool(number) for number in range(200)]
    assert tools == [made_tool(number) for number in range(200)]
    for name in ("slug", "name"):
        assert len({getattr(tool, name) for tool in tools}) == 200
    assert len({review.quote for tool in tools for review in tool.reviews}) == 800


def test_the_captures_of_the_long_run_are_as_described() -> None:
    pages = 300
    captures = list(made_captures(pages))
    assert captures == list(made_captures(pages))
    assert len({page.url for _, page in captures}) == pages
    slugs = {tool.slug for _, page in captures for tool in (page.left, page.right)}
    assert len(slugs) == tools_for(pages) == 25
    assert tools_for(10_000) == 400
    cards = {tool for _, page in captures for tool in (page.left, page.right)}
    assert len(slugs) < len(cards) < 2 * len(slugs), "some tools change in the middle, most do not"
    times = [at for at, _ in captures]
    assert times == sorted(times)


def test_the_bare_walk_visits_every_node() -> None:
    assert visit_every_node(b"<body><p>a<!-- b -->c<b>d</b></p><p></p></body>") == 8
    found = parse_lxml(usual_page().body)
    in_body = found.xpath("count(/html/body/descendant-or-self::node())")  # type: ignore[attr-defined]
    assert visit_every_node(usual_page().body) == in_body


def test_contestants_take_turns() -> None:
    turns: list[str] = []

    def work(name: str) -> None:
        turns.append(name)
        sum(range(20_000))

    tasks = {name: partial(work, name) for name in ("one", "two")}
    seconds = interleaved(tasks, 0)
    assert set(seconds) == {"one", "two"}
    assert all(each > 0 for each in seconds.values())
    changes = sum(before != after for before, after in pairwise(turns))
    assert changes >= 5, "three rounds of two"


Lines = dict[str, dict[str, dict[str, Any]]]


def measured(*names: str) -> Lines:
    """The lines of the benchmarks called `names`, made small, by group and by what they say."""
    only = [word for name in names for word in ("--only", name)]
    command = [sys.executable, "-W", "error", "-m", "bench", "--pages", "20", "--seconds", "0", "--json", *only]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=240)
    assert (done.returncode, done.stderr) == (0, "")
    found = json.loads(done.stdout)
    assert found["machine"]["cores"] >= 1
    return {group["name"]: {line["what"]: line for line in group["lines"]} for group in found["groups"]}


@pytest.mark.long
def test_benchmarks_run_and_print_json() -> None:
    names = [name for name in NAMES if name not in ("rereading", "crawl", "matching", "serving")]
    lines = measured(*names)
    assert list(lines) == names
    for name in ("page", "fresh", "payload"):
        assert lines[name]["lxml.etree parse"]["ratio"] == 1
        assert lines[name]["read_page to a record"]["goal"] == 2
    assert "after 20 pages" in lines["memory"]
    stages = [line["ratio"] for what, line in lines["spine"].items() if what.startswith("of it: ")]
    assert sum(stages) == pytest.approx(1, abs=0.25)
    assert lines["history"]["captures to dataset"]["goal"] == 4


@pytest.mark.long
def test_the_benchmarks_of_matching_and_of_all_cores_run() -> None:
    lines = measured("rereading", "matching")
    assert list(lines) == ["rereading", "matching"]
    matching = lines["matching"]
    assert matching["2,000 names: cdist in the same blocks"]["ratio"] == 1
    assert matching["peak memory"]["goal"] == 1


@pytest.mark.long
def test_the_benchmark_of_crawls_runs() -> None:
    crawl = measured("crawl")["crawl"]
    assert crawl["stock download"]["ratio"] == crawl["CPU, stock download"]["ratio"] == 1
    assert (crawl["full crawl"]["goal"], crawl["every page a 304"]["goal"]) == (1, 3)
    few, many = (int(what.split()[1]) for what in crawl if what.endswith(" urls queued"))
    assert few < 10
    assert many >= 200


@pytest.mark.long
def test_the_benchmark_of_the_site_runs() -> None:
    serving = measured("serving")["serving"]
    assert serving["bare row page"]["ratio"] == 1
    for what in ("home", "tool", "search, a word", *(f"query: {each.name}" for each in QUERIES)):
        assert serving[what]["goal"] == 6
        assert 0 < serving[f"{what}: its SQL alone"]["absolute"] < serving[what]["absolute"]


def test_what_was_not_measured_stays_in_the_docs(tmp_path: Path) -> None:
    doc = tmp_path / "doc.md"
    doc.write_text(f"before\n{BEGIN}\n\n{END}\nafter\n", "utf-8")
    one, two = (Group(name, f"of {name}", "about", (Line("speed", 1.0, "it", 5, "s"),)) for name in ("one", "two"))
    Results([one, two]).write(doc)
    whole = doc.read_text("utf-8")
    Results([Group("two", "of two", "anew", two.lines)]).write(doc)
    assert doc.read_text("utf-8") == whole.replace("| **of two** (about)", "| **of two** (anew)")
    assert whole.startswith("before\n")
    assert whole.endswith("\nafter\n")
    assert whole.count("| speed | 1.00 |") == 2


def test_tools_for_so_many_comparisons() -> None:
    assert [tools_with(pairs) for pairs in (1, 2, 3, 4, 1000, 100_000)] == [2, 3, 3, 4, 46, 448]


def test_wrong_usage_is_told() -> None:
    app = typer.Typer()
    app.command()(main)
    for arguments, word in (["--only", "speed"], "speed"), (["--write", "--pages", "50"], "--write"):
        done = CliRunner().invoke(app, arguments)
        assert done.exit_code == 2
        assert word in done.stderr


def some_results() -> Results:
    lines = (
        Line("one", 1.0, "one", 2.5, "ms"),
        Line("two", 2.004, "one", 5.0, "ms", goal=2),
        Line("three", 2.01, "one", 1234.0, "ms", goal=2),
        Line("four", 2.996, "one", 5.0, "ms", goal=3, at_least=True),
        Line("five", 2.99, "one", 5.0, "ms", goal=3, at_least=True),
    )
    return Results([Group("x", "An x", "10 KB", lines)])


def test_a_goal_is_met_by_what_the_table_shows() -> None:
    assert [line.met for line in some_results().groups[0].lines] == [None, True, False, True, False]
    assert [line["met"] for line in some_results().as_json()["groups"][0]["lines"]] == [None, True, False, True, False]


def test_the_table_is_put_into_the_docs_in_place_of_the_former(tmp_path: Path) -> None:
    doc = tmp_path / "benchmarks.md"
    doc.write_text(f"before\n{results.BEGIN}\nold\n{results.END}\nafter\n", "utf-8")
    for _ in range(2):
        some_results().write(doc)
        text = doc.read_text("utf-8")
        assert text.startswith(f"before\n{results.BEGIN}\n")
        assert text.endswith(f"{results.END}\nafter\n")
        assert text.count("| three | 2.01 | one | ≤ 2 ✗ | 1,234 ms |") == 1
        assert text.count("| four | 3.00 | one | ≥ 3 ✓ | 5.00 ms |") == 1
        assert "old" not in text
    doc.write_text("no place\n", "utf-8")
    with pytest.raises(ValueError, match="no place for the table"):
        some_results().write(doc)
    assert doc.read_text("utf-8") == "no place\n"


def test_the_docs_show_a_whole_run() -> None:
    text = results.DOC.read_text("utf-8")
    table = text.partition(results.BEGIN)[2].partition(results.END)[0]
    for what in ("lxml.etree parse", "read_page to a record", "after 10,000 pages", "of it: read", "import"):
        assert f"| {what} | " in table
    assert "10,000 pages of 400 tools" in table
