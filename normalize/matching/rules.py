"""The rules that decide a pair from two parsed names and the similarity of the texts.

`judge_names` uses only names; `judge` also uses the texts. Both are pure and symmetric. The first rule that applies
decides:

1. Names that only differ in case, punctuation, word order and spaces are equal, however they were parsed.
2. A contradicting part, or an unknown word on only one side, keeps a pair apart.
3. A part that only one side has puts the pair to review.
4. All other pairs have the same name; if their texts share nothing, they are still put to review.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal, NamedTuple

from rapidfuzz.distance import OSA

from normalize.matching.reading import Reading
from normalize.matching.texts import Likeness, agree
from normalize.matching.vocabulary import vocabulary

Decision = Literal["merge", "review", "apart"]
LONG_WORD = 8
"""In words of at least this length, one letter more, less or different may be a typo; in shorter ones it is not."""


class Verdict(NamedTuple):
    """The decision of the rules on a pair."""

    decision: Decision
    rule: str
    clashed: tuple[str, ...] = ()
    """The parts that contradict each other."""
    doubts: tuple[str, ...] = ()
    """The parts that only one side has, and other reasons for a review."""


SAME_NAME = Verdict("merge", "same_name")
SAME_PARTS = Verdict("merge", "same_parts")
MAKER_PREFIX = Verdict("merge", "maker_prefix")

SLOTS = {
    "maker": "maker",
    "edition": "line",
    "version": "versions",
    "size": "sizes",
    "date": "dates",
    "form": "form",
    "serving": "serving",
    "generic": "generic",
    "floating": "floating",
}
"""The parts, with the attribute of a reading for each."""
APART_PARTS = ("maker", "edition", "version", "size", "date", "form")
REVIEW_RULES: dict[str, float] = {
    "serving": 0.9,
    "generic": 0.5,
    "form": 0.7,
    "size": 0.7,
    "maker_foreign": 0.8,
    "version_order": 0.8,
    "date": 0.5,
    "version": 0.35,
    "floating": 0.3,
    "maker_common": 0.6,
    "bare_name": 0.6,
    "alias": 0.8,
    "one_letter": 0.3,
    "texts": 0.5,
    "several": 0.4,
    "homonyms": 0.4,
    "refused": 0.2,
    "name_changed": 0.5,
    "contradicted": 0.3,
    "unsure": 0.1,
}
"""Rules that put a pair to review, with the likelihood that it is one tool: likely pairs are asked first."""


EQUAL, LESS, CLASH = 0, 1, 2
"""Return how a part of one name relates to that of the other: equal, one side has less, or contradiction."""


def contained(left: tuple[str, ...], right: tuple[str, ...]) -> bool:
    """Return whether one side contains the other."""
    ours, theirs = set(left), set(right)
    return ours <= theirs or theirs <= ours


def _relation(left: tuple[str, ...], right: tuple[str, ...]) -> int:
    if left == right:
        return EQUAL
    if not left or not right or contained(left, right):
        return LESS
    return CLASH


def _size_kind(size: str) -> str:
    if size[0] == "a":
        return "a"
    return size[-1] if size[-1] in "ek" else "b"


def size_relation(left: tuple[str, ...], right: tuple[str, ...]) -> int:
    """Return how sizes relate to each other; each kind of size is compared separately."""
    if left == right:
        return EQUAL
    if len(left) == 1 == len(right):
        return CLASH if _size_kind(left[0]) == _size_kind(right[0]) else LESS
    for kind in "bake":
        ours = {size for size in left if _size_kind(size) == kind}
        theirs = {size for size in right if _size_kind(size) == kind}
        if ours and theirs and ours != theirs:
            return CLASH
    return LESS


def _date_parts(date: str) -> tuple[str | None, str | None, str | None]:
    if date.startswith("--"):
        return None, date[2:4], date[5:7]
    parts = date.split("-")
    return parts[0], parts[1] if len(parts) > 1 else None, parts[2] if len(parts) > 2 else None


def _dates(left: tuple[str, ...], right: tuple[str, ...]) -> int:
    """Like `_relation`, but a date can be a part of a more complete one."""
    if left == right:
        return EQUAL
    if not left or not right:
        return LESS
    for ours in left:
        for theirs in right:
            pairs = zip(_date_parts(ours), _date_parts(theirs), strict=True)
            known = [(one, other) for one, other in pairs if one and other]
            if known and all(one == other for one, other in known):
                return LESS
    return CLASH


def _owners(core: Iterable[str]) -> frozenset[str]:
    owners = vocabulary().owners
    return frozenset().union(*(owners.get(word, frozenset()) for word in core))


def coined(reading: Reading) -> bool:
    """Return whether the name contains a word that only one family of tools uses."""
    words = vocabulary()
    return any(word in words.owners and word not in words.common for word in reading.core)


def own_name(reading: Reading) -> bool:
    """Return whether the name is distinctive: it has a coined word, a maker, or a version, size or date."""
    return coined(reading) or bool(reading.versions or reading.sizes or reading.dates)


def _common_name(reading: Reading) -> bool:
    """Return whether several tools may have this name, without its maker."""
    if coined(reading) or reading.versions or reading.sizes or reading.dates:
        return False
    return len(reading.core) == 1 or vocabulary().everyday.issuperset(reading.core)


def slip(left: str, right: str) -> bool:
    """Return whether two words may be the same, with a typo of one letter."""
    if min(len(left), len(right)) < LONG_WORD or not (left.isalpha() and right.isalpha()):
        return False
    owners = vocabulary().owners
    if left in owners and right in owners:
        return False
    return OSA.distance(left, right, score_cutoff=1) == 1


def _one_slip(left: tuple[str, ...], right: tuple[str, ...]) -> bool:
    if len(left) != len(right):
        return False
    ours, theirs = set(left) - set(right), set(right) - set(left)
    return len(ours) == 1 == len(theirs) and slip(ours.pop(), theirs.pop())


def bare_words(reading: Reading) -> tuple[str, ...]:
    """Return what a name without a word of its own has besides its maker; empty for any other name."""
    if not reading.nameless:
        return ()
    words = {*reading.versions, *reading.line}
    return tuple(sorted(words if reading.maker else words.union(reading.core)))


def _bare(left: Reading, right: Reading) -> bool:
    """Return whether one name is the other without the maker, with no word of its own: "R1" and "DeepSeek R1"."""
    words = bare_words(left)
    return bool(words) and words == bare_words(right) and bool(left.maker) != bool(right.maker)


def _alias(left: Reading, right: Reading) -> bool:
    """Return whether one name is in the other's parentheses or in front of them."""
    return right.compact in left.aliases or left.compact in right.aliases


