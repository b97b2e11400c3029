"""Deciding again from the record of a decision, which must hold all that it rests on."""

from __future__ import annotations

from typing import Any

from normalize.matching import texts
from normalize.matching.reading import Reading
from normalize.matching.rules import Decision, judge


def reading_of(said: dict[str, Any]) -> Reading:
    """The reading of a name that the record has."""
    parts = {name: tuple(value) if isinstance(value, list) else value for name, value in said.items()}
    return Reading(**{"compact": "", "core": (), "joined": ""} | parts)


def decide_again(reasons: dict[str, Any]) -> tuple[Decision, str]:
    """The decision and its rule, worked out anew from a record that `decide` made."""
    left, right = (reading_of(reasons[side]["reading"]) for side in ("left", "right"))
    verdict = judge(left, right, texts.from_json(reasons["texts"]))
    return verdict.decision, verdict.rule
