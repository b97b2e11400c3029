"""The log of judgements: what is read, what is told of bad lines, and which answers stand."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from normalize.matching.judgements import BadLogError, Judgement, by_pair, contradicting, parse, standing
from normalize.matching.listing import Listing
from tests.normalize.matching.made import judgement

A, B, C = Listing("a", "Umber", "", "Sorts “gravel”"), Listing("b", "Zellow"), Listing("c", "Brindle")
YES = judgement(1, A, B, "yes")
NO = judgement(2, A, B, "no")
UNDO = judgement(3, A, B, None, revokes=NO.id)


def test_lines_are_read_as_they_were_written() -> None:
    log = [YES, NO, UNDO]
    assert parse("\n".join(each.line() for each in log) + "\n") == log


def test_an_empty_log_is_no_error() -> None:
    assert parse("") == []


BAD = [
    ({"id": ""}, "id: String should have at least 1 character"),
    ({"time": "yesterday"}, "time: String should match"),
    ({"answer": "maybe"}, "answer: Input should be"),
    ({"colour": "blue"}, "colour: Extra inputs"),
    ({"right": "a"}, "both sides are the listing 'a'"),
    ({"left_card": None}, "needs left, right, left_card and right_card"),
    ({"answer": None}, "neither an answer nor a revocation"),
    ({"answer": None, "revokes": "j000"}, "names listings but has no answer"),
    ({"revokes": "j999"}, "revokes 'j999', which no line is"),
]


@pytest.mark.parametrize(("change", "why"), BAD, ids=[each[1] for each in BAD])
def test_a_bad_line_is_told_with_its_place(change: dict[str, str | None], why: str) -> None:
    bad = json.dumps(json.loads(YES.line()) | change)
    with pytest.raises(BadLogError, match=r"said\.jsonl, line 3: ") as error:
        parse(f"{NO.line()}\n\n{bad}\n", "said.jsonl")
    assert why in str(error.value)


def test_a_line_that_is_no_json_is_told() -> None:
    with pytest.raises(BadLogError, match="line 1: Invalid JSON"):
        parse("{")


def test_an_id_that_comes_twice_is_told() -> None:
    with pytest.raises(BadLogError, match="line 2: the id 'j001' is that of line 1 too"):
        parse(f"{YES.line()}\n{YES.line()}\n")


def test_the_latest_answer_counts() -> None:
    assert by_pair([YES, judgement(2, A, B, "unsure")])["a", "b"].answer == "unsure"


def test_a_no_counts_against_a_later_yes() -> None:
    found = by_pair([NO, judgement(4, B, A, "yes")])["a", "b"]
    assert (found.answer, found.contradicted) == ("no", True)


def test_a_revoked_no_counts_no_more() -> None:
    assert by_pair([YES, NO, UNDO])["a", "b"].answer == "yes"


def test_an_undo_that_was_undone_undoes_nothing() -> None:
    assert by_pair([YES, NO, UNDO, judgement(4, A, B, None, revokes=UNDO.id)])["a", "b"].answer == "no"


def test_a_yes_may_revoke_the_no() -> None:
    found = by_pair([NO, judgement(4, A, B, "yes", revokes=NO.id)])["a", "b"]
    assert (found.answer, found.contradicted) == ("yes", False)


def test_a_yes_that_contradicts_a_stored_no_is_found() -> None:
    assert contradicting(judgement(4, B, A, "yes"), [NO]) == NO


def test_a_yes_that_revokes_the_no_contradicts_nothing() -> None:
    assert contradicting(judgement(4, B, A, "yes", revokes=NO.id), [NO]) is None


def test_a_yes_about_others_contradicts_nothing() -> None:
    assert contradicting(judgement(4, B, C, "yes"), [NO]) is None


@given(st.permutations([YES, NO, UNDO, judgement(4, B, C, "yes"), judgement(5, A, C, "no")]))
def test_the_order_of_the_lines_says_nothing(log: list[Judgement]) -> None:
    assert standing(log) == standing(sorted(log, key=lambda each: each.id))


def test_what_is_about_no_pair_says_so() -> None:
    with pytest.raises(ValueError, match="not about a pair"):
        _ = UNDO.pair


def test_no_card_of_another_listing() -> None:
    with pytest.raises(ValueError, match="no card of 'c'"):
        YES.name_of("c")
