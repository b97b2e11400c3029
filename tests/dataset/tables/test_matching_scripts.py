"""Random scripts over real builds: crawls, judgements and their undoing, in any order, give what one build gives."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dataset.judging.judged import LOG
from normalize.matching.ids import birth_id
from normalize.matching.judgements import Answer
from tests.dataset.captures import Capture, Data, digest
from tests.dataset.judging import OTHER_TEXTS, TEXTS, aliases, ids, judge, listed, tools, undo

SLUGS = ("ash", "beech", "cedar", "dogwood")
NAMES = ("Fernway CI", "Fernway-CI", "Fernway CI 2", "Harrow")
ANSWERS: tuple[Answer, ...] = ("yes", "no", "unsure")

crawls = st.lists(
    st.builds(
        lambda slug, name, at, texts: listed(slug, name, at, **texts),
        st.sampled_from(SLUGS),
        st.sampled_from(NAMES),
        st.sampled_from([0, 1, 3, 6]),
        st.sampled_from([TEXTS, OTHER_TEXTS]),
    ),
    min_size=1,
    max_size=3,
)
pairs = st.lists(st.sampled_from(SLUGS), min_size=2, max_size=2, unique=True)
names = st.sampled_from(NAMES)
answers = st.tuples(pairs, names, names, st.sampled_from(ANSWERS))
steps = st.lists(st.one_of(crawls, answers, st.integers(0, 3)), min_size=2, max_size=6)


@pytest.mark.long
@settings(max_examples=25)
@given(crawls, steps)
def test_scripts_of_crawls_and_judgements(first: list[Capture], script: list[object]) -> None:
    with TemporaryDirectory() as folder:
        bit_by_bit, whole = Data(Path(folder) / "parts"), Data(Path(folder) / "whole")
        bit_by_bit.add(first)
        bit_by_bit.build()
        stored, said = list(first), list[str]()
        for number, step in enumerate(script):
            own_id = f"j{number}"
            if isinstance(step, list):
                stored += step
                bit_by_bit.add(step)
            elif isinstance(step, tuple):
                (one, other), one_name, other_name, answer = step
                judge(bit_by_bit, (one, one_name), (other, other_name), answer, own_id=own_id, second=number)
                said.append(own_id)
            elif said:
                undo(bit_by_bit, said[int(str(step)) % len(said)], own_id=own_id, second=number)
            bit_by_bit.build()
        whole.add(reversed(stored))
        if said:
            (whole.folder / LOG).write_bytes((bit_by_bit.folder / LOG).read_bytes())
        assert digest(whole.build()) == digest(bit_by_bit.build())
        assert bit_by_bit.content() == whole.content()
        _check_ids(whole)


def _check_ids(data: Data) -> None:
    """Each tool has the birth id of a listing of its own, and those of the others lead to it."""
    found, births = ids(data), aliases(data, "id")
    for slug, members in tools(data).items():
        assert {found[each] for each in members} == {birth_id(slug)}
        assert {births[birth_id(each)][0] for each in members if each != slug} <= {slug}
    assert births.keys().isdisjoint(found.values())
