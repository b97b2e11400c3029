"""The rows of match_decisions: what the rules say of pairs of listings, or what a person said instead."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from dataset.judging.judged import moment_of
from normalize.matching.decide import decide
from normalize.matching.judgements import Answer, Standing
from normalize.matching.listing import Listing
from normalize.matching.sentences import sentence

BY_RULES = "rules"
"""Stands in decided_by where nobody but the rules decided."""

DECISIONS: Mapping[Answer, str] = {"yes": "merge", "no": "apart", "unsure": "review"}
"""What the answers of people make of a pair."""

ANSWERED = {"yes": "are one tool", "no": "are two tools", "unsure": "may be one tool or two"}

AGAIN = {
    "name_changed": "A person should look again: a listing is no longer called as when it was judged",
    "refused": "A person should look again: a NO, or names that contradict each other, stand between the two",
}
"""Why an answer is not followed."""

Row = dict[str, Any]


def ruled_row(left: Listing, right: Listing) -> Row:
    """The row for a pair of which nobody but the rules says anything. `left` has the lesser id."""
    decided = decide(left, right)
    return {
        "left_listing_id": left.listing_id,
        "right_listing_id": right.listing_id,
        "decision": decided.decision,
        "sentence": sentence(decided.reasons),
        "rule": decided.rule,
        "text_similarity": decided.text_similarity,
        "decided_by": BY_RULES,
        "at": max(left.first_seen, right.first_seen),
        "reasons": as_json(decided.reasons),
    }


def judged_row(left: Listing, right: Listing, standing: Standing, warned: str | None) -> Row:
    """The row for a pair that a person judged. `warned` is the code of what is wrong with that, if anything."""
    row, said = ruled_row(left, right), standing.judgement
    words = f"{said.who} says that “{left.name}” and “{right.name}” {ANSWERED[standing.answer]}"
    words += f" ({said.note})" if said.note else ""
    if standing.contradicted:
        words += "; a YES was given too, but the NO counts until one of them is taken back"
    if warned in AGAIN:
        words = f"{AGAIN[warned]}. {words}"
        decision, rule = "review", warned
    else:
        decision, rule = DECISIONS[standing.answer], standing.answer
    judgement = {"id": said.id, "time": said.time, "who": said.who, "answer": standing.answer, "note": said.note}
    return row | {
        "decision": decision,
        "rule": rule,
        "sentence": f"{words}. By the rules: {row['sentence']}",
        "decided_by": said.who if said.who != BY_RULES else f"a person called {BY_RULES}",
        "at": moment_of(said),
        "reasons": as_json({"judgement": judgement, "rules": json.loads(row["reasons"])}),
    }


def as_json(value: Any) -> str:
    """`value` as JSON, always the same text for the same value."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True)
