"""SVG elements as escaped markup, and the places on scales. Pure."""

from __future__ import annotations

from datetime import UTC, datetime

from markupsafe import Markup, escape

from dataset.serving.site.texts import text


def element(name: str, *children: str | Markup, **attributes: str | float | int | None) -> Markup:
    """An element with `children`; ``_`` in the name of an attribute stands for ``-``, one at its end for nothing.

    Attributes that are None are left out; text and attributes are escaped, and what steers in a text is made visible.
    """
    given = Markup("").join(
        Markup(' {}="{}"').format(key.rstrip("_").replace("_", "-"), _written(value))
        for key, value in attributes.items()
        if value is not None
    )
    shown = (child if isinstance(child, Markup) else text(child) for child in children)
    inside = Markup("").join(escape(child) for child in shown)
    return Markup("<{0}{1}>{2}</{0}>").format(Markup(name), given, inside)  # noqa: S704  (names are our own)


def _written(value: str | float | int) -> str:
    return f"{value:.1f}".removesuffix(".0") if isinstance(value, float) else str(value)


def drawing(
    width: int, height: int, name: str, title: str, description: str, *children: Markup, css: str, parts: bool
) -> Markup:
    """A whole drawing. `name` is its id in the page; `parts` says whether links within it can be reached."""
    return element(
        "svg",
        element("title", title, id=f"{name}-title"),
        element("desc", description, id=f"{name}-desc"),
        *children,
        class_=f"chart {css}",
        viewBox=f"0 0 {width} {height}",
        role="group" if parts else "img",
        aria_labelledby=f"{name}-title {name}-desc",
    )


def seconds(time: str) -> float:
    """A time of the dataset as a number."""
    return datetime.strptime(time, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC).timestamp()


def day_of(moment: float) -> str:
    """The day of such a number."""
    return datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%d")


class Scale:
    """Places of values from `low` to `high` between `start` and `end`; a single value stands in the middle."""

    def __init__(self, low: float, high: float, start: float, end: float) -> None:
        self.low, self.high, self.start, self.end = low, high, start, end

    def __call__(self, value: float) -> float:
        """The place of `value`."""
        if self.high == self.low:
            return (self.start + self.end) / 2
        return self.start + (value - self.low) / (self.high - self.low) * (self.end - self.start)
