"""What a page is: its address, what makes it, and the two ways in which it may not be there."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple


class Near(NamedTuple):
    """A page that may have been meant: its path (without the prefix of the server), and what it is called."""

    path: str
    name: str


class MovedError(Exception):
    """The page stands elsewhere: `path`, without the prefix of the server; for good, or for now.

    What was asked for after the question mark goes with it, unless `path` has such words of its own.
    """

    def __init__(self, path: str, *, for_good: bool = True) -> None:
        super().__init__(path)
        self.path = path
        self.for_good = for_good


class MissingError(LookupError):
    """There is no such page; `near` are those that may have been meant."""

    def __init__(self, message: str, near: Sequence[Near] = ()) -> None:
        super().__init__(message)
        self.near = tuple(near)


@dataclass(frozen=True)
class Asked:
    """What a request asks for: the named `parts` of the path, decoded, and the `words` after the question mark.

    `folder` is the data folder in which the dataset lies, where there is one.
    """

    parts: Mapping[str, str] = field(default_factory=dict)
    words: Mapping[str, Sequence[str]] = field(default_factory=dict)
    folder: Path | None = None

    def word(self, name: str) -> str:
        """The first value given for `name`, without white space around it; empty where none is."""
        given = next(iter(self.words.get(name, ())), "").strip()
        return given.encode("utf-8", "replace").decode()  # half a sign is none that SQLite takes

    def number(self, name: str, *, most: int) -> int:
        """The whole number from 1 to `most` given for `name`; 1 where none or no such number is."""
        word = self.word(name)
        if not (word.isascii() and word.isdigit() and len(word) < 10):
            return 1
        return min(max(int(word), 1), most)


@dataclass(frozen=True)
class Page:
    """A kind of page.

    `path` is a regular expression for its path, whose named groups become ``asked.parts``; `json_path` the same for
    its JSON, where that is not the path with ``.json``. `make` gives a dataclass of plain values, or raises
    `MovedError` or `MissingError`. `template` shows it, as ``page``.

    A page with `costly` is made of many rows, and of the dataset and the parts of its path alone: it is made once for
    each dataset; one with `costly_bare` is so where nothing is asked for after the question mark. A page that shows
    what is not in the dataset is not `kept_by_caches`. `words` are those that it knows after the question mark; what is
    asked with another is refused, as an answer that leaves a word out of account is the answer to something else.
    """

    name: str
    path: str
    make: Callable[[sqlite3.Connection, Asked], Any]
    template: str
    json_path: str | None = None
    words: tuple[str, ...] = ()
    costly: bool = False
    costly_bare: bool = False
    kept_by_caches: bool = True

    def is_costly(self, asked: Asked) -> bool:
        """Whether what is asked for is to be made once for each dataset."""
        return self.costly or (self.costly_bare and not asked.words)
