"""Charts as SVG, made on the server from plain values: no script, no style inside; classes are styled by ``site.css``.

Each chart bears a title and a description that say in words what it shows; the page gives the numbers as a table.
"""

from dataset.serving.site.charts.bars import share_bar
from dataset.serving.site.charts.bubbles import Bubble, bubbles
from dataset.serving.site.charts.histogram import Column, histogram
from dataset.serving.site.charts.timeline import Mark, Series, Stretch, key, timeline

__all__ = [
    "Bubble",
    "Column",
    "Mark",
    "Series",
    "Stretch",
    "bubbles",
    "histogram",
    "key",
    "share_bar",
    "timeline",
]
