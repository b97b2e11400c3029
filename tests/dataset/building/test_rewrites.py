"""`build --diff`: what another parser or other rules would rewrite, apart from what newer captures bring."""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from crawler.archive import ArchiveWriter
from crawler.items import Card, ComparePage, PageProblem, PageReading, ToolPage
from dataset.building import info as info_module
from dataset.building.build import BuildBusy, BuildError
from dataset.building.compare import GONE, NEW, NO_VALUES, REWRITTEN, Difference
from dataset.building.lock import build_lock
from dataset.building.rewrites import Rewrites, rewrites
from dataset.schema.tables import TABLES, table
from normalize.matching.ids import birth_id
from normalize.matching.judgements import Answer
from tests.dataset.captures import (
    START,
    Capture,
    Data,
    built,
    card,
    compared,
    fresh,
    read_json,
    reviewer_page,
    says,
    tool_page,
)
from tests.dataset.judging import judge, listed

OTHER = card("zinc", name="Zinc")
ALDER = card("alder", says("Solid joinery.", "builder", 80, "ship"), name="Alder", category="Tools")

Found = dict[tuple[str, str, str | None], list[Difference]]


@contextmanager
def read_again(data: Data, **words: Any) -> Iterator[Rewrites]:
    """What the parser "test" would rewrite in `data`."""
    options: dict[str, Any] = {"read": read_json, "parser_version": "test", "workers": 1, **words}
    with rewrites(data.folder, **options) as found:
        yield found


def rewritten(data: Data, **words: Any) -> Found:
    """All that would be rewritten, by table, what it is, and field."""
    with read_again(data, **words) as found:
        return {(g.table, g.what, g.field): list(found.found.differences(g)) for g in found.found.groups}


def waiting(data: Data) -> int:
    with read_again(data) as found:
        return found.waiting


def older(change: Callable[[Card], Card]) -> Callable[..., PageReading]:
    """A parser that reads the left cards otherwise."""

    def read(body: bytes, *, url: str | None, content_type: str | None) -> PageReading:
        reading = read_json(body, url=url, content_type=content_type)
        if not isinstance(reading.page, ComparePage):
            return reading
        return reading.model_copy(update={"page": reading.page.model_copy(update={"left": change(reading.page.left)})})

    return read


def with_fields(**fields: Any) -> Callable[..., PageReading]:
    return older(lambda each: each.model_copy(update=fields))


def made_by(folder: Path, read: Callable[..., PageReading], *captures: Capture) -> Data:
    """A data folder with `captures`, published by an older parser."""
    data = Data(folder)
    data.add(captures)
    data.build(read=read, parser_version="older")
    return data


def values(found: Found, name: str, field: str) -> list[tuple[Any, ...]]:
    return [(*each.key.values(), each.old, each.new) for each in found[name, REWRITTEN, field]]


# Which tools are merged and split


def test_tools_that_are_merged_and_split_are_told(tmp_path: Path) -> None:
    """The older parser read one name otherwise, so another pair of listings was one tool."""

    def read(body: bytes, *, url: str | None, content_type: str | None) -> PageReading:
        reading = read_json(body, url=url, content_type=content_type)
        if not isinstance(reading.page, ToolPage) or reading.page.card.slug != "fernway-again":
            return reading
        renamed = reading.page.card.model_copy(update={"name": "Harrow"})
        return reading.model_copy(update={"page": reading.page.model_copy(update={"card": renamed})})

    names = {"fernway": "Fernway CI", "fernway-again": "Fernway-CI", "harrow": "Harrow"}
    data = made_by(tmp_path, read, *(listed(slug, name, at) for at, (slug, name) in enumerate(names.items())))
    with rewrites(tmp_path, read=read_json, parser_version="test", workers=1) as found:
        merged, split = found.found.regrouped()
    assert (merged.what, merged.tool_id) == ("merged", birth_id("fernway"))
    assert merged.listings == ["fernway", "fernway-again"]
    assert merged.others == sorted([birth_id("fernway"), birth_id("fernway-again")])
    assert (split.what, split.tool_id) == ("split", birth_id("fernway-again"))
    assert split.listings == ["fernway-again", "harrow"]
    assert split.others == sorted([birth_id("fernway"), birth_id("harrow")])
    data.build()
    with rewrites(tmp_path, read=read_json, parser_version="test", workers=1) as found:
        assert found.found.regrouped() == []


