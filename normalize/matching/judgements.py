"""What people judged: a log to which lines are only ever added, one JSON object a line, fit for a diff.

A line says who answered what about which two listings, when, and shows the cards as they were. A line may revoke an
earlier one; a line that was itself revoked revokes nothing. What counts in the end does not depend on the order of the
lines in the file, but on their times (and ids, where times are equal).

A NO is between two listings and holds through edits of their texts until it is revoked: no YES takes it back. A YES or
NO counts for the names on its cards: once a name is another, the pair is open again, and until a person has answered it
is not merged.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Literal, NamedTuple

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

Answer = Literal["yes", "no", "unsure"]


class Card(BaseModel):
    """A listing's card as it was when it was judged."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(min_length=1)
    tagline: str | None = None
    description: str | None = None
    category: str | None = None


class Judgement(BaseModel):
    """One line of the log."""

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
                raise ValueError("it neither answers nor revokes")
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
        """The two listings, the lesser id first.

        Raises:
            ValueError: it answers nothing.

        """
        if self.left is None or self.right is None:
            raise ValueError(f"the judgement {self.id} is about no pair")
        return (self.left, self.right) if self.left < self.right else (self.right, self.left)

    def name_of(self, listing_id: str) -> str:
        """The name of one of its two listings when it was judged."""
        card = self.left_card if listing_id == self.left else self.right_card
        if card is None or listing_id not in (self.left, self.right):
            raise ValueError(f"the judgement {self.id} shows no card of {listing_id!r}")
        return card.name

    def line(self) -> str:
        """The line of the log, without its end."""
        return json.dumps(self.model_dump(exclude_none=True), ensure_ascii=False)


class BadLogError(ValueError):
    """A line of the log can't be read; says which, and why."""


def parse(text: str, file: str = "judgements.jsonl") -> list[Judgement]:
    """The judgements that the lines of `text` hold; `file` is how errors call it.

    Raises:
        BadLogError: a line is no judgement, an id comes twice, or one revokes what is not there.

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
    """The answers that stand, in the order of their times: those that no standing line revokes."""
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
    """What the standing answers say of one pair."""

    answer: Answer
    judgement: Judgement
    contradicted: bool
    """A YES was given as well as a NO, and neither is revoked: the NO counts."""


def by_pair(log: Iterable[Judgement]) -> dict[tuple[str, str], Standing]:
    """What stands for each pair, in the order of the first answer: any NO, else the latest answer."""
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
    """The stored NO that the YES `new` contradicts and does not revoke; None where there is none."""
    if new.answer != "yes":
        return None
    for said in standing([*log, new]):
        if said.answer == "no" and said.pair == new.pair:
            return said
    return None
