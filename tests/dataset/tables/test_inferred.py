"""Inferred critics: only where nothing tells and the classifier is sure, and nothing else ever follows from them."""

from __future__ import annotations

import json
import os
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest

from dataset.asking.opening import opened
from dataset.asking.reading_changes import changes_wanted, retracted_wanted
from dataset.schema.tables import RULES_VERSION, TABLES
from dataset.tables.inferred import MODEL
from dataset.tables.persona_training import examples_of
from normalize.personas.model import Weights
from tests.dataset.captures import Capture, Data, card, compared, day, says, tool_page
from tests.dataset.scorecards import reviews, scorecard
from tests.normalize.personas.texts import model, weights, write

SITE = "shiporskip"
COMMON = ("it", "is", "a", "tool", "that", "sorts", "and", "reads")
KNOWN = {f"w {word}": (1.0, 0.0, 0.0, 0.0) for word in COMMON}
OWN = {
    "w stdin": (3.0, 9.0, -9.0, -9.0),
    "w margin": (3.0, -9.0, 9.0, -9.0),
    "w doubt": (3.0, -9.0, -9.0, 9.0),
    "w perhaps": (1.0, 1.0, -1.0, -1.0),
}
BUILDER, FOUNDER, SKEPTIC = (f"It is a tool that sorts and reads {word}" for word in ("stdin", "margin", "doubt"))
MAYBE = "It is a tool that sorts and reads perhaps"
UNKNOWN = "Nobody wrote any of these strange words before"


def keep(data: Data, *sources: str, threshold: float = 0.9, features: Any = None) -> None:
    """Put a model for `sources` into the data folder."""
    made: dict[str, Weights] = {source: weights(KNOWN | OWN | (features or {})) for source in sources or (SITE,)}
    write(data.folder, model(made, threshold, str(RULES_VERSION)))


def inferring(folder: Path, *captures: Capture, **options: Any) -> Data:
    """A data folder with a model and `captures`, built."""
    data = Data(folder)
    keep(data, **options)
    data.add(captures)
    data.build()
    return data


def fact(data: Data, key: str) -> str | None:
    [*found] = data.rows("SELECT value FROM dataset_info WHERE key = ?", key)
    return found[0]["value"] if found else None


def page(*said: Any, at: float = 1, slug: str = "alder") -> Capture:
    return tool_page(card(slug, *said, name=slug), at)


def test_a_critic_is_named_where_the_classifier_is_sure(tmp_path: Path) -> None:
    data = inferring(tmp_path, page(says(BUILDER), says(MAYBE), says(UNKNOWN)))
    assert reviews(data) == {BUILDER: ("builder", "inferred"), MAYBE: (None, None), UNKNOWN: (None, None)}
    confident = data.rows("SELECT quote, persona_confidence AS sure FROM reviews WHERE persona_confidence IS NOT NULL")
    assert [row["quote"] for row in confident] == [BUILDER]
    assert 0.9 <= confident[0]["sure"] < 1


def test_the_threshold_decides(tmp_path: Path) -> None:
    low, high = (inferring(tmp_path / str(level), page(says(MAYBE)), threshold=level) for level in (0.4, 0.999))
    [row] = low.rows("SELECT persona_confidence AS sure FROM reviews")
    assert reviews(low) == {MAYBE: ("builder", "inferred")}
    assert reviews(high) == {MAYBE: (None, None)}
    keep(low, threshold=row["sure"])
    low.build()
    assert reviews(low) == {MAYBE: ("builder", "inferred")}
    keep(low, threshold=row["sure"] + 0.0001)
    low.build()
    assert reviews(low) == {MAYBE: (None, None)}


def test_labels_and_rows_count_before_it(tmp_path: Path) -> None:
    left, right = card("alder", says(BUILDER), name="alder"), card("birch", says(FOUNDER), name="birch")
    data = inferring(tmp_path, scorecard(left, right, 1), page(says(FOUNDER, "skeptic"), slug="birch", at=1))
    assert reviews(data) == {BUILDER: ("skeptic", "aligned")}
    assert reviews(data, "birch") == {FOUNDER: ("skeptic", "labelled")}


@pytest.mark.parametrize("named", [True, False])
def test_one_critic_has_one_standing_review_of_a_listing(tmp_path: Path, named: bool) -> None:
    """Neither beside a review that pages give that critic, nor twice."""
    other = says("Some other words", "builder") if named else says(f"{BUILDER}, too")
    data = inferring(tmp_path, page(says(BUILDER), other, says(SKEPTIC)))
    assert reviews(data)[BUILDER] == (None, None)
    assert reviews(data)[SKEPTIC] == ("skeptic", "inferred")