@pytest.mark.parametrize("answers", [["no"], ["no", "unsure"]])
def test_judgements_that_came_since_rewrite_nothing(tmp_path: Path, answers: list[Answer]) -> None:
    pair = ("fernway", "Fernway CI"), ("fernway-again", "Fernway-CI")
    data = built(tmp_path, *(listed(*each, at=1) for each in pair))
    for number, answer in enumerate(answers):
        if number:
            data.build()
        judge(data, *pair, answer, own_id=f"j{number}", second=number)
    with rewrites(tmp_path, read=read_json, parser_version="test", workers=1) as found:
        assert found.found.groups == []
    data.build()
    with rewrites(tmp_path, read=read_json, parser_version="test", workers=1) as found:
        assert found.found.groups == []


# What is rewritten


def test_a_field_that_was_read_otherwise_is_rewritten_wherever_it_stands(tmp_path: Path) -> None:
    data = made_by(tmp_path, with_fields(category="Tolls"), compared(ALDER, OTHER, 0), compared(ALDER, OTHER, 9))
    captures = [row["capture_id"] for row in data.rows("SELECT capture_id FROM captures ORDER BY captured_at")]
    [[tool]] = [row.values() for row in data.rows("SELECT tool_id FROM tools WHERE name = 'Alder'")]
    found = rewritten(data)
    assert values(found, "listings", "category") == [("alder", "Tolls", "Tools")]
    assert values(found, "tools", "category") == [(tool, "Tolls", "Tools")]
    assert values(found, "listing_versions", "category") == [("alder", 1, "Tolls", "Tools")]
    assert values(found, "field_evidence", "value") == [("alder/category", "Tolls", "Tools")]
    assert values(found, "listings", "category_canonical") == [("alder", "Tolls", "Tools")]
    assert {each[1:] for each in found} == {
        *((REWRITTEN, name) for name in ("category", "category_canonical", "value")),
        *((kind, None) for kind in (NEW, GONE)),  # the problem that no canonical category is known
    }
    assert {each.capture_id for each in found["listings", REWRITTEN, "category"]} == {captures[1]}
    for name, field in (("field_evidence", "value"), ("listing_versions", "category")):
        assert {each.listing_id for each in found[name, REWRITTEN, field]} == {"alder"}


def test_a_value_that_was_not_read_is_rewritten_from_nothing(tmp_path: Path) -> None:
    read = older(lambda each: each.model_copy(update={"reviews": tuple(
        review.model_copy(update={"score": None}) for review in each.reviews
    )}))  # fmt: skip
    data = made_by(tmp_path, read, compared(ALDER, OTHER, 0))
    review = data.row("SELECT review_id FROM reviews")["review_id"]
    capture = data.row("SELECT capture_id FROM captures")["capture_id"]
    found = rewritten(data)
    [score] = found["reviews", REWRITTEN, "score"]
    assert (score.key, score.listing_id, score.old, score.new) == ({"review_id": review}, "alder", None, 80)
    assert score.capture_id == capture
    assert values(found, "personas", "mean_score") == [("builder", None, 80.0)]
    assert values(found, "review_versions", "score") == [(review, 1, None, 80)]
    [row] = found["field_evidence", NEW, None]
    assert row.row is not None
    assert (row.row["field"], row.row["value"], row.capture_id) == ("score", "80", capture)
    assert set(found) == {
        ("reviews", REWRITTEN, "score"),
        ("personas", REWRITTEN, "mean_score"),
        ("review_versions", REWRITTEN, "score"),
        ("field_evidence", NEW, None),
    }


def test_changes_are_found_and_no_longer_found(tmp_path: Path) -> None:
    def change(each: Card) -> Card:
        entry, category = {"Free": ("Free", "A"), "Paid": ("Free", "B")}[str(each.entry)]
        return each.model_copy(update={"entry": entry, "category": category})

    free, paid = card("alder", entry="Free", category="A"), card("alder", entry="Paid", category="A")
    data = made_by(tmp_path, older(change), fresh(compared(free, OTHER, 0)), fresh(compared(paid, OTHER, 9)))
    after = data.row("SELECT capture_id FROM captures ORDER BY captured_at DESC LIMIT 1")["capture_id"]
    found = rewritten(data)
    [new], [gone] = found["changes", NEW, None], found["changes", GONE, None]
    assert new.row is not None
    assert gone.row is not None
    names = ("kind", "listing_id", "field", "old_value", "new_value")
    assert [new.row[name] for name in names] == ["pricing", "alder", "entry", "Free", "Paid"]
    assert [gone.row[name] for name in names] == ["category", "alder", "category", "A", "B"]
    assert (new.capture_id, gone.capture_id) == (after, after)
    assert gone.key == {"change_id": gone.row["change_id"]}
    assert (new.listing_id, gone.listing_id) == ("alder", "alder")


