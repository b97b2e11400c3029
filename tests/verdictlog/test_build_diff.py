"""`build --diff` as people and programs see it: text, JSON, exit codes, and what it leaves alone."""

from __future__ import annotations

import json
import os
import shutil
import signal
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from crawler.items import Card, ComparePage, PageReading
from crawler.pages import parser_version, read_page
from dataset.building.build import build
from tests.verdictlog.running import SAMPLES, Folder, in_terminal, manifest, many_pages, started, wait_until

URL = "https://verdicts.example/compare/aaa-vs-bbb"
RAW = ("\x1b", "\x07", "\u202e")


def older(change: Callable[[Card], Card]) -> Callable[..., PageReading]:
    """A parser that reads left cards otherwise than the present one."""

    def read(body: bytes, *, url: str | None, content_type: str | None) -> PageReading:
        reading = read_page(body, url=url, content_type=content_type)
        if not isinstance(reading.page, ComparePage):
            return reading
        page = reading.page.model_copy(update={"left": change(reading.page.left)})
        return reading.model_copy(update={"page": page})

    return read


def misread(card: Card) -> Card:
    """The left card as the older parser read it: of another category, and the words of its reviews cut."""
    reviews = tuple(review.model_copy(update={"quote": review.quote[:-1]}) for review in card.reviews)
    return card.model_copy(update={"category": "Tolls", "reviews": reviews})


