"""The state follows from listings, judgements and rules alone, and holds to what it promises."""

from __future__ import annotations

from itertools import combinations
from typing import get_args

from hypothesis import given
from hypothesis import strategies as st

from normalize.matching.decide import decide
from normalize.matching.ids import birth_id
from normalize.matching.judgements import Answer, Judgement
from normalize.matching.listing import Listing
from normalize.matching.matcher import Matcher, match
from normalize.matching.names import read_name
from normalize.matching.rules import contradict
from tests.normalize.matching.made import judgement, listings, redirects

MANY = st.lists(listings(), max_size=10, unique_by=lambda each: each.listing_id)
ANSWERS = st.lists(
    st.tuples(st.integers(0, 9), st.integers(0, 9), st.sampled_from(["yes", "no", "unsure"])), max_size=4
)


def log_of(held: list[Listing], answers: list[tuple[int, int, str]]) -> list[Judgement]:
    found = []
    for number, (one, other, answer) in enumerate(answers):
        if max(one, other) < len(held) and one != other:
            found.append(judgement(number, held[one], held[other], answer))  # type: ignore[arg-type]
    return found


def state(matcher: Matcher) -> object:
    return matcher.partition(), redirects(matcher), matcher.questions(), matcher.warnings()


@given(MANY, ANSWERS, st.data())
def test_any_order_and_any_split_give_the_same(
    held: list[Listing], answers: list[tuple[int, int, str]], data: st.DataObject
) -> None:
    log = log_of(held, answers)
    matcher = Matcher()
    order = data.draw(st.permutations(held))
    cut = data.draw(st.integers(0, len(held)))
    drafts = [each._replace(name="Quandor 2", first_seen="2026-12-01") for each in order[:cut:2]]
    matcher.update(drafts, judgements=log[:1])
    matcher.update([Listing("gone", "Quandor 2"), *order[:cut]])
    matcher.update(judgements=log)
    matcher.update(order[cut:], gone=["gone"])
    assert state(matcher) == state(match(held, log))


@given(MANY, ANSWERS)
def test_what_was_seen_before_churns_nothing(held: list[Listing], answers: list[tuple[int, int, str]]) -> None:
    log = log_of(held, answers)
    matcher = match(held, log)
    before = state(matcher)
    assert matcher.update(held, judgements=log) == frozenset()
    assert state(matcher) == before


@given(MANY, ANSWERS)
def test_the_ids_that_change_are_told(held: list[Listing], answers: list[tuple[int, int, str]]) -> None:
    matcher = match(held)
    before = {each.listing_id: matcher.tool_of(each.listing_id) for each in held}
    told = matcher.update(judgements=log_of(held, answers))
    assert told == {each for each, tool in before.items() if matcher.tool_of(each) != tool}


@given(MANY, ANSWERS)
def test_no_tool_holds_what_contradicts(held: list[Listing], answers: list[tuple[int, int, str]]) -> None:
    matcher = match(held, [each for each in log_of(held, answers) if each.answer != "yes"])
    names = {each.listing_id: read_name(each.name) for each in held}
    for members in matcher.partition().values():
        assert not any(contradict(names[one], names[other]) for one, other in combinations(members, 2))


@given(MANY, ANSWERS)
def test_no_tool_holds_two_of_which_a_person_said_no(held: list[Listing], answers: list[tuple[int, int, str]]) -> None:
    log = log_of(held, answers)
    matcher = match(held, log)
    for each in log:
        if each.answer == "no":
            assert matcher.tool_of(each.pair[0]) != matcher.tool_of(each.pair[1])


@given(MANY)
def test_what_the_rules_would_merge_is_one_tool_or_asked(held: list[Listing]) -> None:
    matcher = match(held)
    asked = {frozenset((matcher.tool_of(each.left), matcher.tool_of(each.right))) for each in matcher.questions()}
    names = {each.listing_id: read_name(each.name) for each in held}
    for left, right in combinations(held, 2):
        tools = frozenset((matcher.tool_of(left.listing_id), matcher.tool_of(right.listing_id)))
        if decide(left, right).decision == "merge" and len(tools) == 2 and tools not in asked:
            ours, theirs = matcher.members(left.listing_id), matcher.members(right.listing_id)
            assert any(contradict(names[one], names[other]) for one in ours for other in theirs)


@given(MANY)
def test_every_decision_that_merges_is_listed(held: list[Listing]) -> None:
    # Listings with the same card count as one: the earliest stands for them.
    variants: dict[object, Listing] = {}
    for each in sorted(held, key=lambda each: each.order):
        variants.setdefault((each.name, *each[3:]), each)
    matcher = match(held)
    by_id = {each.listing_id: each for each in held}
    listed = {pair: decide(*(by_id[each] for each in pair)).decision for pair in matcher.pairs()}
    for left, right in combinations(sorted(variants.values()), 2):
        if decide(left, right).decision == "merge":
            assert listed[left.listing_id, right.listing_id] == "merge"


