"""What the tests of matching in the dataset share: cards of tools, judgements, and what became of the listings."""

from __future__ import annotations

from typing import Any

from crawler.items import Card
from dataset.judging.judged import LOG
from normalize.matching.judgements import Answer, Judgement
from normalize.matching.judgements import Card as JudgedCard
from tests.dataset.captures import Capture, Data, card, tool_page

TEXTS = {"tagline": "Runs CI jobs on your own laptop", "description": "A local CI runner that caches containers."}
OTHER_TEXTS = {"tagline": "Waters balcony plants", "description": "Pumps and sensors for pots, with an app."}


def listed(slug: str, name: str, at: float = 0, **fields: Any) -> Capture:
    """The tool page of a listing on day `at`."""
    return tool_page(card_of(slug, name, **fields), at)


def card_of(slug: str, name: str, **fields: Any) -> Card:
    return card(slug, name=name, **{**TEXTS, **fields})


def judge(
    data: Data,
    left: tuple[str, str],
    right: tuple[str, str],
    answer: Answer,
    *,
    own_id: str,
    second: int = 0,
    who: str = "ada",
    note: str | None = None,
) -> str:
    """Add an answer about two listings, each given with the name it has, to the log of `data`. Gives its id."""
    said = Judgement(
        id=own_id,
        time=f"2026-05-01T00:00:{second:02}.500000Z",
        who=who,
        left=left[0],
        right=right[0],
        answer=answer,
        note=note,
        left_card=JudgedCard(name=left[1]),
        right_card=JudgedCard(name=right[1]),
    )
    add_line(data, said.line())
    return own_id


def undo(data: Data, revoked: str, *, own_id: str, second: int) -> None:
    """Add a line that revokes the judgement `revoked`."""
    said = Judgement(id=own_id, time=f"2026-05-01T00:00:{second:02}.500000Z", who="ada", revokes=revoked)
    add_line(data, said.line())


def add_line(data: Data, line: str) -> None:
    with (data.folder / LOG).open("a", encoding="utf-8") as log:
        log.write(f"{line}\n")


def tools(data: Data) -> dict[str, list[str]]:
    """The listings of each tool, by its slug."""
    found: dict[str, list[str]] = {}
    sql = "SELECT t.slug, l.listing_id FROM listings l JOIN tools t USING (tool_id) ORDER BY t.slug, l.listing_id"
    for row in data.rows(sql):
        found.setdefault(row["slug"], []).append(row["listing_id"])
    return found


def ids(data: Data) -> dict[str, str]:
    """The tool id of each listing."""
    return {row["listing_id"]: row["tool_id"] for row in data.rows("SELECT listing_id, tool_id FROM listings")}


def aliases(data: Data, kind: str) -> dict[str, tuple[str, str, str]]:
    """By former id or slug: the slug of the tool that it leads to, the reason, and since when."""
    sql = "SELECT a.alias_id, t.slug, a.reason, a.at FROM tool_aliases a JOIN tools t USING (tool_id) WHERE kind = ?"
    return {row["alias_id"]: (row["slug"], row["reason"], row["at"]) for row in data.rows(sql, kind)}


def decision(data: Data, left: str, right: str) -> dict[str, Any]:
    return data.row(
        "SELECT * FROM match_decisions WHERE left_listing_id = ? AND right_listing_id = ?", *sorted((left, right))
    )
