"""Make the sample pages from `tools.yaml`: ``python -m samples.make`` writes them beside this file.

The pages are renderings of invented records in several shapes (`tests/rendering`), the same bytes on every
run; a test compares the folder with what this script makes.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import yaml

from crawler.items import Card, ComparePage, Page, Review, ReviewerPage, ReviewerVerdict, ToolPage
from samplesite.content import figures
from tests.rendering import CONTENT_TYPES, TEXT_SHAPES, render
from tests.rendering.expect import with_shown

HERE = Path(__file__).parent
HOST = "https://verdicts.example"
MONDAY = "2026-10-05T08:{minute:02}:00Z"
A_WEEK_LATER = "2026-10-12T08:{minute:02}:00Z"

FERNWAY = "fernway-local-ci-runner"
GATEPOST = "gatepost-agent-permissions-proxy"
HARROW = "harrow-tool-use-and-caching"
INKWELL = "inkwell-courier-newsletter-studio"
LOOMIS = "loomis-3b-open-weights-release"
LOOMIS_READER = "loomis-3b-on-device-reader"
MURMUR = "murmur-notes-offline-meetings"
PAPERLARK = "paperlark-homework-tutor"
TALLYHOUND = "tallyhound-receipts-to-books"

COMPARISONS = (
    ("fernway-vs-gatepost", FERNWAY, GATEPOST, "semantic", False),
    ("fernway-vs-harrow", FERNWAY, HARROW, "soup", False),
    ("inkwell-courier-vs-murmur-notes", INKWELL, MURMUR, "lists", False),
    ("murmur-notes-vs-tallyhound", MURMUR, TALLYHOUND, "text-short", False),
    ("fernway-vs-gatepost-a-week-later", FERNWAY, GATEPOST, "semantic", True),
    ("gatepost-vs-tallyhound", GATEPOST, TALLYHOUND, "text-full", True),
    ("loomis-3b-vs-loomis-3b-open-weights", LOOMIS_READER, LOOMIS, "tables", True),
    ("harrow-vs-loomis-3b-open-weights", HARROW, LOOMIS, "spans", True),
    ("fernway-vs-tallyhound", FERNWAY, TALLYHOUND, "text-short", True),
    ("paperlark-vs-tallyhound", PAPERLARK, TALLYHOUND, "tables", True),
    ("inkwell-courier-vs-paperlark", INKWELL, PAPERLARK, "streamed", True),
)
"""The comparison pages: file name, left, right, shape, and whether it was captured a week later."""

TOOL_PAGES = (("tool-fernway", FERNWAY, "soup"), ("tool-murmur-notes", MURMUR, "text-full"))

Json = dict[str, Any]


def load() -> dict[str, Json]:
    """The invented listings, by slug."""
    found: dict[str, Json] = yaml.safe_load((HERE / "tools.yaml").read_text("utf-8"))
    return found


def card_of(slug: str, tool: Json, *, later: bool) -> Card:
    """The comparison card of one listing, before or after the week in which the panel looked again."""
    said = tool["reviews"] | (tool.get("later", {}).get("reviews", {}) if later else {})
    reviews = tuple(Review(persona=persona, **said[persona]) for persona in tool["reviews"])
    facts: Json = {
        key: tool[key] for key in ("name", "category", "tagline", "description", "entry", "pricing", "best_for")
    }
    card = Card(
        slug=slug,
        **figures([said[persona]["verdict"] for persona in tool["reviews"]], tuple(tool["votes"])),
        reviews=reviews,
        **facts,
    )
    return with_shown(card)


def _rows(left: Card, right: Card) -> tuple[Card, Card, tuple[tuple[int | None, int | None], ...]]:
    """Scorecard rows by persona, in the left panel's order; the right card's reviews follow that order."""
    spoken = [review.persona for review in left.reviews]
    order = [*spoken, *(review.persona for review in right.reviews if review.persona not in spoken)]
    ranked = sorted(right.reviews, key=lambda review: order.index(review.persona))
    theirs = [review.persona for review in ranked]
    rows = tuple(
        (spoken.index(who) if who in spoken else None, theirs.index(who) if who in theirs else None) for who in order
    )
    return left, right.model_copy(update={"reviews": tuple(ranked)}), rows


def comparison(left_slug: str, right_slug: str, *, later: bool) -> ComparePage:
    """The comparison of two listings."""
    tools = load()
    left, right, rows = _rows(
        card_of(left_slug, tools[left_slug], later=later), card_of(right_slug, tools[right_slug], later=later)
    )
    return ComparePage(
        url=f"{HOST}/compare/{left_slug}-vs-{right_slug}",
        title=f"{left.name} vs {right.name}",
        left=left,
        right=right,
        rows=rows,
        complete=True,
    )


def tool_page(slug: str) -> ToolPage:
    """The tool page of one listing."""
    tool = load()[slug]
    card = card_of(slug, tool, later=True)
    facts = {
        "category": tool["category"].upper(),
        "reviewed_on": tool["reviewed_on"],
        "website": tool["website"],
    }
    gone = {
        "panel_ship_pct": None,
        "community_ship_pct": None,
        "community_ships": None,
        "community_votes": None,
        "entry": None,
        "best_for": None,
    }
    return ToolPage(url=f"{HOST}/tool/{slug}", card=with_shown(card.model_copy(update=facts | gone)), complete=True)


def reviewer_page() -> ReviewerPage:
    """The Skeptic on developer tools."""
    tools = load()
    judged = [tools[slug] for slug in (FERNWAY, HARROW)]
    said = [tool["reviews"]["skeptic"] for tool in judged]
    return ReviewerPage(
        url=f"{HOST}/reviewer/skeptic?category=Developer+Tools",
        persona="skeptic",
        motto="Show me where it breaks.",
        bio="Reads the limits page before the front page. Names the rival, the day it fails and the person who is "
        "paged. Keeps a list of promises by date and goes back to it.",
        excited_about=("Failure lists written by the maker", "Prices that fit on one line", "Tools that stop"),
        tired_of=("Parity with a footnote", '"Just works" beside a waiting list', "Charts without an axis"),
        category="Developer Tools",
        tools=len(judged),
        shipped=sum(review["verdict"] == "ship" for review in said),
        verdicts=tuple(
            ReviewerVerdict(tagline=tool["tagline"], quote=review["quote"])
            for tool, review in zip(judged, said, strict=True)
        ),
        complete=True,
    )


def pages() -> list[tuple[str, Page, str, str]]:
    """All sample pages: file stem, record, shape, time of capture."""
    made: list[tuple[str, Page, str, str]] = []
    for minute, (stem, left, right, shape, later) in enumerate(COMPARISONS):
        at = (A_WEEK_LATER if later else MONDAY).format(minute=minute)
        made.append((stem, comparison(left, right, later=later), shape, at))
    for minute, (stem, slug, shape) in enumerate(TOOL_PAGES, 30):
        made.append((stem, tool_page(slug), shape, A_WEEK_LATER.format(minute=minute)))
    made.append(("reviewer-skeptic", reviewer_page(), "lists", A_WEEK_LATER.format(minute=40)))
    return made


def files() -> dict[str, bytes]:
    """The files of this folder that are made, by name."""
    made: dict[str, bytes] = {}
    manifest: list[str] = []
    for stem, page, shape, captured_at in pages():
        name = stem + (".txt" if shape in TEXT_SHAPES else ".html")
        made[name] = render(page, shape)
        entry = {"file": name, "url": page.url, "captured_at": captured_at, "content_type": CONTENT_TYPES[shape]}
        manifest.append(json.dumps(entry) + "\n")
    made["manifest.jsonl"] = "".join(manifest).encode()
    return made


def main() -> None:
    """Write the pages and the manifest."""
    for name, body in files().items():
        (HERE / name).write_bytes(body)


if __name__ == "__main__":
    main()