def test_problems_are_opened_and_closed_and_captures_read(tmp_path: Path) -> None:
    trouble = PageProblem(severity="warning", code="bad_score", message="no score", side="left", field="score")

    def failing(body: bytes, *, url: str | None, content_type: str | None) -> PageReading:
        old = PageProblem(severity="error", code="no_cards", message="there are no cards")
        return PageReading(kind="compare", status="failed", page=None, problems=(old,), leftovers=())

    data = made_by(tmp_path, failing, compared(ALDER, OTHER, 0, problems=[trouble]))
    capture = data.row("SELECT capture_id FROM captures")["capture_id"]
    found = rewritten(data)
    assert values(found, "captures", "parse_status") == [(capture, "failed", "ok")]
    assert values(found, "captures", "complete") == [(capture, None, 1)]
    assert ("captures", REWRITTEN, "parser_version") not in found
    [opened] = [each for each in found["problems", NEW, None] if each.row and each.row["code"] == "bad_score"]
    [closed] = found["problems", GONE, None]
    assert opened.row is not None
    assert closed.row is not None
    assert (opened.row["code"], opened.capture_id) == ("bad_score", capture)
    assert (closed.row["code"], closed.capture_id) == ("no_cards", capture)
    assert [each.key["listing_id"] for each in found["listings", NEW, None]] == ["alder", "zinc"]
    assert {each.capture_id for each in found["listings", NEW, None]} == {capture}


def test_what_an_older_parser_saw_and_the_present_does_not_is_gone(tmp_path: Path) -> None:
    extra = says("A phantom.", "skeptic", 10, "skip")
    read = older(lambda each: each.model_copy(update={"reviews": (*each.reviews, extra)}))
    data = made_by(tmp_path, read, compared(ALDER, OTHER, 0))
    capture = data.row("SELECT capture_id FROM captures")["capture_id"]
    found = rewritten(data)
    [review] = found["reviews", GONE, None]
    assert review.row is not None
    assert (review.row["quote"], review.listing_id, review.capture_id) == ("A phantom.", "alder", capture)
    assert [each.key for each in found["personas", GONE, None]] == [{"persona": "skeptic"}]


def test_only_so_many_of_each_kind_by_key(tmp_path: Path) -> None:
    pages = [compared(card(f"a{number}", category="Tools"), OTHER, number) for number in range(5)]
    data = made_by(tmp_path, with_fields(category="Tolls"), *pages[3:])
    data.add(pages[:3])
    data.build(read=with_fields(category="Tolls"), parser_version="older")
    with read_again(data) as found:
        [group] = [g for g in found.found.groups if (g.table, g.field) == ("listings", "category")]
        assert group.count == 5
        assert [each.key["listing_id"] for each in found.found.differences(group, 2)] == ["a0", "a1"]
        assert [each.key["listing_id"] for each in found.found.differences(group)] == ["a0", "a1", "a2", "a3", "a4"]
        assert list(found.found.differences(group, 0)) == []


# What isn't


def test_the_same_code_rewrites_nothing(tmp_path: Path) -> None:
    data = built(tmp_path, compared(ALDER, OTHER, 0), tool_page(ALDER, 3), reviewer_page("builder", None, 5))
    data.add([compared(card("alder", category="Else"), OTHER, 9), compared(ALDER, OTHER, 0)])
    data.build()
    with read_again(data) as found:
        assert found.same_versions
        assert (found.found.groups, found.waiting, bool(found.found.unlike)) == ([], 0, False)


def test_another_version_that_reads_the_same_rewrites_nothing(tmp_path: Path) -> None:
    data = built(tmp_path, compared(ALDER, OTHER, 0))
    with read_again(data, parser_version="newer") as found:
        assert not found.same_versions
        assert found.versions["parser_version"] == ("test", "newer")
        assert found.found.groups == []


def test_other_rules_and_another_schema_are_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    data = built(tmp_path, compared(ALDER, OTHER, 0))
    rules = data.row("SELECT value FROM dataset_info WHERE key = 'rules_version'")["value"]
    monkeypatch.setattr(info_module, "RULES_VERSION", 99)
    with read_again(data) as found:
        assert found.versions["rules_version"] == (rules, "99")
        assert not found.same_versions