def test_one_after_the_other_is_no_conflict(tmp_path: Path) -> None:
    data = inferring(tmp_path, page(says(BUILDER)), page(says("Some other words", "builder"), at=9))
    assert reviews(data) == {BUILDER: ("builder", "inferred"), "Some other words": ("builder", "labelled")}


def test_each_source_has_its_own_critics(tmp_path: Path) -> None:
    data = Data(tmp_path)
    keep(data, "elsewhere.example")
    body = page(says(BUILDER))
    other = Capture("https://elsewhere.example/tool/alder", body.captured_at, body.reading)
    data.add([body, other])
    data.build()
    assert reviews(data) == {BUILDER: (None, None)}
    assert reviews(data, "elsewhere.example:alder") == {BUILDER: ("elsewhere.example:builder", "inferred")}
    assert data.row("SELECT source, name FROM personas") == {"source": "elsewhere.example", "name": "Builder"}


HISTORY = (
    compared(card("alder", says(BUILDER, score=70), says(SKEPTIC)), card("birch", says(FOUNDER)), 1),
    compared(card("alder", says(BUILDER, score=80), says(MAYBE)), card("birch", says(f"{FOUNDER}!")), 9),
    compared(card("alder", says(BUILDER, score=90), says(MAYBE)), card("birch", says(f"{FOUNDER}!")), 18),
)
"""Scores that change, a review that comes, one that goes, and two quotes of one critic that no page gives him."""


def test_nothing_else_follows_from_it(tmp_path: Path) -> None:
    without = Data(tmp_path / "without")
    without.add(HISTORY)
    without.build()
    data = inferring(tmp_path / "with", *HISTORY)
    assert [how for _, how in reviews(data).values()].count("inferred") == 2
    plain, named = without.content(), data.content()
    for name in [each.name for each in TABLES if each.hashed and each.name not in ("reviews", "personas")]:
        assert named[name] == plain[name], name
    own = ("persona", "persona_source", "persona_confidence")
    told = [{name: row[name] for name in row if name not in own} for row in data.rows("SELECT * FROM reviews")]
    assert told == [
        {name: row[name] for name in row if name not in own} for row in without.rows("SELECT * FROM reviews")
    ]
    assert len(named["changes"]) >= 4


def test_figures_of_critics_leave_it_out(tmp_path: Path) -> None:
    data = inferring(tmp_path, page(says(BUILDER, score=10, verdict="skip")))
    assert data.row("SELECT persona, review_count, ship_rate, mean_score FROM personas") == {
        "persona": "builder",
        "review_count": 0,
        "ship_rate": None,
        "mean_score": None,
    }


def test_only_printed_names_teach(tmp_path: Path) -> None:
    left, right = card("alder", says(BUILDER), name="alder"), card("birch", says(FOUNDER), name="birch")
    pages = (scorecard(left, right, 1), page(says(FOUNDER, "skeptic"), slug="birch"), page(says(SKEPTIC), slug="cedar"))
    data = inferring(tmp_path, *pages)
    assert [how for slug in ("alder", "birch", "cedar") for _, how in reviews(data, slug).values()] == [
        "aligned",
        "labelled",
        "inferred",
    ]
    with opened(data.folder) as con:
        found = examples_of(con)
    assert {source: [each[::2] for each in these] for source, these in found.items()} == {SITE: [("skeptic", FOUNDER)]}


def test_a_label_overrides_it_without_a_change(tmp_path: Path) -> None:
    data = inferring(tmp_path, page(says(BUILDER)))
    assert reviews(data) == {BUILDER: ("builder", "inferred")}
    before = data.row("SELECT review_id, last_changed FROM reviews")
    data.add([page(says(BUILDER, "creator"), at=9)])
    data.build()
    assert reviews(data) == {BUILDER: ("creator", "labelled")}
    assert data.row("SELECT persona_confidence AS sure FROM reviews") == {"sure": None}
    assert data.row("SELECT review_id, last_changed FROM reviews") == before
    assert data.rows("SELECT * FROM changes") == data.rows("SELECT * FROM retracted_changes") == []


def test_any_order_of_builds_gives_the_same(tmp_path: Path) -> None:
    pages = (*HISTORY, page(says(BUILDER, "creator"), at=20))
    whole = inferring(tmp_path / "whole", *pages)
    for number, order in enumerate(list(permutations(pages))[::4]):
        data = Data(tmp_path / str(number))
        keep(data)
        for each in order:
            data.add([each])
            report = data.build()
            assert (report.personas_anew, report.persona_trouble) == (False, None)
        assert data.content() == whole.content()
        assert fact(data, "content_hash") == fact(whole, "content_hash")


