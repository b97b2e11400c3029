"""How often each step of a scale occurs, as columns in parts: filled for ship, outlined for skip."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from markupsafe import Markup

from dataset.serving.site.charts.svg import Scale, drawing, element

WIDTH, HEIGHT = 640, 250
LEFT, RIGHT, TOP, BOTTOM = 10, 630, 30, 212
GAP = 6
PARTS = ("ship", "skip", "unsaid")


class Column(NamedTuple):
    """A column: what stands under it, and how many are of each of `PARTS`."""

    label: str
    counts: Sequence[int]


def histogram(name: str, title: str, description: str, columns: Sequence[Column]) -> Markup:
    """The chart of `columns`; `name` is its id in the page."""
    highest = max((sum(column.counts) for column in columns), default=0)
    if highest == 0:
        return Markup("")
    up = Scale(0, highest, BOTTOM, TOP)
    width = (RIGHT - LEFT) / len(columns)
    shapes = [element("line", class_="grid", x1=LEFT, y1=BOTTOM, x2=RIGHT, y2=BOTTOM)]
    for place, column in enumerate(columns):
        shapes += _column(column, LEFT + place * width, width, up)
    return drawing(WIDTH, HEIGHT, name, title, description, *shapes, css="histogram", parts=False)


def _column(column: Column, x: float, width: float, up: Scale) -> Iterable[Markup]:
    below = 0
    for part, count in zip(PARTS, column.counts, strict=True):
        if count:
            top = up(below + count)
            css = f"part {part}"
            yield element("rect", class_=css, x=x + GAP / 2, y=top, width=width - GAP, height=up(below) - top)
            below += count
    middle = x + width / 2
    if below:
        yield element("text", f"{below:,}", class_="tick", x=middle, y=up(below) - 8, text_anchor="middle")
    yield element("text", column.label, class_="tick", x=middle, y=BOTTOM + 26, text_anchor="middle")
