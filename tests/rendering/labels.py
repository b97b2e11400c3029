"""The words that the site prints around the data: the grammar of every rendering.

Only labels and markers stand here. The sentence between title and cards is boilerplate that no reader may
lean on, so it is our own.
"""

from __future__ import annotations

EYEBROW = "AI tool comparison"
INTRO = "Two tools, one panel: how the critics split, what each costs and how the readers voted."

PANEL_SHIP = "Panel ship"
COMMUNITY = "Community"
ENTRY = "Entry"
DECISION = "Decision"
SCORECARD = "Reviewer scorecard"

NO_VALUE = "—"
NO_VOTES = "No community votes yet"

NEWSLETTER = "Weekly AI Tool Verdicts"
COMPARE_NEWSLETTER = (
    NEWSLETTER,
    "Get the next comparison in your inbox",
    "New AI tools ship daily. We compare them before you waste an afternoon.",
)
VERDICT_NEWSLETTER = (
    NEWSLETTER,
    "Get the next verdict in your inbox",
    "7 critics review a new AI tool every day. Weekly digest — free.",
)
BOOKMARKS = ("Bookmarks", "Loading bookmarks...", "No bookmarks yet", "Bookmark tools to save them for later")

PRICE = "Price"
REVIEWED = "Reviewed"
TAKE = "The Panel's Take"
SHARE = "Share this verdict"
EMBED = "Embed this verdict"
EMBED_HINT = "Makers may put a live badge on their own pages; every load of it is counted."
REVIEWS = "The reviews"

EXCITED = "Gets excited about"
TIRED = "Tired of"
FULL_PANEL = "Browse the full panel"

PERSONAS = ("builder", "skeptic", "futurist", "founder", "creator")

NAV = ("Ship Desk", "Comparisons", "Reviewers", "Guides", "Sign in")
FOOTER = ("© 2026 The Ship Desk", "Privacy", "All opinions are the panel's own.")
"""Texts that stand around the content of an HTML page and are no data; `FOOTER[-1]` is the last of all."""
