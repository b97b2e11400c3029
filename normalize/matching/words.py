"""Classifies the tokens of names. Results are cached, because most tokens occur again and again."""

from __future__ import annotations

import re
from typing import Final

from normalize.matching.vocabulary import Vocabulary

CORE: Final = 0
NUMBER: Final = 1
VERSION: Final = 2
SIZE: Final = 3
LINE: Final = 4
FORM: Final = 5
SERVING: Final = 6
GENERIC: Final = 7
FLOATING: Final = 8
EMPTY: Final = 9
LABEL: Final = 10
HOSTING: Final = 11

KINDS: Final = {
    "line": LINE,
    "form": FORM,
    "serving": SERVING,
    "generic": GENERIC,
    "floating": FLOATING,
    "empty": EMPTY,
    "hosting": HOSTING,
}

Item = tuple[int, str]
"""A kind and a word."""

_SIZE = re.compile(r"(?:\d+x)?\d+(?:\.\d+)?[bmt]|[ae]\d+(?:\.\d+)?b|\d+e|\d+k")
_BITS = re.compile(r"(\d+)bits?|i?q\d")
_PLAIN = re.compile(r"\d+(?:\.\d+)*[a-z]?")
_SERIES = re.compile(r"([a-z])(\d+(?:\.\d+)*[a-z]?)")
_GLUED = re.compile(r"([^\W\d_]{2,})(\d.*)")
_TAILED = re.compile(r"(\d+(?:\.\d+)*)([^\W\d_]{2,})")
MANY_TOKENS = 200_000


def plain_version(number: str) -> str:
    """Return a version without insignificant parts: "2.0" is "2"."""
    kept = len(number)
    while number.endswith(".0", 0, kept):
        kept -= 2
    return number[:kept]


class Words:
    """A classifier of tokens with a vocabulary."""

    __slots__ = ("_known", "_vocabulary")

    def __init__(self, vocabulary: Vocabulary) -> None:
        """Use this vocabulary."""
        self._vocabulary = vocabulary
        self._known: dict[str, tuple[Item, ...]] = {}

    def items(self, token: str) -> tuple[Item, ...]:
        """Return the parts of `token`, each with its kind."""
        found = self._known.get(token)
        if found is None:
            if len(self._known) >= MANY_TOKENS:
                self._known.clear()
            found = self._known[token] = self._work_out(token)
        return found

    def _work_out(self, token: str) -> tuple[Item, ...]:
        vocabulary = self._vocabulary
        if (same := vocabulary.same.get(token)) is not None:
            return tuple((KINDS.get(vocabulary.kinds.get(word, ""), CORE), word) for word in same)
        if (kind := vocabulary.kinds.get(token)) is not None:
            return ((KINDS[kind], token),)
        if token in vocabulary.labels:
            return ((LABEL, token),)
        if token.isalpha() or token in vocabulary.owners or token in vocabulary.makers:
            return ((CORE, token),)
        return self._with_digits(token)

    def _with_digits(self, token: str) -> tuple[Item, ...]:
        vocabulary = self._vocabulary
        if _SIZE.fullmatch(token):
            return ((SIZE, token),)
        if (bits := _BITS.fullmatch(token)) is not None:
            return ((SERVING, f"{bits[1]}bit" if bits[1] else token),)
        if _PLAIN.fullmatch(token):
            return ((NUMBER, plain_version(token)),)
        if (series := _SERIES.fullmatch(token)) is not None:
            if series[2][-1] == "b":
                return ((CORE, series[1]), (SIZE, series[2]))
            number = plain_version(series[2])
            if series[1] == "v":
                return ((VERSION, number),)
            if series[1] in vocabulary.owners:
                return ((CORE, series[1]), (VERSION, number))
            return ((VERSION, series[1] + number),)
        if (glued := _GLUED.fullmatch(token)) is not None:
            return (*self.items(glued[1]), *self.items(glued[2]))
        tailed = _TAILED.fullmatch(token)
        if tailed is not None and (tailed[2] in vocabulary.kinds or tailed[2] in vocabulary.same):
            return (*self.items(tailed[1]), *self.items(tailed[2]))
        return ((CORE, token),)