def test_another_model_names_anew_without_reading_the_archive(tmp_path: Path) -> None:
    data = Data(tmp_path / "one")
    data.add([*HISTORY, page(says(UNKNOWN), slug="cedar")])
    data.build()
    features = {f"w {word}": (1.0, -6.0, -6.0, 6.0) for word in UNKNOWN.casefold().split()}
    steps: list[tuple[dict[str, Any] | None, str | None]] = [
        ({}, None),
        ({"features": features}, "skeptic"),
        ({"threshold": 0.95}, None),
        (None, None),
    ]
    for step, (options, expected) in enumerate(steps):
        if options is None:
            (data.folder / MODEL).unlink()
        else:
            keep(data, **options)
        report = data.build()
        assert (report.changed, report.personas_anew, report.rebuilt_because, report.captures) == (True, True, None, 0)
        assert reviews(data, "cedar")[UNKNOWN][0] == expected
        fresh = Data(tmp_path / f"fresh {step}")
        if options is not None:
            keep(fresh, **options)
        fresh.add([*HISTORY, page(says(UNKNOWN), slug="cedar")])
        fresh.build()
        assert data.content() == fresh.content()
        assert not data.build().changed


def test_what_the_dataset_says_of_its_model(tmp_path: Path) -> None:
    data = inferring(tmp_path, page(says(BUILDER), says(MAYBE)))
    assert len(fact(data, "persona_model") or "") == 64
    assert fact(data, "persona_model_threshold") == "0.9"
    assert fact(data, "persona_model_trained_at") == "2026-03-01T00:00:00Z"
    assert json.loads(fact(data, f"persona_model:{SITE}") or "") == {
        "quotes": 10,
        "accuracy": 0.9,
        "coverage": 0.8,
        "accuracy_where_sure": 1.0,
        "trained_on": {"builder": 5, "founder": 5, "skeptic": 5},
    }
    assert json.loads(fact(data, f"persona_coverage:{SITE}") or "") == {
        "labelled": 0,
        "aligned": 0,
        "inferred": 1,
        "none": 1,
    }
    (data.folder / MODEL).unlink()
    data.build()
    assert data.rows("SELECT key FROM dataset_info WHERE key LIKE 'persona_model%'") == []


@pytest.mark.parametrize("kind", ["damaged", "other rules", "folder", "pipe"])
def test_a_model_that_can_not_be_used_is_told_and_left_out(tmp_path: Path, kind: str) -> None:
    data = inferring(tmp_path / "data", page(says(BUILDER)))
    path = data.folder / MODEL
    good = path.read_bytes()
    path.unlink()
    if kind == "damaged":
        path.write_bytes(good.replace(b"0.9", b'"x"'))
    elif kind == "other rules":
        write(data.folder, model({SITE: weights(KNOWN | OWN)}, rules_version="of long ago"))
    elif kind == "folder":
        path.mkdir()
    else:
        os.mkfifo(path)
    report = data.build()
    assert report.persona_trouble is not None
    assert reviews(data) == {BUILDER: (None, None)}
    told = data.row("SELECT severity, code, path, message, occurrences FROM problems")
    assert told.pop("message") == report.persona_trouble
    assert str(tmp_path) not in report.persona_trouble
    assert told == {"severity": "warning", "code": "persona_model_unusable", "path": MODEL, "occurrences": 1}
    again = data.build()
    assert (again.changed, again.persona_trouble) == (False, report.persona_trouble)
    if path.is_dir():
        path.rmdir()
    else:
        path.unlink()
    path.write_bytes(good)
    assert data.build().persona_trouble is None
    assert reviews(data) == {BUILDER: ("builder", "inferred")}
    assert data.rows("SELECT * FROM problems") == data.rows("SELECT * FROM problem_sightings") == []


def test_what_is_told_of_changes_does_not_name_them(tmp_path: Path) -> None:
    data = inferring(tmp_path, *(page(says(BUILDER, score=score), at=at) for at, score in ((1, 70), (9, 80), (30, 80))))
    with opened(data.folder) as con:
        assert [each.persona for each in changes_wanted(con)] == [None]
    data.add([page(says(BUILDER, score=75), at=5)])
    data.build()
    with opened(data.folder) as con:
        assert [each.persona for each in retracted_wanted(con)] == [None]
    assert reviews(data) == {BUILDER: ("builder", "inferred")}
    assert day(9) in [each["seen_after"] for each in data.rows("SELECT seen_after FROM retracted_changes")]
