"""Decides a pair and records all reasons; deciding again from the record gives the same result."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from normalize.matching import reading as readings
from normalize.matching import texts
from normalize.matching.listing import Listing
from normalize.matching.names import read_name
from normalize.matching.reading import Reading
from normalize.matching.rules import Decision, agreed, judge
from normalize.matching.texts import Likeness, likeness
from normalize.matching.vocabulary import vocabulary

RULES = 2
"""Raise it when the rules, the parser, the comparison of texts or the sentences change.

The vocabulary has a version of its own.
"""


def rules_version() -> str:
    """Return the version of the rules and of the vocabulary."""
    return f"{RULES}.{vocabulary().version}"


@dataclass(frozen=True, slots=True)
class Decided:
    """A pair and the decision of the rules."""

    left_listing_id: str
    right_listing_id: str
    decision: Decision
    rule: str
    reasons: dict[str, Any]
    """JSON values: both names and readings, what agrees, clashes or is doubtful, the similarity of the texts."""

    @property
    def text_similarity(self) -> int | None:
        """0–100; None if a text is missing."""
        similarity: int | None = self.reasons["texts"]["similarity"]
        return similarity


def reasons_for(names: tuple[str, str], both: tuple[Reading, Reading], alike: Likeness) -> dict[str, Any]:
    """Return the record of a decision on two names with these readings and this similarity of texts."""
    verdict = judge(*both, alike)
    left, right = (
        {"name": name, "reading": readings.as_json(reading)} for name, reading in zip(names, both, strict=True)
    )
    return {
        "rules": rules_version(),
        "decision": verdict.decision,
        "rule": verdict.rule,
        "left": left,
        "right": right,
        "agreed": list(agreed(*both)),
        "clashed": list(verdict.clashed),
        "doubts": list(verdict.doubts),
        "texts": texts.as_json(alike),
    }


def decide(left: Listing, right: Listing) -> Decided:
    """Return the decision of the rules on two listings. The pair is sorted: the smaller listing id is on the left."""
    if right.listing_id < left.listing_id:
        left, right = right, left
    alike = likeness(left.text, right.text, f"{left.name} {right.name}")
    reasons = reasons_for((left.name, right.name), (read_name(left.name), read_name(right.name)), alike)
    return Decided(left.listing_id, right.listing_id, reasons["decision"], reasons["rule"], reasons)