def _other_core(left: Reading, right: Reading) -> Verdict:
    if _alias(left, right):
        return Verdict("review", "alias", (), ("alias",))
    if _bare(left, right):
        return Verdict("review", "bare_name", (), ("bare_name",))
    return Verdict("apart", "name", ("name",))


def judge_names(left: Reading, right: Reading) -> Verdict:
    """The comparison of two names, without their texts."""
    if left.compact == right.compact:
        return SAME_NAME
    if left.core != right.core and left.joined != right.joined:
        if not _one_slip(left.core, right.core):
            return _other_core(left, right)
        slipped = True
    else:
        slipped = False
    version = _relation(left.versions, right.versions)
    size = EQUAL if left.sizes == right.sizes else size_relation(left.sizes, right.sizes)
    date = EQUAL if left.dates == right.dates else _dates(left.dates, right.dates)
    form = EQUAL if left.form == right.form else _relation(left.form, right.form)
    maker = EQUAL if left.maker == right.maker else _relation(left.maker, right.maker)
    if left.line != right.line or CLASH in (version, size, date, form, maker):
        if _alias(left, right):
            return Verdict("review", "alias", (), ("alias",))
        edition = EQUAL if left.line == right.line else CLASH
        relations = zip(APART_PARTS, (maker, edition, version, size, date, form), strict=True)
        clashed = tuple(part for part, relation in relations if relation == CLASH)
        return Verdict("apart", clashed[0] if len(clashed) == 1 else "parts", clashed)
    doubts = ["one_letter"] if slipped else []
    if version:
        same = len(left.versions) > 1 and sorted(left.versions) == sorted(right.versions)
        doubts.append("version_order" if same else "version")
    doubts += [part for part, relation in (("size", size), ("date", date), ("form", form)) if relation]
    if left.serving != right.serving:
        doubts.append("serving")
    if left.generic != right.generic:
        doubts.append("generic")
    if left.floating != right.floating:
        doubts.append("floating")
    if maker:
        doubts += _maker_doubts(left, right)
    if doubts:
        return Verdict("review", doubts[0] if len(doubts) == 1 else "several", (), tuple(doubts))
    return MAKER_PREFIX if maker else SAME_PARTS


def agreed(left: Reading, right: Reading) -> tuple[str, ...]:
    """Return the parts that both names have and that are equal."""
    found = ["name"] if left.core == right.core or left.joined == right.joined else []
    for part, slot in SLOTS.items():
        ours = getattr(left, slot)
        if ours and ours == getattr(right, slot):
            found.append(part)
    return tuple(found)


def _maker_doubts(left: Reading, right: Reading) -> list[str]:
    """Return why a maker that only one side names is more than a prefix."""
    more = set(left.maker) ^ set(right.maker)
    owners = _owners(left.core)
    if owners and not more <= owners:
        return ["maker_foreign"]
    if _common_name(left if len(left.maker) > len(right.maker) else right):
        return ["maker_common"]
    return []


def with_texts(verdict: Verdict, left: Reading, right: Reading, texts: Likeness) -> Verdict:
    """Return the decision of the names, taking the texts into account."""
    if verdict.decision == "merge" and not agree(texts, sure=own_name(left) and own_name(right)):
        return Verdict("review", "texts", (), ("texts",))
    return verdict


def contradict(left: Reading, right: Reading) -> bool:
    """Return whether two names can't belong to one tool: same core, but contradicting parts.

    Names with different cores don't contradict each other: a person may know that they belong to one tool.
    """
    verdict = judge_names(left, right)
    return verdict.decision == "apart" and verdict.rule != "name"


def judge(left: Reading, right: Reading, texts: Likeness) -> Verdict:
    """Return the decision on a pair with these readings and this similarity of texts."""
    return with_texts(judge_names(left, right), left, right, texts)
