"""The log of people's judgements: append-only, with one JSON object per line, suitable for diffs.

A line records who answered what about which two listings, when, and the cards at that time. A line can revoke an
earlier one; a revoked line revokes nothing. The result doesn't depend on the order of the lines in the file, but on
their times (and ids, if times are equal).

A NO is about two listings and stays valid when their texts are edited, until it is revoked: a YES doesn't cancel it. A
YES or NO applies to the names on its cards: when a name changes, the pair is open again, and is not merged until a
person has answered.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Literal, NamedTuple

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

Answer = Literal["yes", "no", "unsure"]


class Card(BaseModel):
    """The card of a listing at the time of a judgement."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(min_length=1)
    tagline: str | None = None
    description: str | None = None
    category: str | None = None


class Judgement(BaseModel):
    """A line of the log."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str = Field(min_length=1)
    time: str = Field(pattern=r"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?Z$")
    who: str = Field(min_length=1)
    left: str | None = None
    right: str | None = None
    answer: Answer | None = None
    note: str | None = None
    revokes: str | None = None
    left_card: Card | None = None
    right_card: Card | None = None

    @model_validator(mode="after")
    def _whole(self) -> Judgement:
        if self.answer is None:
            if self.revokes is None:
                raise ValueError("it contains neither an answer nor a revocation")
            if self.left or self.right:
                raise ValueError("it names listings but has no answer")
            return self
        if not (self.left and self.right and self.left_card and self.right_card):
            raise ValueError("an answer needs left, right, left_card and right_card")
        if self.left == self.right:
            raise ValueError(f"both sides are the listing {self.left!r}")
        return self

    @property
    def pair(self) -> tuple[str, str]:
        """Return the two listings, the smaller id first.

        Raises:
            ValueError: the line has no answer.

        """
        if self.left is None or self.right is None:
            raise ValueError(f"the judgement {self.id} is not about a pair")
        return (self.left, self.right) if self.left < self.right else (self.right, self.left)

    def name_of(self, listing_id: str) -> str:
        """Return the name of one of the two listings at the time of the judgement."""
        card = self.left_card if listing_id == self.left else self.right_card
        if card is None or listing_id not in (self.left, self.right):
            raise ValueError(f"the judgement {self.id} has no card of {listing_id!r}")
        return card.name

    def line(self) -> str:
        """Return the line of the log, without a line break."""
        return json.dumps(self.model_dump(exclude_none=True), ensure_ascii=False)


class BadLogError(ValueError):
    """A line of the log can't be read; the message says which one, and why."""


def parse(text: str, file: str = "judgements.jsonl") -> list[Judgement]:
    """Return the judgements in the lines of `text`; `file` is its name in error messages.

    Raises:
        BadLogError: a line is not a judgement, an id is used twice, or a line revokes one that doesn't exist.

    """
    found: list[Judgement] = []
    lines: dict[str, int] = {}
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip():
            continue
        try:
            said = Judgement.model_validate_json(line)
        except ValidationError as error:
            raise BadLogError(f"{file}, line {number}: {_why(error)}") from error
        if said.id in lines:
            raise BadLogError(f"{file}, line {number}: the id {said.id!r} is that of line {lines[said.id]} too")
        lines[said.id] = number
        found.append(said)
    for said in found:
        if said.revokes is not None and said.revokes not in lines:
            raise BadLogError(f"{file}, line {lines[said.id]}: it revokes {said.revokes!r}, which no line is")
    return found


def _why(error: ValidationError) -> str:
    first = error.errors()[0]
    place = ".".join(str(part) for part in first["loc"])
    reason = first["msg"].removeprefix("Value error, ")
    return f"{place}: {reason}" if place else reason


def standing(log: Iterable[Judgement]) -> list[Judgement]:
    """Return the valid answers in chronological order: those that no valid line revokes."""
    ordered = sorted(log, key=lambda each: (each.time, each.id))
    revoked: set[str] = set()
    kept: list[Judgement] = []
    for said in reversed(ordered):
        if said.id in revoked:
            continue
        if said.revokes is not None:
            revoked.add(said.revokes)
        if said.answer is not None:
            kept.append(said)
    return kept[::-1]


class Standing(NamedTuple):
    """The result of the valid answers for one pair."""

    answer: Answer
    judgement: Judgement
    contradicted: bool
    """Both a YES and a NO are valid: the NO counts."""


def by_pair(log: Iterable[Judgement]) -> dict[tuple[str, str], Standing]:
    """Return the result for each pair, in the order of first answers: any NO, else the latest answer."""
    found: dict[tuple[str, str], Standing] = {}
    for said in standing(log):
        if said.answer is None:
            continue
        before = found.get(said.pair)
        if before is None:
            found[said.pair] = Standing(said.answer, said, contradicted=False)
            continue
        contradicted = before.contradicted or {before.answer, said.answer} == {"yes", "no"}
        no_stands = before.answer == "no" and said.answer != "no"
        kept = before if no_stands else Standing(said.answer, said, contradicted=False)
        found[said.pair] = kept._replace(contradicted=contradicted)
    return found


def contradicting(new: Judgement, log: Sequence[Judgement]) -> Judgement | None:
    """Return the stored NO that the YES `new` contradicts and doesn't revoke, or None."""
    if new.answer != "yes":
        return None
    for said in standing([*log, new]):
        if said.answer == "no" and said.pair == new.pair:
            return said
    return None
