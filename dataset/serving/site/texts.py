"""How values are written on pages. Templates have this module as ``show``; they escape what it gives."""

from __future__ import annotations

from collections.abc import Iterable

from markupsafe import Markup

from dataset.signs import steers, visible

NOT_KNOWN = "not known"

JOINERS = frozenset("\u200c\u200d")
"""Signs that only join letters or pictures: they turn nothing round."""

VERDICT_SIGNS = {"ship": "▲", "mixed": "◆", "skip": "▼"}

FIELDS = {
    "panel_verdict": "Panel verdict",
    "panel_ship_pct": "Panel says ship",
    "panel_ships": "Critics for ship",
    "panel_skips": "Critics for skip",
    "community_ship_pct": "Community says ship",
    "community_ships": "Votes for ship",
    "community_votes": "Votes",
    "entry": "Entry label",
    "pricing": "Price, in the site's words",
    "pricing_model": "Kind of price",
    "has_free_tier": "Free tier",
    "price_min": "Lowest price",
    "best_for": "Best for",
    "reviewed_on": "Reviewed on",
    "license": "Licence",
    "first_seen": "First seen",
    "last_seen": "Last seen",
    "presence": "Listing",
}
"""What fields are called, where their name with a capital would not do."""

KINDS = {
    "verdict_flip": "verdict",
    "review_added": "review added",
    "review_withdrawn": "review withdrawn",
    "listing_withdrawn": "listing withdrawn",
    "listing_returned": "listing back again",
}
"""What kinds of change are called, where it is not their name."""

SOURCES = {
    "labelled": "the page prints the name",
    "aligned": "told by the row of a scorecard",
}
"""How a critic is known."""


def text(value: object) -> str:
    """A text from a page: signs that steer or turn the reading direction are made visible."""
    words = str(value)
    if words.isprintable():  # the usual case, told at once
        return words
    return "".join(sign if sign in JOINERS or not steers(sign) else visible(sign) for sign in words)


def plainly(value: object) -> str:
    """A text as `text` shows it; what is HTML already stays so."""
    return Markup(text(value)) if isinstance(value, Markup) else text(value)  # noqa: S704  (it was before)


def brief(value: object, length: int = 300) -> str:
    """A text from a page in one line, cut where it is long."""
    line = " ".join(text(value).split())
    return line if len(line) <= length else f"{line[: length - 1].rstrip()}…"


def day(time: str | None) -> str:
    """The day of a time, as YYYY-MM-DD."""
    return time[:10] if time else NOT_KNOWN


def moment(time: str | None) -> str:
    """A time to the minute, in UTC."""
    return f"{time[:10]} {time[11:16]} UTC" if time else NOT_KNOWN


def percent(value: int | float | None) -> str:
    """A share in percent; a dash where it is not known."""
    return "–" if value is None else f"{value:g}\u00a0%"


def number(value: int) -> str:
    """A whole number with its thousands apart."""
    return f"{value:,}"


def many(count: int, one: str, more: str | None = None) -> str:
    """A number with what is counted: ``1 review``, ``1,200 reviews``."""
    return f"{count:,} {one if count == 1 else more or one + 's'}"


def field(name: str) -> str:
    """What a field is called."""
    return FIELDS.get(name, name.replace("_", " ").capitalize())


def kind(name: str) -> str:
    """What a kind of change is called."""
    return KINDS.get(name, name.replace("_", " "))


def value(name: str, given: object) -> str:
    """The value of a field called `name`, with its unit."""
    if given is None:
        return NOT_KNOWN
    if name.endswith("_pct"):
        return f"{given}\u00a0%"
    if name == "has_free_tier":
        return "yes" if given else "no"
    if name in ("first_seen", "last_seen"):
        return day(str(given))
    return text(given)


def persona(name: str | None) -> str:
    """A critic's name, without the source before it."""
    return text(name.rpartition(":")[2].replace("-", " ").title()) if name else "Unnamed critic"


def persona_among(name: str, names: Iterable[str]) -> str:
    """A critic's name in a list of `names`: with its source where another source has one of that name."""
    alike = [each for each in names if persona(each) == persona(name)]
    source = name.rpartition(":")[0]
    return f"{persona(name)} ({text(source)})" if source and len(alike) > 1 else persona(name)


def heat(share: float | None) -> str:
    """The class of a cell that holds a share in percent: the more, the darker; none where it is not known."""
    return "" if share is None else f"heat-{min(max(int(share // 20), 0), 4)}"


def alpha(figure: float | None) -> str:
    """Krippendorff's alpha, to three places; a dash where it is not defined."""
    return "–" if figure is None else f"{figure:.3f}".replace("-", "\u2212")


def signed(figure: float) -> str:
    """A number with its sign, also above 0."""
    return f"{figure:+g}".replace("-", "\u2212")
