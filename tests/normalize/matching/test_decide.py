"""Decisions: records that say why, from which the decision follows again, and sentences made of them."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from normalize.matching.decide import decide, rules_version
from normalize.matching.listing import Listing
from normalize.matching.sentences import sentence
from tests.normalize.matching.again import decide_again
from tests.normalize.matching.made import listings

ONE = Listing("one", "Zellow", "", "Sorts gravel by the sound that each pebble makes", None)
SAME = Listing("two", "Zellow", "", "Gravel is sorted: every pebble is known by sound", None)
OTHER = Listing("three", "Zellow", "", "Forecasts ferry delays for harbour crews", None)
BARE = Listing("four", "Zellow")


@given(st.lists(listings(), min_size=2, max_size=2))
def test_the_decision_follows_from_its_record(pair: list[Listing]) -> None:
    decided = decide(*pair)
    stored = json.loads(json.dumps(decided.reasons))
    assert decide_again(stored) == (decided.decision, decided.rule)


@given(st.lists(listings(), min_size=2, max_size=2, unique_by=lambda each: each.listing_id))
def test_the_order_of_a_pair_says_nothing(pair: list[Listing]) -> None:
    assert decide(*pair) == decide(*reversed(pair))


@given(st.lists(listings(), min_size=2, max_size=2))
def test_every_decision_has_a_sentence(pair: list[Listing]) -> None:
    said = sentence(json.loads(json.dumps(decide(*pair).reasons)))
    assert said.endswith(".")
    assert all(each.name in said for each in pair)


def test_texts_that_agree_merge() -> None:
    assert decide(ONE, SAME).decision == "merge"


def test_texts_that_share_nothing_are_reviewed() -> None:
    decided = decide(ONE, OTHER)
    assert (decided.decision, decided.rule) == ("review", "texts")


def test_missing_text_objects_to_nothing() -> None:
    assert decide(ONE, BARE).decision == "merge"


def test_the_record_names_the_rules() -> None:
    assert decide(ONE, SAME).reasons["rules"] == rules_version()


def test_the_record_tells_what_clashed() -> None:
    assert decide(Listing("a", "Zellow 2 Pro"), Listing("b", "Zellow 3 Mini")).reasons["clashed"] == [
        "edition",
        "version",
    ]


def test_the_record_tells_what_agreed() -> None:
    assert decide(Listing("a", "Zellow 2 Pro"), Listing("b", "Zellow 2 Mini")).reasons["agreed"] == ["name", "version"]


def test_the_similarity_of_texts_stands_in_the_record() -> None:
    assert decide(ONE, ONE._replace(listing_id="x")).text_similarity == 100


def test_a_missing_text_has_no_similarity() -> None:
    assert decide(ONE, BARE).text_similarity is None


SENTENCES = [
    (
        "Zellow 2 Pro",
        "Zellow 2 Mini",
        "“Zellow 2 Pro” and “Zellow 2 Mini” are two tools: the edition differs (pro against mini).",
    ),
    ("Zellow", "Zellow Umber", "“Zellow” and “Zellow Umber” are two tools: only “Zellow Umber” has “umber”."),
    (
        "Zellow",
        "Zellow 2",
        "A person should decide whether “Zellow” and “Zellow 2” are one tool: only one names the version (2).",
    ),
    (
        "Zellow 2",
        "zellow-2",
        "“Zellow 2” and “zellow-2” are one tool: they are equal except for case, punctuation and spaces; there are no"
        " texts to compare.",
    ),
]


@pytest.mark.parametrize(("left", "right", "words"), SENTENCES)
def test_sentence(left: str, right: str, words: str) -> None:
    assert sentence(decide(Listing("a", left), Listing("b", right)).reasons) == words
