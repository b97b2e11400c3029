"""Hand-written captures of five invented tools, from which the tests of the pages build their dataset.

- **alder**: its panel flipped from ship to skip, its price and a review's words changed, a review was withdrawn; it
  once was called *aspen*.
- **birch**: paired with alder; nothing changed.
- **cedar**: never paired with birch.
- **dogwood**: withdrawn.
- **hostile**: every text of it tries something.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from crawler.items import Card, Review
from dataset.serving.site.page import Asked
from tests.dataset.captures import Capture, Data, built, card, compared, fresh, gone, moved, says, tool_page

SCRIPT = '<script>document.title="taken"</script><img src=x onerror="document.title=1"> & "more"'
LINK = "javascript:document.title='taken'"
RIGHT_TO_LEFT = "safe \u202eelbat\u202c \u2066end"
LONG = "Endless" * 1429
"""A name of 10,003 signs without a space."""

OLD_WORDS = "Solid joinery, and the drawers open without a word."
NEW_WORDS = "Solid joinery, but the drawers stick without a word."
GONE_WORDS = "I would not keep my pencils in it."


def alder(*, later: bool = False, **more: object) -> Card:
    """Alder's card, before and after."""
    reviews = [
        says(NEW_WORDS if later else OLD_WORDS, "builder", 41 if later else 88, "skip" if later else "ship"),
        says("The price is fair for what it holds.", "founder", 70, "ship"),
    ]
    reviews += [] if later else [says(GONE_WORDS, "architect", 30, "skip")]
    return card(
        "alder",
        *reviews,
        name="Alder Shelves",
        category="Storage",
        tagline="Shelves that sort themselves",
        description="It sorts shelves by height.",
        panel_verdict="skip" if later else "ship",
        panel_ship_pct=25 if later else 75,
        community_ship_pct=60 if later else None,
        community_votes=5 if later else 0,
        pricing="$12 a month" if later else "Open Source (MIT)",
        entry="Paid" if later else "Free",
        **more,
    )


def birch(**more: object) -> Card:
    """Birch's card."""
    reviews: tuple[Review, ...] = (
        says("A desk like any other.", "builder", 55, "skip"),
        says("Somebody said this without a name."),
    )
    facts: dict[str, object] = {"panel_verdict": "mixed", "panel_ship_pct": 50, "pricing": "Open Source (MIT)"}
    return card("birch", *reviews, name="Birch Desk", category="Desks", **{**facts, **more})


def hostile() -> Card:
    """A card that tries everything."""
    return card(
        "hostile",
        says(f"{SCRIPT} {RIGHT_TO_LEFT}", "builder", 1, "skip"),
        says(LONG, "founder", 2, "skip"),
        name=SCRIPT,
        tagline=LONG,
        description=f"{RIGHT_TO_LEFT}\n\n{LONG}",
        website=LINK,
        category="=1+1",
        pricing=LINK,
        panel_verdict="skip",
        panel_ship_pct=0,
    )


def captures() -> Sequence[Capture]:
    """All captures, of four days."""
    return (
        fresh(compared(alder(), birch(), 0)),
        fresh(compared(alder(), card("cedar", name="Cedar Stool", category="Storage"), 0.5)),
        fresh(compared(alder(later=True), birch(), 5)),
        fresh(compared(alder(later=True), card("cedar", name="Cedar Stool", category="Storage"), 6)),
        fresh(compared(card("dogwood", name="Dogwood Lamp"), hostile(), 0)),
        fresh(tool_page(card("dogwood", name="Dogwood Lamp"), 1)),
        gone("tool/dogwood", 5),
        fresh(tool_page(card("aspen", name="Alder Shelves"), -3)),
        moved("aspen", "alder", -2),
    )


def site(folder: Path) -> Data:
    """A data folder with all of them, built."""
    return built(folder, *captures())


def asked(parts: Mapping[str, str] | None = None, **words: str) -> Asked:
    """What a request asks for."""
    return Asked(parts or {}, {name: (word,) for name, word in words.items()})
