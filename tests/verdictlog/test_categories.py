"""`verdictlog categories`: the mapping, and what it does not know."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.dataset.captures import built as built_of
from tests.dataset.captures import card, compared
from tests.verdictlog.running import run

HOSTILE = "Shelving \x1b[31mAids"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    one = compared(card("alder", category="Voice & Audio"), card("birch", category="AUDIO AND VOICE"), 0)
    other = compared(card("birch", category="AUDIO AND VOICE"), card("cedar", category=HOSTILE), 0)
    return built_of(tmp_path_factory.mktemp("categories"), one, other).folder


def test_the_mapping_is_listed_with_its_use(folder: Path) -> None:
    found = run("categories", "--json", "--data", folder).json["categories"]
    [audio] = [each for each in found if each["category"] == "Audio & Voice"]
    assert (audio["listings"], audio["is_known"]) == (2, True)
    assert audio["in_use"] == {"AUDIO AND VOICE": 1, "Voice & Audio": 1}
    assert "Audio & Speech" in audio["listed"]
    assert [each["listings"] for each in found if each["category"] == "Finance"] == [0]


def test_only_what_is_not_mapped(folder: Path) -> None:
    found = run("categories", "--unmapped", "--json", "--data", folder).json["categories"]
    assert found == [
        {"category": HOSTILE, "is_known": False, "listings": 1, "listed": [], "in_use": {HOSTILE: 1}},
    ]


def test_in_words(folder: Path) -> None:
    ran = run("categories", "--data", folder)
    assert ran.code == 0
    assert "Audio & Speech" in ran.out
    assert "(not mapped)" in ran.out
    assert "\x1b[31m" not in ran.out


def test_where_all_is_mapped(tmp_path: Path) -> None:
    data = built_of(tmp_path, compared(card("alder", category="Models"), card("birch", category="Video"), 0))
    ran = run("categories", "--unmapped", "--data", data.folder)
    assert (ran.code, ran.out) == (0, "")
    assert "the mapping knows every category" in ran.err
