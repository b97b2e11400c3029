"""Where people judge: the questions on pairs of listings, what speaks for and against, and their answers.

Reads a dataset and the log of judgements beside it. Only answers are written, each at once, to the log alone; the next
build makes tools of them.
"""

from __future__ import annotations

import json
import sqlite3
from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from dataset.asking.opening import opened
from dataset.judging.judged import LOG, added, judged_of, resolved
from dataset.readings.times import utc_moment
from dataset.tables.matched import former_ids, listings_of
from normalize.matching.decide import decide
from normalize.matching.judgements import Answer, Card, Judgement, by_pair, contradicting, standing
from normalize.matching.listing import Listing
from normalize.matching.matcher import Question, Warned, match
from normalize.matching.sentences import sentence

SHOWN = (
    *("name", "category", "tagline", "description", "pricing", "panel_verdict", "panel_ship_pct"),
    *("community_ship_pct", "website", "url", "first_seen", "last_seen", "withdrawn_at"),
)
"""What people see of a listing when they judge, as the columns are called."""


class UndoError(LookupError):
    """There is nothing to take back. The text says why."""


@dataclass(frozen=True, slots=True)
class Side:
    """One listing of a pair: what the dataset shows of it, and how its name is read, part by part."""

    listing_id: str
    tool_id: str
    shown: dict[str, Any]
    reading: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Explained:
    """A pair of listings and all that is known of whether they are one tool.

    `same_tool` is so in the dataset; `decision`, `rule` and `sentence` are what the rules say, and `reasons` what they
    rest on; `judged` is the answer of a person that stands, if there is one.
    """

    left: Side
    right: Side
    same_tool: bool
    decision: str
    rule: str
    sentence: str
    text_similarity: int | None
    judged: dict[str, Any] | None
    reasons: dict[str, Any]


def explained(con: sqlite3.Connection, data: Path, one: str, other: str) -> Explained:
    """What is known of two listings of the dataset `con`, by their ids. `data` is the folder in which it lies.

    Raises `LookupError` where one of them is no listing with a name, `BuildError` where the log can't be read.
    """
    listings = listings_of(con)
    pair = (min(one, other), max(one, other))
    for each in pair:
        if each not in listings:
            raise LookupError(f"{each}: no page shows a name of it, so there is nothing to match by")
    decided = decide(*(listings[each] for each in pair))
    said = by_pair(resolved(judged_of(data).lines, former_ids(con))).get(pair)
    sides = [
        _side(con, each, decided.reasons[name]["reading"]) for each, name in zip(pair, ("left", "right"), strict=True)
    ]
    return Explained(
        left=sides[0],
        right=sides[1],
        same_tool=sides[0].tool_id == sides[1].tool_id,
        decision=decided.decision,
        rule=decided.rule,
        sentence=sentence(decided.reasons),
        text_similarity=decided.text_similarity,
        judged=None if said is None else _told(said.judgement) | {"contradicted": said.contradicted},
        reasons=decided.reasons,
    )


def _side(con: sqlite3.Connection, listing: str, reading: dict[str, Any]) -> Side:
    columns = ", ".join(("tool_id", *SHOWN))
    row = con.execute(f"SELECT {columns} FROM listings WHERE listing_id = ?", (listing,)).fetchone()  # noqa: S608
    return Side(listing, row[0], dict(zip(SHOWN, row[1:], strict=False)), reading)


def _told(said: Judgement) -> dict[str, Any]:
    return {"id": said.id, "time": said.time, "who": said.who, "answer": said.answer, "note": said.note}


