"""Hand-written captures of a small panel over three months, from which tests of critics and changes build a dataset.

- **builder** is named everywhere, says ship less and less, and stands alone on *elm*.
- **skeptic** is named everywhere.
- **founder** is named on *alder* and *elm*.
- *hostile* has texts that try something; *fir* is withdrawn; of *elm* the community thinks otherwise than the panel.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from tests.dataset.captures import (
    Capture,
    Data,
    built,
    card,
    compared,
    day,
    fresh,
    gone,
    reviewer_page,
    says,
    tool_page,
)

SCRIPT = '<script>document.title="taken"</script><img src=x onerror="document.title=1"> & "more"'
RIGHT_TO_LEFT = "safe \u202eelbat\u202c end"
LONG = "Endless" * 1429
"""A name of 10,003 signs without a space."""


def alder(score: int, verdict: str, panel: str) -> Capture:
    """Alder's tool page: what the builder and the panel say changes."""
    reviews = (
        says("Drawers that open without a word.", "builder", score, verdict),
        says("I keep no pencils in it.", "skeptic", 40, "skip"),
        says("The price is fair.", "founder", 70, "ship"),
    )
    share = 67 if panel == "ship" else 33
    community = {"community_ship_pct": 60, "community_votes": 5}
    return tool_page(
        card("alder", *reviews, name="Alder Shelves", panel_verdict=panel, panel_ship_pct=share, **community), 0
    )


def at(capture: Capture, when: float) -> Capture:
    """`capture`, made and taken on day `when`."""
    return fresh(replace(capture, captured_at=day(when)))


def elm() -> Capture:
    """Elm's tool page: the builder stands alone."""
    reviews = (
        says("Nothing holds.", "builder", 5, "skip"),
        says("Holds all I have.", "skeptic", 85, "ship"),
        says("Worth its price twice.", "founder", 95, "ship"),
        says("Somebody said this without a name."),
    )
    return tool_page(
        card("elm", *reviews, name="Elm Table", panel_ship_pct=67, community_ship_pct=10, community_votes=40), 0
    )


def hostile(tagline: str) -> Capture:
    """A tool whose texts try everything."""
    reviews = (says(f"{SCRIPT} {RIGHT_TO_LEFT}", "builder", 50, "ship"), says(LONG, "skeptic", 10, "skip"))
    return tool_page(card("hostile", *reviews, name=SCRIPT, tagline=tagline, category="=1+1"), 0)


def fir() -> Capture:
    """Fir's tool page."""
    reviews = (says("Sheds needles.", "builder", 1, "skip"), says("Smells fine.", "skeptic", 99, "ship"))
    return tool_page(card("fir", *reviews, name="Fir Box", panel_ship_pct=50, community_ship_pct=0), 0)


def captures() -> Sequence[Capture]:
    """All captures."""
    return (
        at(alder(90, "ship", "ship"), 0),
        at(elm(), 1),
        at(hostile("plain"), 1),
        at(fir(), 2),
        at(hostile(f"{SCRIPT} {RIGHT_TO_LEFT}"), 20),
        gone("tool/fir", 25),
        at(alder(30, "skip", "skip"), 40),
        at(alder(30, "skip", "skip"), 45),
        at(alder(25, "skip", "skip"), 70),
        fresh(compared(card("elm", name="Elm Table"), card("gum", name="Gum Chair"), 3)),
        reviewer_page("builder", None, 5, motto=f"If it holds. {RIGHT_TO_LEFT}", bio=SCRIPT),
    )


def panel(folder: Path) -> Data:
    """A data folder with all of them, built."""
    return built(folder, *captures())
