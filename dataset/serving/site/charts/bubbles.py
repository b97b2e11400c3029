"""Two shares against each other: a bubble for each pair of steps, the larger the more have it; the diagonal is drawn.

However many there are, there is one bubble for each pair of steps: the drawing stays small.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from math import sqrt
from typing import NamedTuple

from markupsafe import Markup

from dataset.serving.site.charts.svg import Scale, drawing, element

SIZE = 460
LEFT, RIGHT, TOP, BOTTOM = 74, 440, 20, 386
SMALLEST, LARGEST = 4.0, 17.0
TICKS = (0, 25, 50, 75, 100)


class Bubble(NamedTuple):
    """How `many` lie at the shares `x` and `y`, in percent; `words` say it."""

    x: float
    y: float
    many: int
    words: str


def bubbles(name: str, title: str, description: str, across: str, up: str, found: Sequence[Bubble]) -> Markup:
    """The chart of the bubbles `found`; `across` and `up` name the axes, `name` is its id in the page."""
    if not found:
        return Markup("")
    right, above = Scale(0, 100, LEFT, RIGHT), Scale(0, 100, BOTTOM, TOP)
    most = max(bubble.many for bubble in found)
    shapes = [*_axes(right, above, across, up)]
    # The large ones first, so that none hides a small one.
    for bubble in sorted(found, key=lambda each: (-each.many, each.x, each.y)):
        radius = max(SMALLEST, LARGEST * sqrt(bubble.many / most))
        shape = element("circle", element("title", bubble.words), cx=right(bubble.x), cy=above(bubble.y), r=radius)
        shapes.append(element("g", shape, class_="bubble"))
    return drawing(SIZE, SIZE, name, title, description, *shapes, css="bubbles", parts=False)


def _axes(right: Scale, above: Scale, across: str, up: str) -> Iterable[Markup]:
    for share in TICKS:
        x, y = right(share), above(share)
        yield element("line", class_="grid", x1=x, y1=TOP, x2=x, y2=BOTTOM)
        yield element("line", class_="grid", x1=LEFT, y1=y, x2=RIGHT, y2=y)
        yield element("text", f"{share} %", class_="tick", x=x, y=BOTTOM + 22, text_anchor="middle")
        yield element("text", f"{share} %", class_="tick", x=LEFT - 10, y=y + 5, text_anchor="end")
    yield element("line", class_="diagonal", x1=LEFT, y1=BOTTOM, x2=RIGHT, y2=TOP)
    yield element("text", across, class_="axis", x=(LEFT + RIGHT) / 2, y=BOTTOM + 52, text_anchor="middle")
    middle = (TOP + BOTTOM) / 2
    turn = f"rotate(-90 16 {middle:g})"
    yield element("text", up, class_="axis", x=16, y=middle, text_anchor="middle", transform=turn)