class Desk:
    """The listings of the dataset in the folder `data`, and the judgements so far.

    Raises `DatasetError` where there is no dataset, `BuildError` where the log can't be read.
    """

    def __init__(self, data: Path) -> None:
        self.data = data
        with opened(data) as con:
            self.listings: Mapping[str, Listing] = listings_of(con)
            self._present = former_ids(con)
        self._log = judged_of(data).lines
        self._matcher = match(self.listings.values(), self.log)

    @property
    def log(self) -> list[Judgement]:
        """The judgements, about the listings as they are called now."""
        return resolved(self._log, self._present)

    def questions(self, without: Collection[tuple[str, str]] = ()) -> list[Question]:
        """Which pairs a person should look at, the worst doubt of the most listings first; none of `without`."""
        return [each for each in self._matcher.questions() if (each.left, each.right) not in without]

    def warnings(self) -> list[Warned]:
        """What is odd about the judgements."""
        return self._matcher.warnings()

    def explain(self, one: str, other: str) -> Explained:
        """What is known of two listings. Errors are those of `explained`, and `DatasetError`."""
        with opened(self.data) as con:
            return explained(con, self.data, one, other)

    def same_tool(self, one: str, other: str) -> bool:
        """Whether two listings are one tool after all judgements, also those that no build has applied yet."""
        return self._matcher.tool_of(one) == self._matcher.tool_of(other)

    def members(self, listing: str) -> tuple[str, ...]:
        """The listings of a listing's tool, itself among them, the earliest first."""
        return self._matcher.members(listing)

    def answer(  # noqa: PLR0913  (a judgement says so much)
        self, one: str, other: str, answer: Answer, *, who: str, now: datetime, own_id: str, note: str | None = None
    ) -> Judgement | None:
        """Keep what `who` answers of two listings, by their ids. Gives the NO that a YES contradicts, if it does.

        Raises `BuildError` where it can't be kept.
        """
        left, right = self.listings[min(one, other)], self.listings[max(one, other)]
        said = Judgement(
            id=own_id,
            time=self._time(now),
            who=who,
            left=left.listing_id,
            right=right.listing_id,
            answer=answer,
            note=note,
            left_card=_card(left),
            right_card=_card(right),
        )
        against = contradicting(said, self.log)
        self._keep(said)
        return against

    def undo(self, judgement_id: str | None, *, who: str, now: datetime, own_id: str) -> Judgement:
        """Take back the answer with this id, or the latest that `who` gave. Gives it.

        Raises `UndoError` where there is none that stands, `BuildError` where that can't be kept.
        """
        stands = standing(self._log)
        if judgement_id is None:
            own = [each for each in stands if each.who == who]
            if not own:
                raise UndoError(f"no answer by {who} stands; name the id of another's")
            taken = own[-1]
        else:
            by_id = {each.id: each for each in stands}
            if judgement_id not in by_id:
                known = any(each.id == judgement_id for each in self._log)
                why = "is taken back already, or answers nothing" if known else "is not in the log"
                raise UndoError(f"{judgement_id}: this judgement {why}")
            taken = by_id[judgement_id]
        self._keep(Judgement(id=own_id, time=self._time(now), who=who, revokes=taken.id))
        return taken

    def _keep(self, said: Judgement) -> None:
        added(self.data, said)
        # Somebody else may have judged meanwhile.
        self._log = judged_of(self.data).lines
        self._matcher.update(judgements=self.log)

    def _time(self, now: datetime) -> str:
        """The time of a line that is said now: later than every other's, or it could not take one back."""
        latest = max((utc_moment(each.time) for each in self._log), default=None)
        # Times are compared as texts, and may be written with fewer digits: a whole second is later in any case.
        later = now if latest is None or now > latest else latest + timedelta(seconds=1)
        return later.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _card(listing: Listing) -> Card:
    return Card(name=listing.name, tagline=listing.tagline, description=listing.description, category=listing.category)


def stats(data: Path) -> dict[str, Any]:
    """Figures on tools, decisions and judgements of the data folder `data`. Errors are those of `Desk`."""
    desk = Desk(data)
    with opened(data) as con:
        sizes = [row[0] for row in con.execute("SELECT listing_count FROM tools ORDER BY listing_count DESC")]
        decisions: dict[str, dict[str, int]] = {}
        for decision, rule, count in con.execute(
            "SELECT decision, rule, count(*) FROM match_decisions GROUP BY decision, rule ORDER BY decision, rule"
        ):
            decisions.setdefault(decision, {})[rule] = count
    questions = desk.questions()
    answers = Counter(str(each.answer) for each in standing(desk.log))
    return {
        "listings": sum(sizes),
        "tools": len(sizes),
        "tools_of_several_listings": sum(size > 1 for size in sizes),
        "largest_tool": max(sizes, default=0),
        "decisions": decisions,
        "questions": len(questions),
        "questions_by_rule": dict(sorted(Counter(each.rule for each in questions).items())),
        "judgements": {"file": LOG, "lines": len(desk.log), "standing": dict(sorted(answers.items()))},
        "odd_judgements": dict(sorted(Counter(each.code for each in desk.warnings()).items())),
    }


def as_text(reading: Mapping[str, Any]) -> str:
    """How a name is read, in words: each part by its name."""
    parts = {name: value for name, value in reading.items() if name not in ("compact", "joined")}
    return " · ".join(
        f"{name} {' '.join(value) if isinstance(value, list) else json.dumps(value)}" for name, value in parts.items()
    )
