"""The visible labels of comparison pages: the grammar that people see. The one place to mend when a site rewords.

Labels are kept folded (see `fold`): lower case, straight quotes, single spaces. A page is read by these words and
their order, never by class names or depth.
"""

from __future__ import annotations

import re
from functools import lru_cache

INTRO = "ai tool comparison"
PANEL_SHIP = "panel ship"
COMMUNITY = "community"
ENTRY = "entry"

DECISION = "decision"
ROW_PANEL = "panel verdict"
ROW_COMMUNITY = "community"
ROW_PRICING = "pricing"
ROW_BEST_FOR = "best for"
ROW_CATEGORY = "category"
ROWS = (ROW_PANEL, ROW_COMMUNITY, ROW_PRICING, ROW_BEST_FOR, ROW_CATEGORY)

SCORECARD = "reviewer scorecard"
NEWSLETTER = "weekly ai tool verdicts"
NEWSLETTER_LINES = ("get the next comparison in your inbox", "get the next verdict in your inbox")
NEWSLETTER_ENDS = ("waste an afternoon.", "weekly digest — free.")
BOOKMARKS = "bookmarks"
BOOKMARKS_LINES = ("loading bookmarks...", "no bookmarks yet")
BOOKMARKS_END = "bookmark tools to save them for later"

PRICE = "price"
REVIEWED = "reviewed"
VERDICT = "verdict"
SHIPS = "ships"
SKIPS = "skips"
TAKE = "the panel's take"
SHARE = "share this verdict"
BADGE = "embed this verdict"
REVIEWS = "the reviews"

EXCITED = "gets excited about"
TIRED = "tired of"
BROWSE = "browse the full panel"

PERSONAS = ("builder", "creator", "founder", "futurist", "skeptic")
"""The personas whose names are known. A name outside this list is read as printed, and reported."""

ALL = frozenset(
    (
        INTRO, PANEL_SHIP, COMMUNITY, ENTRY, DECISION, *ROWS, SCORECARD, NEWSLETTER, *NEWSLETTER_LINES,
        BOOKMARKS, *BOOKMARKS_LINES, BOOKMARKS_END, PRICE, REVIEWED, VERDICT, SHIPS, SKIPS, TAKE, SHARE,
        BADGE, REVIEWS, EXCITED, TIRED, BROWSE,
    )
)  # fmt: skip
"""Every label that stands alone in its block. A block that is one of these is never cut off in the middle."""

_INVISIBLE = "\u00ad\u200b\u200c\u200d\u2060\ufeff"
_STRAIGHT = {"’": "'", "‘": "'", "ʼ": "'", "“": '"', "”": '"', "…": "..."}
_PLAIN = str.maketrans({**dict.fromkeys(_INVISIBLE), **_STRAIGHT})
_NEEDS_PLAIN = re.compile(f"[{_INVISIBLE}{''.join(_STRAIGHT)}]")

SHORT = 80
"""A text of up to so many signs may be a label, a name or a value, and comes again on many pages."""


def fold(text: str) -> str:
    """`text` made comparable with a label: lower case, single plain spaces, straight quotes, no invisible signs."""
    return _fold_short(text) if len(text) <= SHORT else _fold(text)


def _fold(text: str) -> str:
    if not text.isascii() and _NEEDS_PLAIN.search(text):
        text = text.translate(_PLAIN)
    return " ".join(text.split()).lower()


_fold_short = lru_cache(maxsize=8192)(_fold)