def test_new_captures_are_the_worlds_part(tmp_path: Path) -> None:
    data = made_by(tmp_path, with_fields(category="Tolls"), compared(ALDER, OTHER, 0))
    before = rewritten(data)
    news = card("alder", says("Wobbly joinery.", "builder", 20, "skip"), name="Alder", category="Desks")
    data.add([compared(news, OTHER, 9), compared(ALDER, OTHER, 0), tool_page(news, 12)])
    assert rewritten(data) == before
    assert waiting(data) == 2, "the one that is there already is not counted"


def test_a_file_that_grew_is_read_only_as_far_as_the_published_dataset_did(tmp_path: Path) -> None:
    data = Data(tmp_path)
    at = START + timedelta(days=300)
    with ArchiveWriter(tmp_path / "archive", command="crawl", source="shiporskip", clock=lambda: at) as writer:
        writer.write(compared(ALDER, OTHER, 0).record())
        data.build()
        writer.write(compared(card("alder", category="Desks"), OTHER, 9).record())
        writer.write(compared(card("alder", category="Doors"), OTHER, 10).record())
    assert rewritten(data) == {}
    assert waiting(data) == 2
    data.build()
    assert rewritten(data) == {}
    assert waiting(data) == 0


def test_nothing_is_changed_and_nothing_is_left_behind(tmp_path: Path) -> None:
    data = made_by(tmp_path, with_fields(category="Tolls"), compared(ALDER, OTHER, 0))
    data.add([compared(ALDER, OTHER, 9)])

    def state() -> dict[str, str]:
        """All files but the lock, and the cache, to which readings are added."""
        own = (".build.lock", "cache.db")
        files = [path for path in sorted(tmp_path.rglob("*")) if path.is_file() and path.name not in own]
        return {str(path): sha256(path.read_bytes()).hexdigest() for path in files}

    before = state()
    with read_again(data) as found:
        assert found.found.groups
    assert state() == before


# An older schema


def altered(data: Data, *statements: str) -> None:
    with closing(sqlite3.connect(data.database)) as con:
        for each in statements:
            con.execute(each)
        con.commit()


def test_of_another_schema_what_both_have_is_compared_and_the_rest_named(tmp_path: Path) -> None:
    data = made_by(tmp_path, with_fields(category="Tolls"), compared(ALDER, OTHER, 0))
    altered(
        data,
        "ALTER TABLE listings DROP COLUMN best_for",
        "ALTER TABLE listings ADD COLUMN mood TEXT",
        "DROP TABLE reviewer_verdicts",
        "CREATE TABLE moods (mood TEXT)",
        "ALTER TABLE personas RENAME TO personas_before",
        "CREATE TABLE personas (persona TEXT, source TEXT, PRIMARY KEY (persona, source))",
        "DROP TABLE personas_before",
        "UPDATE dataset_info SET value = '3' WHERE key = 'schema_version'",
        "PRAGMA user_version = 3",
    )
    with read_again(data) as found:
        assert found.versions["schema_version"][0] == "3"
        unlike = found.found.unlike
        assert unlike.new_columns == ["listings.best_for"]
        assert unlike.gone_columns == ["listings.mood"]
        assert unlike.new_tables == ["reviewer_verdicts"]
        assert unlike.gone_tables == ["moods"]
        assert unlike.other_keys == ["personas"]
        fields = {(g.table, g.field) for g in found.found.groups}
        assert ("listings", "category") in fields
        assert ("listings", "best_for") not in fields


def test_rows_are_told_where_the_older_schema_can_not_show_their_captures(tmp_path: Path) -> None:
    extra = says("A phantom.", "skeptic", 10, "skip")
    read = older(lambda each: each.model_copy(update={"reviews": (*each.reviews, extra)}))
    data = made_by(tmp_path, read, compared(ALDER, OTHER, 0))
    altered(data, "DROP TABLE field_evidence")
    [review] = rewritten(data)["reviews", GONE, None]
    assert review.row is not None
    assert (review.row["quote"], review.capture_id) == ("A phantom.", None)


# Where it can't be done


def refusal(data: Data, kind: type[Exception] = BuildError) -> str:
    with pytest.raises(kind) as caught, read_again(data):
        pass
    return str(caught.value)


def test_without_a_dataset_it_says_what_to_do(tmp_path: Path) -> None:
    data = Data(tmp_path)
    assert "Run `verdictlog build`" in refusal(data)
    assert [path.name for path in tmp_path.iterdir()] == ["archive"]