def test_the_earliest_names_the_tool() -> None:
    matcher = match([Listing("b", "Quandor 2", "2026-11-02"), Listing("a", "quandor-2", "2026-11-03")])
    assert matcher.tool_of("a") == birth_id("b")
    assert redirects(matcher) == {birth_id("a"): birth_id("b")}
    matcher.update([Listing("c", "QUANDOR 2", "2026-11-01")])
    assert redirects(matcher) == {birth_id("a"): birth_id("c"), birth_id("b"): birth_id("c")}


def test_a_listing_without_text_bridges_nothing() -> None:
    texts = ("Sorts gravel by the sound that each pebble makes", "Forecasts ferry delays for harbour crews")
    matcher = match(
        [Listing("a", "Zellow", "", texts[0]), Listing("b", "Zellow", "", texts[1]), Listing("c", "Zellow")],
    )
    assert len(matcher.partition()) == 3
    assert {each.rule for each in matcher.questions()} == {"texts", "homonyms"}


def test_a_listing_without_text_joins_the_only_tool_of_its_name() -> None:
    assert match([Listing("a", "Zellow", "", "Sorts gravel"), Listing("b", "Zellow")]).members("b") == ("a", "b")


def test_versions_are_never_chained() -> None:
    held = [Listing("a", "Zellow 2"), Listing("b", "Zellow"), Listing("c", "Zellow 3")]
    log = [judgement(1, held[0], held[1], "yes"), judgement(2, held[1], held[2], "yes")]
    matcher = match(held, log)
    assert matcher.members("a") == ("a", "b")
    assert matcher.members("c") == ("c",)
    assert [(each.code, each.left, each.right) for each in matcher.warnings()] == [("refused", "b", "c")]


def test_a_person_may_say_that_two_versions_are_one() -> None:
    held = [Listing("a", "Zellow 2"), Listing("b", "Zellow 3"), Listing("c", "zellow-3")]
    assert match(held, [judgement(1, held[0], held[1], "yes")]).members("a") == ("a", "b", "c")


def test_a_no_holds_through_edits_of_text() -> None:
    held = [Listing("a", "Zellow"), Listing("b", "Zellow")]
    matcher = match(held, [judgement(1, held[0], held[1], "no")])
    matcher.update([held[0]._replace(tagline="Sorts gravel"), held[1]._replace(tagline="Sorts gravel")])
    assert len(matcher.partition()) == 2
    assert matcher.questions() == []


def test_a_changed_name_opens_the_pair_again_and_never_merges_it() -> None:
    held = [Listing("a", "Zellow"), Listing("b", "Zellow Umber")]
    for answer in get_args(Answer)[:2]:
        matcher = match(held, [judgement(1, held[0], held[1], answer)])
        matcher.update([held[1]._replace(name="Zellow")])
        assert len(matcher.partition()) == 2
        assert [each.rule for each in matcher.questions()] == ["name_changed"]


def test_another_spelling_is_no_changed_name() -> None:
    held = [Listing("a", "Zellow"), Listing("b", "Zellow Umber")]
    matcher = match(held, [judgement(1, held[0], held[1], "yes")])
    matcher.update([held[1]._replace(name="zellow-umber")])
    assert matcher.members("a") == ("a", "b")


def test_a_yes_against_a_no_is_warned_of_and_not_followed() -> None:
    held = [Listing("a", "Zellow"), Listing("b", "Zellow")]
    matcher = match(held, [judgement(1, held[0], held[1], "no"), judgement(2, held[0], held[1], "yes")])
    assert len(matcher.partition()) == 2
    assert [each.code for each in matcher.warnings()] == ["contradicted"]
    assert [each.rule for each in matcher.questions()] == ["contradicted"]


def test_what_settles_most_is_asked_first() -> None:
    held = [Listing(f"a{number}", "Zellow 2") for number in range(3)]
    held += [Listing("b", "Zellow"), Listing("c", "Umber"), Listing("d", "Umber 4")]
    assert [(each.left, each.right) for each in match(held).questions()] == [("a0", "b"), ("c", "d")]


def test_equal_listings_are_one_variant_and_merge() -> None:
    card = ("2026-11-01", "Sorts gravel by sound", "Each pebble rings", "Sieves")
    assert match([Listing("a", "Zellow", *card), Listing("b", "Zellow", *card)]).members("a") == ("a", "b")


def test_what_no_answer_could_join_is_not_asked() -> None:
    held = [Listing("a", "Zellow 2"), Listing("b", "Zellow"), Listing("c", "Zellow 3")]
    assert {(each.left, each.right) for each in match(held).questions()} == {("a", "b"), ("b", "c")}
    assert match(held, [judgement(1, held[0], held[1], "yes")]).questions() == []
