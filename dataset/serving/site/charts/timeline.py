"""Shares over time, as steps, with marks where something changed.

A step is drawn whole as far as it was seen, and dotted from when it was last seen to when the next one was: there it is
the last known state. A mark stands between the two times between which the change happened, and leads to its words.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from markupsafe import Markup

from dataset.serving.site.charts.svg import Scale, day_of, drawing, element, seconds

WIDTH, HEIGHT = 640, 250
LEFT, RIGHT, TOP, BOTTOM = 62, 620, 44, 206
MARK = 24
"""Marks that are nearer to each other than this stand in rows of their own."""

ROWS = 3


class Stretch(NamedTuple):
    """A value from when it was first seen to when it was last seen; `until` is when another was, if ever."""

    since: str
    confirmed: str
    until: str | None
    value: int | float | None


class Series(NamedTuple):
    """A line: its name, the class that styles it, its stretches in order."""

    name: str
    css: str
    stretches: Sequence[Stretch]


class Mark(NamedTuple):
    """Something that happened between two times: what its words are, and the address that it leads to."""

    after: str
    before: str
    words: str
    href: str


def timeline(name: str, title: str, description: str, lines: Sequence[Series], marks: Sequence[Mark] = ()) -> Markup:
    """The chart of `lines`; `name` is its id in the page. Values are from 0 to 100."""
    times = [seconds(time) for line in lines for each in line.stretches for time in (each.since, each.confirmed)]
    if not times:
        return Markup("")
    across = Scale(min(times), max(times), LEFT, RIGHT)
    up = Scale(0, 100, BOTTOM, TOP)
    shapes = [*_grid(up), *_days(across)]
    shapes += [_band(mark, across) for mark in marks]
    shapes += [shape for line in lines for shape in _line(line, across, up)]
    shapes += _marks(marks, across)
    return drawing(WIDTH, HEIGHT, name, title, description, *shapes, css="timeline", parts=bool(marks))


def key(css: str) -> Markup:
    """A short piece of a line, for the words that say what it is."""
    line = element("line", class_=f"line {css}", x1=0, y1=5, x2=30, y2=5)
    return element("svg", line, class_="key", viewBox="0 0 30 10", aria_hidden="true", focusable="false")


def _grid(up: Scale) -> Iterable[Markup]:
    for share in (0, 50, 100):
        y = up(share)
        yield element("line", class_="grid", x1=LEFT, y1=y, x2=RIGHT, y2=y)
        yield element("text", f"{share} %", class_="tick", x=LEFT - 8, y=y + 5, text_anchor="end")


def _days(across: Scale) -> Iterable[Markup]:
    middle = (across.low + across.high) / 2
    first, last = day_of(across.low), day_of(across.high)
    if first == last:
        yield _day(first, (LEFT + RIGHT) / 2, "middle")
        return
    yield _day(first, LEFT, "start")
    if day_of(middle) not in (first, last):
        yield _day(day_of(middle), (LEFT + RIGHT) / 2, "middle")
    yield _day(last, RIGHT, "end")


def _day(day: str, x: float, anchor: str) -> Markup:
    return element("text", day, class_="tick", x=x, y=BOTTOM + 28, text_anchor=anchor)


def joined(stretches: Sequence[Stretch]) -> list[Stretch]:
    """`stretches` with those made one that follow each other and have the same value."""
    found: list[Stretch] = []
    for each in stretches:
        if found and found[-1].value == each.value and found[-1].until == each.since:
            found[-1] = Stretch(found[-1].since, each.confirmed, each.until, each.value)
        else:
            found.append(each)
    return found


def _line(line: Series, across: Scale, up: Scale) -> Iterable[Markup]:
    last: Stretch | None = None
    for each in joined(line.stretches):
        if each.value is not None:
            x, y, end = across(seconds(each.since)), up(each.value), across(seconds(each.confirmed))
            if last is not None and last.value is not None and last.until == each.since:
                yield element("line", class_=f"line step {line.css}", x1=x, y1=up(last.value), x2=x, y2=y)
            yield element("line", class_=f"line {line.css}", x1=x, y1=y, x2=end, y2=y)
            if each.until is not None:
                until = min(across(seconds(each.until)), float(RIGHT))
                yield element("line", class_=f"line known {line.css}", x1=end, y1=y, x2=until, y2=y)
            yield element("circle", class_=f"dot {line.css}", cx=x, cy=y, r=4)
        last = each


def _between(mark: Mark, across: Scale) -> tuple[float, float]:
    start, end = (across(seconds(time)) for time in (mark.after, mark.before))
    return max(start, float(LEFT)), min(end, float(RIGHT))


def _band(mark: Mark, across: Scale) -> Markup:
    start, end = _between(mark, across)
    return element("rect", class_="band", x=start, y=TOP, width=max(end - start, 2.0), height=BOTTOM - TOP)


def _marks(marks: Sequence[Mark], across: Scale) -> list[Markup]:
    found: list[Markup] = []
    ends = [float("-inf")] * ROWS
    for place, mark in enumerate(marks, start=1):
        start, end = _between(mark, across)
        x = (start + end) / 2
        row = next((row for row in range(ROWS) if x - ends[row] >= MARK), ROWS - 1)
        ends[row] = x
        y = 14 + row * MARK
        shapes = (
            element("title", f"{place}: {mark.words}"),
            element("circle", cx=x, cy=y, r=11),
            element("text", str(place), x=x, y=y + 5, text_anchor="middle", aria_hidden="true"),
        )
        found.append(element("a", *shapes, class_="mark", href=mark.href))
    return found
