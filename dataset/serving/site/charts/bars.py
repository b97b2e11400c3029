"""A share as a bar: it stands beside its number, and says nothing that the number does not."""

from __future__ import annotations

from markupsafe import Markup

from dataset.serving.site.charts.svg import element


def share_bar(value: float, css: str = "") -> Markup:
    """A bar that is `value` of 100 long."""
    full = max(0.0, min(100.0, float(value)))
    return element(
        "svg",
        element("rect", class_="bar-whole", width=100, height=8),
        element("rect", class_=f"bar-part {css}".strip(), width=full, height=8),
        class_="bar",
        viewBox="0 0 100 8",
        preserveAspectRatio="none",
        aria_hidden="true",
        focusable="false",
    )
