"""The rules: what two readings of names, and the likeness of the texts, make of a pair.

`judge_names` sees names alone; `judge` also asks the texts. Both are pure and symmetric. The first rule that applies is
the rule of the decision:

1. Names that are equal but for case, punctuation, order and joining are equal, whatever their parts are taken for.
2. A part that contradicts, or a word that only one side has and nobody knows, keeps a pair apart.
3. A part that only one side has goes to a person.
4. What is left is one name; texts that share nothing go to a person all the same.
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
"""From so many letters on, one letter more, less or other may be a slip. In shorter words it makes another word."""


class Verdict(NamedTuple):
    """What the rules say of a pair."""

    decision: Decision
    rule: str
    clashed: tuple[str, ...] = ()
    """The parts that contradict each other."""
    doubts: tuple[str, ...] = ()
    """The parts that only one side has, and what else speaks for asking a person."""


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
"""The parts, and where a reading has each."""
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
"""Rules that send a pair to a person, and how likely such a pair is one tool: what is likely is asked first."""


EQUAL, LESS, CLASH = 0, 1, 2
"""How a part of one name stands to that of the other: equal; one side has less of it; they contradict."""


def contained(left: tuple[str, ...], right: tuple[str, ...]) -> bool:
    """Whether one side has all that the other has."""
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
    """How sizes stand to each other, each kind of size compared with its own."""
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
    """As `_relation`, where a date may be a part of a fuller one."""
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
    """Whether the name holds a word that only one family of tools bears."""
    words = vocabulary()
    return any(word in words.owners and word not in words.common for word in reading.core)


def own_name(reading: Reading) -> bool:
    """Whether hardly any other tool would bear this name: a coined word, a maker, or a version, size or date."""
    return coined(reading) or bool(reading.versions or reading.sizes or reading.dates)


def _common_name(reading: Reading) -> bool:
    """Whether the name without its maker is one that several tools may bear."""
    if coined(reading) or reading.versions or reading.sizes or reading.dates:
        return False
    return len(reading.core) == 1 or vocabulary().everyday.issuperset(reading.core)


def slip(left: str, right: str) -> bool:
    """Whether two words may be one, with a slip of one letter."""
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
    """What a name without a word of its own has beside its maker; nothing for any other name."""
    if not reading.nameless:
        return ()
    words = {*reading.versions, *reading.line}
    return tuple(sorted(words if reading.maker else words.union(reading.core)))


def _bare(left: Reading, right: Reading) -> bool:
    """Whether one name is the other without the maker, and has no word of its own: "R1" beside "DeepSeek R1"."""
    words = bare_words(left)
    return bool(words) and words == bare_words(right) and bool(left.maker) != bool(right.maker)


def _alias(left: Reading, right: Reading) -> bool:
    """Whether one name stands in the other's parentheses or before them."""
    return right.compact in left.aliases or left.compact in right.aliases


def _other_core(left: Reading, right: Reading) -> Verdict:
    if _alias(left, right):
        return Verdict("review", "alias", (), ("alias",))
    if _bare(left, right):
        return Verdict("review", "bare_name", (), ("bare_name",))
    return Verdict("apart", "name", ("name",))


def judge_names(left: Reading, right: Reading) -> Verdict:
    """What two names say of a pair, texts aside."""
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
    """The parts that both names have, and that are equal."""
    found = ["name"] if left.core == right.core or left.joined == right.joined else []
    for part, slot in SLOTS.items():
        ours = getattr(left, slot)
        if ours and ours == getattr(right, slot):
            found.append(part)
    return tuple(found)


def _maker_doubts(left: Reading, right: Reading) -> list[str]:
    """Why the maker that only one side names is no mere prefix."""
    more = set(left.maker) ^ set(right.maker)
    owners = _owners(left.core)
    if owners and not more <= owners:
        return ["maker_foreign"]
    if _common_name(left if len(left.maker) > len(right.maker) else right):
        return ["maker_common"]
    return []


def with_texts(verdict: Verdict, left: Reading, right: Reading, texts: Likeness) -> Verdict:
    """The decision of the names, once the texts are asked as well."""
    if verdict.decision == "merge" and not agree(texts, sure=own_name(left) and own_name(right)):
        return Verdict("review", "texts", (), ("texts",))
    return verdict


def contradict(left: Reading, right: Reading) -> bool:
    """Whether two names can't both be of one tool: same core, and parts that contradict each other.

    Names with other cores don't contradict each other: a person may know that they are of one tool.
    """
    verdict = judge_names(left, right)
    return verdict.decision == "apart" and verdict.rule != "name"


def judge(left: Reading, right: Reading, texts: Likeness) -> Verdict:
    """What the rules say of a pair: names with these readings, texts so alike."""
    return with_texts(judge_names(left, right), left, right, texts)