@pytest.mark.parametrize("what", ["foreign", "garbage", "no progress"])
def test_what_is_no_dataset_or_does_not_say_what_it_has_read(tmp_path: Path, what: str) -> None:
    data = built(tmp_path, compared(ALDER, OTHER, 0))
    if what == "no progress":
        altered(data, "DROP TABLE archive_files")
        assert "`verdictlog build --full` makes it anew" in refusal(data)
        return
    data.database.unlink()
    if what == "garbage":
        data.database.write_bytes(b"not a database at all, whoever wrote it" * 100)
        assert "`verdictlog build --full` makes it anew" in refusal(data)
    else:
        altered(data, "CREATE TABLE recipes (name TEXT)")
        assert "no dataset of verdictlog" in refusal(data)


@pytest.mark.parametrize("how", ["gone", "shorter"])
def test_an_archive_that_has_lost_something_is_told(tmp_path: Path, how: str) -> None:
    data = built(tmp_path, compared(ALDER, OTHER, 0))
    [file] = (tmp_path / "archive").glob("*.warc.gz")
    if how == "gone":
        file.unlink()
    else:
        file.write_bytes(file.read_bytes()[:-10])
    text = refusal(data)
    assert f"has lost {file.name}" in text
    assert "put it back" in text


def test_while_a_build_is_at_work_it_does_not_start(tmp_path: Path) -> None:
    data = built(tmp_path, compared(ALDER, OTHER, 0))
    with build_lock(tmp_path):
        assert "Wait until it is done" in refusal(data, BuildBusy)


# Against a plain comparison of all rows


def plainly(old: Data, new: Data) -> dict[tuple[str, str, str | None], list[tuple[Any, ...]]]:
    """What differs between two datasets, found row by row in Python."""
    found: dict[tuple[str, str, str | None], list[tuple[Any, ...]]] = {}
    for each in TABLES:
        if each.local:
            continue
        kept = [name for name in each.column_names if name not in (*each.local_columns, *NO_VALUES.get(each.name, ()))]
        rows = []
        for data in (old, new):
            all_rows = data.rows(f"SELECT {', '.join(kept)} FROM {each.name}")
            rows.append({tuple(row[name] for name in each.primary_key): row for row in all_rows})
        before, after = rows
        for key in sorted(before.keys() - after.keys()):
            found.setdefault((each.name, GONE, None), []).append((*key, before[key]))
        for key in sorted(after.keys() - before.keys()):
            found.setdefault((each.name, NEW, None), []).append((*key, after[key]))
        for key in sorted(after.keys() & before.keys()):
            for name in kept:
                if before[key][name] != after[key][name]:
                    pair = (before[key][name], after[key][name])
                    found.setdefault((each.name, REWRITTEN, name), []).append((*key, *pair))
    return found


def random_pages(rng: random.Random) -> list[Capture]:
    """Comparisons and tool pages of a few listings, with what they show drawn anew each time."""

    def one(slug: str) -> Card:
        said = [
            says(f"{slug} is {word}.", persona, rng.choice([None, 40, 70]), rng.choice(["ship", "skip"]))
            for word, persona in (("fine", "builder"), ("odd", "skeptic"), ("dear", None))
            if rng.random() < 0.7
        ]
        return card(slug, *said, name=slug.title(), entry=rng.choice(["Free", "Paid"]), category=rng.choice("AB"))

    return [
        fresh(compared(one("alder"), one("zinc"), number / 2))
        if rng.random() < 0.7
        else fresh(tool_page(one("zinc"), number / 2))
        for number in range(12)
    ]


@pytest.mark.parametrize("seed", range(3))
def test_it_finds_what_a_comparison_of_all_rows_finds(tmp_path: Path, seed: int) -> None:
    pages = random_pages(random.Random(seed))

    def change(each: Card) -> Card:
        if sha256(each.model_dump_json().encode()).digest()[0] % 2:
            return each
        return each.model_copy(update={"entry": "Trial", "reviews": each.reviews[:1], "category": None})

    old = made_by(tmp_path / "old", older(change), *pages)
    new = built(tmp_path / "new", *pages)
    found = rewritten(old)
    told = {
        group: [(*each.key.values(), *((each.old, each.new) if each.row is None else (each.row,))) for each in every]
        for group, every in found.items()
    }
    expected = plainly(old, new)
    assert {group: sorted(rows, key=repr) for group, rows in told.items()} == {
        group: sorted(rows, key=repr) for group, rows in expected.items()
    }
    assert {REWRITTEN, NEW, GONE} == {what for _, what, _ in told}, "these pages show too little"


def test_every_table_for_people_is_compared_save_those_of_the_builds_own() -> None:
    assert {each.name for each in TABLES if each.local} == {"runs", "dataset_info", "archive_files"}
    assert table("captures").local_columns == ("run_id", "warc_file", "warc_offset")
