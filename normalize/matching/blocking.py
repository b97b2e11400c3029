"""Blocking: finds candidate pairs of names by inexpensive keys, instead of comparing all pairs.

Every pair that the rules would merge or put to review shares one of these keys, regardless of other names:

- **compact**: the whole name without spaces. For names with an alias, also the parts before and inside parentheses.
- **core**: the words of the core, sorted or in their order, joined, with the words of the edition: by the rules,
  another edition is another tool. Within such a block, names are grouped by version and size, and only names that don't
  contradict each other are compared. That keeps the blocks of large families small, and loses no pair that a rule could
  still merge.
- **one letter**: the core with its longest words, one at a time, replaced by a known word that differs by one letter.
  Such words are found by deleting one letter from both.
- **bare**: for names without a word of their own, whatever they have besides the maker.

No key depends on how frequent a word is, so one more name never changes which other names are compared.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from normalize.matching.reading import Reading
from normalize.matching.rules import CLASH, LONG_WORD, bare_words, contained, size_relation, slip
from normalize.matching.vocabulary import vocabulary

Parts = tuple[tuple[str, ...], tuple[str, ...]]
"""Versions and sizes."""
Block = int | dict[Parts, list[int]]
"""The only name of a block, or the names by version and size."""


def _may_be_one(left: Parts, versions: tuple[str, ...], sizes: tuple[str, ...]) -> bool:
    """Return whether versions and sizes don't contradict each other."""
    if left[0] != versions and left[0] and versions and not contained(left[0], versions):
        return False
    return left[1] == sizes or not left[1] or not sizes or size_relation(left[1], sizes) != CLASH


def _without_one(word: str) -> Iterator[str]:
    yield word
    for place in range(len(word)):
        yield word[:place] + word[place + 1 :]


def core_keys(reading: Reading, core: tuple[str, ...] | None = None) -> tuple[str, ...]:
    """Return the core keys of a name, or of the name with another `core`, if one is given."""
    words = reading.core if core is None else core
    line = reading.line_key
    by_words = f"{''.join(words)}|{line}"
    if core is not None:
        return (by_words,)
    in_order = f"{reading.joined}|{line}"
    return (by_words,) if by_words == in_order else (by_words, in_order)


@dataclass(slots=True)
class Counts:
    """Statistics about blocking."""

    names: int = 0
    pairs: int = 0
    """The number of candidate pairs."""
    left_out: int = 0
    """The number of pairs in one block that were dropped because their versions contradict each other."""
    largest: int = 0
    """The maximum number of candidates for one name."""


class Blocks:
    """An index of names by their keys. The caller numbers the names, from 0 without gaps."""

    __slots__ = ("_aliases", "_bare", "_compact", "_cores", "_families", "_near", "_readings", "_rests", "counts")

    def __init__(self) -> None:
        """Make an empty index."""
        self._readings: list[Reading] = []
        self._compact: dict[str, int | list[int]] = {}
        self._cores: dict[str, Block] = {}
        self._aliases: dict[str, list[int]] = {}
        self._bare: dict[tuple[str, ...], list[int]] = {}
        self._families = frozenset(vocabulary().owners)
        self._near: dict[str, list[str]] = {}
        self._rests: dict[int, str | tuple[str, ...]] = {}
        self.counts = Counts()

    def add(self, reading: Reading) -> list[int]:
        """Add the next name and return the numbers of earlier names that may be the same tool, in order."""
        number = len(self._readings)
        found: set[int] = set(self._numbers(reading.compact))
        found.update(self._aliases.get(reading.compact, ()))
        for alias in reading.aliases:
            found.update(self._numbers(alias))
        keys = core_keys(reading)
        for key in keys:
            found.update(self._of_core(key, reading))
        long = [
            word for word in reading.core if len(word) >= LONG_WORD and word.isalpha() and word not in self._families
        ]
        for word in long:
            found.update(self._of_slips(word, reading))
        bare = bare_words(reading)
        if bare:
            has_maker = bool(reading.maker)
            found.update(each for each in self._bare.get(bare, ()) if bool(self._readings[each].maker) != has_maker)
        self._enter(number, reading, bare)
        for key in keys:
            self._enter_core(key, number, reading)
        self.counts.names += 1
        self.counts.pairs += len(found)
        self.counts.largest = max(self.counts.largest, len(found))
        return sorted(found)

    def core_block(self, reading: Reading) -> list[int]:
        """Return the numbers of the names with the core and the edition of `reading`, in order."""
        found: set[int] = set()
        for key in core_keys(reading):
            block = self._cores.get(key)
            if isinstance(block, int):
                found.add(block)
            elif block is not None:
                found.update(number for numbers in block.values() for number in numbers)
        return sorted(found)

    def _numbers(self, compact: str) -> Iterable[int]:
        found = self._compact.get(compact)
        return () if found is None else (found,) if isinstance(found, int) else found

    def _of_core(self, key: str, reading: Reading) -> Iterator[int]:
        block = self._cores.get(key)
        if block is None:
            return
        if isinstance(block, int):
            only = self._readings[block]
            if _may_be_one((only.versions, only.sizes), reading.versions, reading.sizes):
                yield block
            else:
                self.counts.left_out += 1
            return
        for parts, numbers in block.items():
            if _may_be_one(parts, reading.versions, reading.sizes):
                yield from numbers
            else:
                self.counts.left_out += len(numbers)

    def _of_slips(self, word: str, reading: Reading) -> Iterator[int]:
        if word not in self._near:
            self._enter_word(word)
        for other in self._near[word]:
            core = tuple(sorted({other, *(each for each in reading.core if each != word)}))
            for key in core_keys(reading, core):
                yield from self._of_core(key, reading)

    def _words_of(self, rest: int) -> tuple[str, ...]:
        words = self._rests.get(rest, ())
        return (words,) if isinstance(words, str) else words

    def _enter(self, number: int, reading: Reading, bare: tuple[str, ...]) -> None:
        self._readings.append(reading)
        same = self._compact.get(reading.compact)
        if same is None:
            self._compact[reading.compact] = number
        elif isinstance(same, int):
            self._compact[reading.compact] = [same, number]
        else:
            same.append(number)
        for alias in reading.aliases:
            self._aliases.setdefault(alias, []).append(number)
        if bare:
            self._bare.setdefault(bare, []).append(number)

    def _enter_core(self, key: str, number: int, reading: Reading) -> None:
        block = self._cores.get(key)
        if block is None:
            self._cores[key] = number
            return
        if isinstance(block, int):
            first = self._readings[block]
            block = self._cores[key] = {(first.versions, first.sizes): [block]}
        block.setdefault((reading.versions, reading.sizes), []).append(number)

    def _enter_word(self, word: str) -> None:
        """Add a long word and return the known words that differ from it by one letter."""
        rests = {hash(rest) for rest in _without_one(word)}
        near = {other for rest in rests for other in self._words_of(rest) if slip(word, other)}
        self._near[word] = sorted(near)
        for other in near:
            self._near[other].append(word)
        for rest in rests:
            before = self._rests.get(rest)
            if before is None:
                self._rests[rest] = word
            else:
                self._rests[rest] = (before, word) if isinstance(before, str) else (*before, word)
