"""The measurements of matching measure what they say. Nothing here looks at how fast anything is."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from bench import matching_rivals as rivals
from bench.made_names import made_names
from bench.matching import Models, near_names, pairs
from normalize.matching.matcher import match

ROOT = Path(__file__).parents[2]
NAMES = ["Zellow 2", "zellow-2", "Zellow 3", "Umber"]
TRUTH = ["zellow 2", "zellow 2", "zellow 3", "umber"]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Labelled files of a few made-up names."""
    models = [*zip(NAMES, TRUTH, strict=True), ("Zellow 2 FP8", "zellow 2"), ("Umber", "another umber")]
    lines = ["provider,name,model", *(f"p,{name},{model}" for name, model in models)]
    (tmp_path / "models.csv").write_text("\n".join(lines))
    (tmp_path / "near_names.csv").write_text(
        "name_a,name_b,label,trap\nZellow,zellow,same,case\nZellow,Zellow 2,review,version\nZellow,Umber,same,none\n"
    )
    (tmp_path / "listings.csv").write_text(
        "slug,name,category,tagline,description\n"
        "a,Zellow,Sieves,Sorts gravel by sound,\n"
        "b,zellow,Sieves,Gravel sorted by sound,\n"
    )
    (tmp_path / "pairs.csv").write_text("slug_a,slug_b,label\na,b,same\n")
    return tmp_path


def test_labels_meet_decisions(folder: Path) -> None:
    assert near_names(folder) == {("same", "merge"): 1, ("review", "review"): 1, ("same", "apart"): 1}


def test_pairs_are_decided_with_their_texts(folder: Path) -> None:
    assert pairs(folder) == {("same", "merge"): 1}


def test_a_partition_is_scored_by_pairs(folder: Path) -> None:
    models = Models(folder)
    score = models.score(match(models.listings))
    assert (score.precision, score.recall, score.largest_wrong) == (1 / 2, 1 / 3, 1)


def test_a_person_is_shown_no_more_than_allowed(folder: Path) -> None:
    models = Models(folder)
    matcher = match(models.listings)
    assert models.review(matcher, share=0.2) == 0
    assert models.review(matcher, share=0.5) == 2
    assert models.score(matcher).recall == 1


def test_the_best_threshold_is_found() -> None:
    wanted = rivals.true_pairs(TRUTH)
    best = rivals.best_of([(0.9, (0, 1)), (0.8, (0, 2)), (0.7, (1, 2))], wanted)
    assert (best.precision, best.recall, best.threshold) == (1, 1, 0.9)


def test_pairs_of_one_score_stand_or_fall_together() -> None:
    best = rivals.best_of([(0.9, (0, 2)), (0.9, (0, 1))], rivals.true_pairs(TRUTH))
    assert (best.precision, best.recall) == (0.5, 1)


@pytest.mark.parametrize("way", [rivals.exact, rivals.token_set])
def test_each_way_finds_what_is_plainly_equal(way: object) -> None:
    assert way(NAMES, rivals.true_pairs(TRUTH)).recall == 1  # type: ignore[operator]


def test_made_names_are_always_the_same() -> None:
    assert list(made_names(300)) == list(made_names(300))


def test_the_speed_is_told_in_lines() -> None:
    command = [sys.executable, "-m", "bench.matching_speed", "2000"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True, timeout=200)
    found = {said["what"]: said["value"] for said in map(json.loads, done.stdout.splitlines())}
    assert found.keys() >= {"full", "more", "same", "peak", "cdist", "tools"}
    assert 500 < found["tools"] < 2000
