"""The layouts by name."""

from __future__ import annotations

from samplesite.layout_cards import Cards
from samplesite.layout_lists import Lists
from samplesite.layout_table import Table
from samplesite.layouts import CHANGED, PARTIAL, Labels, Layout

LAYOUTS: dict[str, Layout] = {
    "cards": Cards(Labels()),
    "table": Table(Labels()),
    "lists": Lists(Labels()),
    "changed": Cards(CHANGED),
    "partial": Cards(PARTIAL),
}
