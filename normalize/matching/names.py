"""Parses names into maker, core, version, size, edition, date and other parts.

Words are recognised by the vocabulary and numbers by their form, without looking at other names. Anything unknown
belongs to the core, and two names with different cores are two tools.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from hashlib import blake2b

from normalize.matching.reading import Reading
from normalize.matching.tokens import Cut, cut
from normalize.matching.vocabulary import Vocabulary, vocabulary
from normalize.matching.words import (
    CORE,
    EMPTY,
    FLOATING,
    FORM,
    GENERIC,
    HOSTING,
    LABEL,
    LINE,
    NUMBER,
    SERVING,
    SIZE,
    VERSION,
    Item,
    Words,
)

MOST_SIGNS = 300
"""A text with more characters is not parsed: it counts as one word and only equals itself."""

_PARENS = re.compile(r"[(\[{（【]([^()\[\]{}（）【】]*)[)\]}）】]")
_NUMBER = re.compile(r"[\d.]+")
_STRONG_LICENCES = frozenset(
    {"apache", "mit", "bsd", "gpl", "agpl", "lgpl", "license", "licence", "licensed", "openrail"}
)
_PARENS_SIGNS = frozenset("([{（【")


def _sorted(words: Sequence[str]) -> tuple[str, ...]:
    """Return the words without duplicates, in order."""
    if not words:
        return ()
    return (words[0],) if len(words) == 1 else tuple(sorted(set(words)))


class _Parts:
    """The parts of a name during parsing."""

    __slots__ = ("by_kind", "compact", "core", "floating", "generic", "hosting", "typed", "versions")

    def __init__(self) -> None:
        self.core: list[str] = []
        self.versions: list[str] = []
        self.by_kind: dict[int, list[str]] = {}
        self.generic: list[str] = []
        self.hosting: list[str] = []
        self.floating = False
        self.typed = False
        self.compact: list[str] = []

    def add(self, kind: int, word: str) -> None:
        """Add a word."""
        if kind == CORE:
            self.core.append(word)
        elif kind == VERSION:
            self.versions.append(word)
            self.typed = True
        elif kind == FLOATING:
            self.floating = True
            word = "latest"
        elif kind == HOSTING:
            self.hosting.append(word)
            return
        elif kind == GENERIC:
            self.generic.append(word)
        else:
            self.by_kind.setdefault(kind, []).append(word)
            self.typed = self.typed or kind == SIZE
        before = self.compact
        if before and word[0].isdigit() and before[-1][-1].isdigit():
            word = "_" + word
        before.append(word)


class NameReader:
    """A parser of names with a vocabulary."""

    __slots__ = ("_maker_starts", "_note_words", "_vocabulary", "_words")

    def __init__(self, words: Vocabulary | None = None) -> None:
        """Make a parser with the vocabulary `words`, by default that of this package."""
        self._vocabulary = words or vocabulary()
        self._words = Words(self._vocabulary)
        self._maker_starts = frozenset(
            spelling[:end] for spelling in self._vocabulary.makers for end in range(1, len(spelling) + 1)
        )
        self._note_words = self._vocabulary.licences | self._vocabulary.release_words

    def read(self, name: str) -> Reading:
        """Parse `name`, as a site writes it."""
        if len(name) > MOST_SIGNS:
            whole = (
                "#"
                + blake2b(
                    " ".join(name.casefold().split()).encode("utf-8", "surrogatepass"), digest_size=16
                ).hexdigest()
            )
            return Reading(compact=whole, core=(whole,), joined=whole)
        inner: list[str] = []
        outer = name
        if not _PARENS_SIGNS.isdisjoint(name):
            inner = _PARENS.findall(name)
            outer = _PARENS.sub(" ", name)
        account, outer = self._account(outer) if "/" in outer else (None, outer)
        said = cut(outer, self._vocabulary.domains)
        makers, tokens, spelled_ai = self._makers(said.tokens)
        if account is not None and account not in makers:
            makers.append(account)
        parts = _Parts()
        self._take(tokens, parts)
        parts.generic += said.domains
        parts.compact += said.domains
        dates = list(said.dates)
        notes = parts.hosting
        aliases: tuple[str, ...] = ()
        alone = "".join(parts.compact)
        for each in inner:
            aside = cut(each, self._vocabulary.domains)
            if self._is_note(aside):
                notes.append(" ".join(aside.tokens))
                continue
            if (maker := self._maker_aside(aside.tokens)) is not None:
                makers.append(maker)
                continue
            inside = _Parts()
            self._take(aside.tokens, inside)
            if alone and self._may_be_name(inside):
                aliases = (alone, "".join(inside.compact))
            self._take(aside.tokens, parts)
            dates += aside.dates
        return self._reading(parts, makers, dates, notes, aliases, spelled_ai)

    def _reading(
        self,
        parts: _Parts,
        makers: list[str],
        dates: list[str],
        notes: list[str],
        aliases: tuple[str, ...],
        spelled_ai: bool,
    ) -> Reading:
        get = parts.by_kind.get
        core, line, versions = parts.core, get(LINE, []), parts.versions
        nameless = not core
        if nameless:
            if makers:
                core = makers[-1:]
                if spelled_ai and not (versions or line or get(SIZE)):
                    parts.add(GENERIC, "ai")
            elif line:
                core, line = line, []
            elif versions:
                core = versions
            else:
                core = parts.generic or get(FORM, []) or get(SERVING, []) or dates or notes
        maker = _sorted(makers)
        kept = _sorted(core)
        return Reading(
            compact="".join([*maker, *parts.compact, *("@" + date for date in dates)]),
            core=kept,
            joined="".join(core) if len(core) > 1 else (core[0] if core else ""),
            maker=maker,
            versions=tuple(versions),
            sizes=_sorted(get(SIZE, ())),
            line=_sorted(line),
            form=_sorted(get(FORM, ())),
            serving=_sorted(get(SERVING, ())),
            dates=_sorted(dates),
            generic=_sorted(parts.generic),
            floating=parts.floating,
            notes=_sorted(notes),
            aliases=aliases,
            nameless=nameless,
        )

    def _account(self, name: str) -> tuple[str | None, str]:
        """Return the maker whose account name is in front of a slash, and the rest of the name."""
        account, _, rest = name.partition("/")
        if not rest.strip():
            return None, name
        said = account.strip().lower()
        maker = self._vocabulary.accounts.get(said) or self._vocabulary.makers.get(said.replace("-", ""))
        return (maker, rest) if maker else (None, name)

    def _may_be_name(self, inside: _Parts) -> bool:
        """Return whether a text in parentheses may be another name of the tool, and not a remark about it."""
        owners = self._vocabulary.owners
        return bool(inside.core) and (bool(inside.versions) or any(word in owners for word in inside.core))

    def _makers(self, tokens: tuple[str, ...]) -> tuple[list[str], tuple[str, ...], bool]:
        """Return the makers in front of a name and after "by", the tokens between, and whether "AI" is in the last."""
        vocabulary = self._vocabulary
        makers: list[str] = []
        spelled_ai = False
        start = 0
        while start < len(tokens) and tokens[start] in self._maker_starts:
            for length in range(min(vocabulary.longest_maker, len(tokens) - start), 0, -1):
                maker = vocabulary.makers.get("".join(tokens[start : start + length]))
                if maker is not None:
                    break
            else:
                break
            if maker not in makers:
                makers.append(maker)
            spelled_ai = length > 1 and tokens[start + length - 1] == "ai" and not maker.endswith("ai")
            start += length
        rest = tokens[start:]
        for word in ("by", "from"):
            if word in rest[1:-1]:
                place = rest.index(word, 1)
                maker = vocabulary.makers.get("".join(rest[place + 1 :]))
                if maker is not None:
                    return [*makers, maker] if maker not in makers else makers, rest[:place], spelled_ai
        return makers, rest, spelled_ai

    def _maker_aside(self, tokens: tuple[str, ...]) -> str | None:
        said = tokens[1:] if tokens and tokens[0] in ("by", "from") else tokens
        return self._vocabulary.makers.get("".join(said))

    def _is_note(self, aside: Cut) -> bool:
        """Return whether a parenthesis says how or where the tool is available."""
        tokens = aside.tokens
        if not tokens:
            return False
        if "".join(tokens) in self._vocabulary.releases or not _STRONG_LICENCES.isdisjoint(tokens):
            return True
        words = [token for token in tokens if not _NUMBER.fullmatch(token)]
        return bool(words) and (self._note_words.issuperset(words) or self._vocabulary.regions.issuperset(tokens))

    def _take(self, tokens: tuple[str, ...], parts: _Parts) -> None:
        """Add the parts found in `tokens` to `parts`."""
        items = self._items(tokens)
        last = len(items) - 1
        skip = False
        for place, (kind, word) in enumerate(items):
            if skip:
                skip = False
                continue
            following = items[place + 1] if place < last else (EMPTY, "")
            if kind == NUMBER:
                if following in ((CORE, "b"), (CORE, "bit")):
                    skip = True
                    kind, word = (SIZE, f"{word}b") if following[1] == "b" else (SERVING, f"{word}bit")  # noqa: PLW2901
                else:
                    kind = VERSION  # noqa: PLW2901
            elif kind == LABEL:
                if following[0] in (NUMBER, VERSION):
                    skip = True
                    kind, word = VERSION, self._vocabulary.labels[word] + following[1]  # noqa: PLW2901
                else:
                    kind = CORE  # noqa: PLW2901
            elif word == "it" and parts.typed:
                kind, word = FORM, "instruct"  # noqa: PLW2901
            if kind != EMPTY:
                parts.add(kind, word)

    def _items(self, tokens: tuple[str, ...]) -> list[Item]:
        items: list[Item] = []
        words, starts = self._words, self._vocabulary.phrase_starts
        place, count = 0, len(tokens)
        while place < count:
            token = tokens[place]
            step = 1
            if token in starts:
                for length in starts[token]:
                    meant = self._vocabulary.phrases.get(tokens[place : place + length])
                    if meant is not None:
                        step = length
                        for word in meant:
                            items += words.items(word)
                        break
                else:
                    items += words.items(token)
            else:
                items += words.items(token)
            place += step
        return items


@cache
def _reader() -> NameReader:
    return NameReader()


def read_name(name: str) -> Reading:
    """Parse `name`, as a site writes it, with the vocabulary of this package."""
    return _reader().read(name)
