"""The measuring of histories: what is a hit, what is sound, what is counted apart, and the tables."""

from __future__ import annotations

import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import pytest

from bench import truth
from bench.scoring import Score, Told, TrueChange, Verdict, true_changes
from bench.simulation import crawl_days
from bench.stretches import Key, Stretch
from bench.truth import Measured, cells

KEY = Key("alder", "builder", "score")


def day(number: int) -> str:
    return f"2026-03-{number:02}T00:00:00Z"


def stretches(*values: tuple[int, str]) -> list[Stretch]:
    ends = [at for at, _ in values[1:]] + [31]
    return [Stretch(day(at), day(end), value) for (at, value), end in zip(values, ends, strict=True)]


def told(old: str, new: str, before: int, after: int) -> Told:
    return Told(KEY, "score", old, new, day(before), day(after), confirmed=True)


TRUTH = stretches((1, "60"), (5, "70"), (6, "60"), (20, "80"))


def changes(*, may_be_brief: bool = False) -> list[TrueChange]:
    return list(true_changes(KEY, TRUTH, [each.start for each in TRUTH[1:]], may_be_brief=may_be_brief))


def test_the_changes_of_a_value() -> None:
    found = changes(may_be_brief=True)
    assert [(each.old, each.new, each.at) for each in found] == [
        ("60", "70", day(5)),
        ("70", "60", day(6)),
        ("60", "80", day(20)),
    ]
    assert [each.is_brief for each in found] == [True, True, False]
    assert [each.is_alone for each in found] == [False, False, True]
    assert [each.is_brief for each in changes()] == [False, False, False]
    assert {each.kind for each in found} == {"score"}


@pytest.mark.parametrize(
    ("change", "hits", "sound"),
    [
        (told("60", "80", 19, 20), True, True),
        (told("60", "80", 20, 21), False, False),
        (told("60", "80", 18, 19), False, False),
        (told("80", "60", 1, 31), False, False),
        (told("70", "80", 5, 20), False, True),
        (told("70", "80", 6, 20), False, False),
    ],
    ids=["in the bracket", "begins too late", "ends too early", "the other way", "over another", "over, too late"],
)
def test_hits_and_sound_changes(change: Told, hits: bool, sound: bool) -> None:
    assert change.hits(changes()[2]) is hits
    assert change.is_sound(TRUTH) is sound


def test_shares() -> None:
    counts = Score(visible=12, told=10, hits=8, sound=9, confirmed=4, confirmed_hits=3, confirmed_sound=4, brief=2)
    expected = ("x", "12", "10", "0.800", "0.800", "0.900", "4", "0.750", "0.300", "1.000", "6", "2", "0")
    assert cells("x", counts) == expected
    assert cells("x", Score())[3:6] == ("–", "–", "–")
    assert (counts + counts).visible == 24


def test_irregular_crawls_are_the_same_each_time() -> None:
    found = list(crawl_days(60, irregular=True, seed=1))
    assert found == list(crawl_days(60, irregular=True, seed=1))
    gaps = [after - before for before, after in pairwise(found)]
    assert min(gaps) < 0.5
    assert max(gaps) > 2
    assert list(crawl_days(2, irregular=False, seed=1)) == [0, 1, 2]


def test_the_tables_are_put_into_the_docs_in_place_of_the_former(tmp_path: Path) -> None:
    measured = Measured(days=1, tools=2, seeds=1)
    measured.by_setup["no cache, no Age"] += Verdict({"score": Score(visible=1, told=1, hits=1)})
    doc = tmp_path / "history.md"
    doc.write_text(f"before\n{truth.BEGIN}\nold\n{truth.END}\nafter\n", "utf-8")
    for _ in range(2):
        measured.write(doc)
        text = doc.read_text("utf-8")
        assert text.startswith(f"before\n{truth.BEGIN}\n")
        assert text.endswith(f"{truth.END}\nafter\n")
        assert "\nold\n" not in text
        assert "| score | 1 | 1 | 1.000 | 1.000 |" in text


def test_part_of_it_is_not_put_into_the_docs() -> None:
    command = [sys.executable, "-m", "bench.truth", "--write", "--seeds", "1"]
    done = subprocess.run(
        command, cwd=Path(__file__).parents[2], capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode == 2
    assert "--write" in done.stderr