class Old(Folder):
    """A data folder with all samples, published by the older parser, and what `build --diff` says of it."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        assert self.run("import", SAMPLES / "manifest.jsonl").code == 0
        build(path, read=older(misread), parser_version="0", workers=1)
        self.published = self.database.read_bytes()
        self.text = self.run("build", "--diff", "--all")
        self.json = self.run("build", "--diff", "--json")
        *self.rewrites, self.sum = lines(self.json.out)


@pytest.fixture(scope="module")
def old(tmp_path_factory: pytest.TempPathFactory) -> Old:
    return Old(tmp_path_factory.mktemp("old") / "data")


def lines(out: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in out.splitlines()]


def test_people_see_it_by_table_and_field_with_the_captures(old: Old) -> None:
    assert (old.text.code, old.text.err) == (3, "")
    out = old.text.out
    assert f"parser version  0 → {parser_version()}\n" in out
    mine = [each for each in old.rewrites if (each["table"], each.get("field")) == ("listings", "category")]
    assert mine
    assert f"listings · category: {len(mine)} values\n" in out
    for each in mine:
        [category] = old.column("SELECT category FROM listings WHERE listing_id = ?", each["listing_id"])
        assert (each["old"], category) == ("Tolls", "Tolls")
        assert old.column("SELECT kind FROM captures WHERE capture_id = ?", each["capture_id"]) == ["compare"]
        assert f"  {each['listing_id']}: Tolls → {each['new']}  (capture {each['capture_id']})\n" in out
    counts = f"{old.sum['rewritten']:,} values; rows: {old.sum['new']:,} new, {old.sum['gone']:,} gone"
    assert f"would be rewritten: {counts}\n" in out
    assert out.endswith("apart from that, nothing new waits in the archive\n")


def test_rows_that_come_and_go_are_named_for_people(old: Old) -> None:
    for what in ("new", "gone"):
        reviews = [each for each in old.rewrites if (each["table"], each["what"]) == ("reviews", what)]
        assert f"reviews: {len(reviews)} {what}\n" in old.text.out
        for each in reviews:
            row = each["row"]
            told = [f"{name} {row[name]}" for name in ("persona", "score", "verdict") if row[name] is not None]
            words = ", ".join([*told, f"quote {row['quote'][:40]}"])
            assert f"  {each['listing_id']} {row['review_id']}: {words}" in old.text.out
            assert f"  (capture {each['capture_id']})\n" in old.text.out


def test_changes_that_were_none_are_named_for_people(old: Old) -> None:
    gone = [each for each in old.rewrites if (each["table"], each["what"]) == ("changes", "gone")]
    assert f"changes: {len(gone)} no longer found\n" in old.text.out
    categories = [each["row"] for each in gone if each["row"]["field"] == "category"]
    assert categories
    for row in categories:
        between = f"between {row['seen_before']} and {row['seen_after']}  (capture {row['after_capture_id']})"
        line = (
            f"  {row['listing_id']} {row['change_id']}: category {row['old_value']} → {row['new_value']}, {between}\n"
        )
        assert line in old.text.out


def test_the_published_file_stays_as_it_is(old: Old) -> None:
    assert old.database.read_bytes() == old.published
    assert {path.name for path in old.path.iterdir()} == {"archive", "cache.db", "verdictlog.db", ".build.lock"}


def test_it_is_what_the_build_then_does(old: Old, tmp_path: Path) -> None:
    shutil.copytree(old.path, tmp_path / "data")
    folder = Folder(tmp_path / "data")
    assert folder.run("build").code == 0
    for each in old.rewrites:
        where = " AND ".join(f"{column} = ?" for column in each["key"])
        wanted = "count(*)" if each["what"] != "rewritten" else each["field"]
        [found] = folder.column(f"SELECT {wanted} FROM {each['table']} WHERE {where}", *each["key"].values())
        assert found == {"rewritten": each.get("new"), "new": 1, "gone": 0}[each["what"]], each
    folder.run("import", many_pages(tmp_path / "pages", 3))
    again = folder.run("build", "--diff")
    assert again.code == 0
    assert "nothing would be rewritten\n" in again.out
    assert "apart from that, 3 captures wait that the dataset has not read" in again.out
    assert "only checks that the same comes out" in again.err


def test_json_is_a_line_a_value_and_one_that_sums_up(old: Old) -> None:
    assert (old.json.code, old.json.err) == (3, "")
    assert {each["what"] for each in old.rewrites} == {"rewritten", "new", "gone"}
    for what in ("rewritten", "new", "gone"):
        assert old.sum[what] == sum(each["what"] == what for each in old.rewrites)
    groups = Counter((each["table"], each["what"], each.get("field")) for each in old.rewrites)
    assert {(g["table"], g["what"], g["field"]): g["count"] for g in old.sum["groups"]} == groups
    assert old.sum["what"] == "sum"
    assert old.sum["versions"]["parser_version"] == {"published": "0", "present": parser_version()}
    assert old.sum["waiting_captures"] == 0
    assert old.sum["not_compared"] == {
        "new_tables": [], "gone_tables": [], "new_columns": [], "gone_columns": [], "other_keys": [],
    }  # fmt: skip
    members = {each["what"]: set(each) for each in old.rewrites}
    assert members["rewritten"] == {"table", "what", "key", "listing_id", "field", "old", "new", "capture_id"}
    assert members["new"] == members["gone"] == {"table", "what", "key", "listing_id", "row", "capture_id"}


def test_so_many_examples_of_each(old: Old) -> None:
    mine = [each for each in old.rewrites if (each["table"], each.get("field")) == ("listings", "category")]
    count = len(mine)
    assert count > 1
    title = f"listings · category: {count} values\n"
    part = old.run("build", "--diff", "--limit", "1").out.partition(title)[2].partition("\n\n")[0]
    assert part.count(" → ") == 1
    assert part.endswith(f"  … and {count - 1} more")
    limited = lines(old.run("build", "--diff", "--json", "--limit", "1").out)
    own = [each for each in limited if (each.get("table"), each.get("field")) == ("listings", "category")]
    assert len(own) == 1
    groups = {(group["table"], group["field"]): group["count"] for group in limited[-1]["groups"]}
    assert groups["listings", "category"] == count


def test_what_pages_say_never_steers_the_terminal(tmp_path: Path) -> None:
    good = (SAMPLES / "fernway-vs-gatepost.html").read_text("utf-8")
    (tmp_path / "1.html").write_text(good.replace("Runs your", "Runs your \x1b[2Jcafé \u202e"), "utf-8")
    entry = {"file": "1.html", "url": URL, "captured_at": "2026-05-01T00:00:00Z"}
    folder = Folder(tmp_path / "data")
    folder.run("import", manifest(tmp_path, [entry]))
    read = older(lambda card: card.model_copy(update={"tagline": "Walks \x1b]0;owned\x07 your [bold red]CI[/]\u202e"}))
    build(folder.path, read=read, parser_version="0", workers=1)
    ran = folder.run("build", "--diff")
    screen = in_terminal("build", "--diff", "--json", "--data", folder.path, columns=200)[1].decode()
    assert ran.code == 3
    for text in (ran.out, screen.partition("{")[2]):
        assert "tagline" in text
        assert not set(text) & set(RAW)
        assert "\\u001b" in text
        assert "[bold red]CI[/]" in text


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["--diff", "--full"], "--full"),
        (["--diff", "--all", "--limit", "3"], "both --all and --limit"),
        (["--limit", "3"], "--diff"),
    ],
)
def test_wrong_usage(tmp_path: Path, words: list[str], says: str) -> None:
    ran = Folder(tmp_path).run("build", *words)
    assert (ran.code, ran.out) == (2, "")
    assert says in ran.err
    assert list(tmp_path.iterdir()) == []


def test_without_a_dataset(tmp_path: Path) -> None:
    ran = Folder(tmp_path).run("build", "--diff")
    assert (ran.code, ran.out) == (1, "")
    assert "there is no dataset yet" in ran.err
    assert "Run `verdictlog build`" in ran.err
    assert list(tmp_path.iterdir()) == []


def test_stopped_it_leaves_all_as_it_was(tmp_path: Path) -> None:
    folder = Folder(tmp_path / "data")
    folder.run("import", many_pages(tmp_path / "pages", 150))
    build(folder.path, workers=1)
    before, cache = folder.database.read_bytes(), folder.path / "cache.db"
    for number, code in ((signal.SIGINT, 130), (signal.SIGKILL, -signal.SIGKILL)):
        cache.unlink()
        with started("build", "--diff", "--data", folder.path) as process:
            wait_until(cache.exists, process, "reading")
            os.killpg(process.pid, number)
            _, err = process.communicate(timeout=20)
        assert process.returncode == code, err
        assert folder.database.read_bytes() == before
    build(folder.path, full=True, workers=1)
    assert folder.database.read_bytes() == before
    assert {path.name for path in folder.path.iterdir()} == {"archive", "cache.db", "verdictlog.db", ".build.lock"}
