"""Hypothesis strategies for the records of pages, as a page in full would give them.

Panel figures, verdicts and reviews are drawn independently of one another: the site's own figures need not
add up, and a reader must not make them.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from hypothesis import strategies as st

from crawler.items import Card, ComparePage, Review, ReviewerPage, ReviewerVerdict, ToolPage
from tests.rendering import words
from tests.rendering.expect import with_shown
from tests.rendering.labels import PERSONAS

PERCENTS = st.integers(0, 100)
COUNTS = st.integers(0, 7)
HOST = "https://verdicts.example"

Facts = dict[str, Any]


def reviews(persona: str, side: str) -> st.SearchStrategy[Review]:
    """A labelled review by `persona`, of the tool on `side`."""
    return st.builds(
        Review,
        persona=st.just(persona),
        score=PERCENTS,
        verdict=st.sampled_from(["ship", "skip"]),
        quote=words.sentences(f"{persona} {side}"),
    )


NO_VOTES: Facts = {"community_votes": 0, "community_ships": 0, "community_ship_pct": None}
VOTES = st.builds(
    lambda votes, ships, pct: {
        "community_votes": votes,
        "community_ships": min(ships, votes),
        "community_ship_pct": pct,
    },
    st.integers(1, 5000),
    st.integers(0, 5000),
    PERCENTS,
)
COMMUNITY = st.one_of(st.just(NO_VOTES), VOTES)


@st.composite
def cards(draw: st.DrawFn, side: str, names: st.SearchStrategy[str], paragraphs: int, *, bare: bool) -> Card:
    """A card of a comparison, without slug and reviews. `bare` ones may lack description, price or use."""
    tagline = draw(words.phrases(f"tagline {side}"))
    seldom = st.integers(0, 9) if bare else st.just(1)
    facts: Facts = {
        "name": draw(names),
        "category": draw(words.CATEGORIES),
        "tagline": tagline,
        "description": draw(words.texts(f"about {side}", paragraphs)) if draw(seldom) else None,
        "panel_verdict": draw(st.sampled_from(["ship", "mixed", "skip"])),
        "panel_ship_pct": draw(PERCENTS),
        "panel_ships": draw(COUNTS),
        "panel_skips": draw(COUNTS),
        "entry": draw(words.ENTRIES),
        "pricing": draw(words.PRICES) if draw(seldom) else None,
        "best_for": draw(st.one_of(st.just(tagline), words.phrases(f"use {side}"))) if draw(seldom) else None,
        **draw(COMMUNITY),
    }
    return Card(**facts)


@st.composite
def compare_pages(
    draw: st.DrawFn,
    *,
    names: st.SearchStrategy[str] = words.NAMES,
    same_name: bool = False,
    paragraphs: int = 3,
    lone: bool = True,
    bare: bool = True,
    fitting: bool = False,
) -> ComparePage:
    """A comparison; with `lone`, some rows of the scorecard have one review only.

    With `fitting` the panels' percentages are what panels of that size can give.
    """
    left = draw(cards("left", names, paragraphs, bare=bare))
    right = draw(cards("right", names, paragraphs, bare=bare))
    if same_name:
        right = right.model_copy(update={"name": left.name})
    panel = draw(st.lists(st.sampled_from(PERSONAS), min_size=1, max_size=5, unique=True))
    if not lone:
        # New critics may join; where a row is not whole, only a known name can be told from a text.
        panel += draw(st.lists(st.sampled_from(["archivist", "designer"]), max_size=2, unique=True))
    lefts: list[Review] = []
    rights: list[Review] = []
    rows: list[tuple[int | None, int | None]] = []
    for persona in panel:
        who = draw(st.sampled_from(["both", "both", "both", "left", "right"])) if lone else "both"
        rows.append(
            (len(lefts) if who in ("both", "left") else None, len(rights) if who in ("both", "right") else None)
        )
        if who in ("both", "left"):
            lefts.append(draw(reviews(persona, "left")))
        if who in ("both", "right"):
            rights.append(draw(reviews(persona, "right")))
    if fitting:
        left, right = (
            card.model_copy(update={"panel_ship_pct": round(100 * draw(st.integers(0, len(panel))) / len(panel))})
            for card in (left, right)
        )
    slugs = draw(st.lists(words.SLUGS, min_size=2, max_size=2, unique=True))
    left = left.model_copy(update={"slug": slugs[0], "reviews": tuple(lefts)})
    right = right.model_copy(update={"slug": slugs[1], "reviews": tuple(rights)})
    return ComparePage(
        url=f"{HOST}/compare/{slugs[0]}-vs-{slugs[1]}",
        title=f"{left.name} vs {right.name}",
        left=with_shown(left),
        right=with_shown(right),
        rows=tuple(rows),
        complete=True,
    )


@st.composite
def tool_pages(draw: st.DrawFn, *, paragraphs: int = 3) -> ToolPage:
    """A tool page; the breadcrumb with the category is missing on some."""
    panel = draw(st.lists(st.sampled_from(PERSONAS), min_size=1, max_size=5, unique=True))
    slug = draw(words.SLUGS)
    category = draw(st.one_of(st.none(), words.CATEGORIES))
    card = Card(
        slug=slug,
        name=draw(words.NAMES),
        category=category.upper() if category else None,
        tagline=draw(words.phrases("tagline")),
        description=draw(words.texts("about", paragraphs)),
        panel_verdict=draw(st.sampled_from(["ship", "skip"])),
        panel_ships=draw(COUNTS),
        panel_skips=draw(COUNTS),
        pricing=draw(words.PRICES),
        reviewed_on=draw(st.dates(date(2020, 1, 1), date(2029, 12, 31))).isoformat(),
        website=draw(st.sampled_from(["heron.example", "git.example", "www.quill-and-ink.example"])),
        reviews=tuple(draw(reviews(persona, "tool")) for persona in panel),
    )
    return ToolPage(url=f"{HOST}/tool/{slug}", card=with_shown(card), complete=True)


@st.composite
def reviewer_pages(draw: st.DrawFn) -> ReviewerPage:
    """A reviewer page."""
    persona = draw(st.sampled_from(PERSONAS))
    said = [
        st.builds(ReviewerVerdict, tagline=words.phrases(f"tool {n}"), quote=words.sentences(f"said {n}"))
        for n in range(draw(st.integers(1, 5)))
    ]
    likes = st.tuples(*(words.phrases(f"like {n}") for n in range(draw(st.integers(1, 4)))))
    hates = st.tuples(*(words.phrases(f"hate {n}") for n in range(draw(st.integers(1, 4)))))
    category = draw(words.CATEGORIES)
    return ReviewerPage(
        url=f"{HOST}/reviewer/{persona}?category={category.replace('&', '%26').replace(' ', '+')}",
        persona=persona,
        motto=draw(words.phrases("motto")) + ".",
        bio=draw(words.sentences("bio")),
        excited_about=draw(likes),
        tired_of=draw(hates),
        category=category,
        tools=draw(st.integers(2, 300)),
        shipped=draw(st.integers(2, 300)),
        verdicts=draw(st.tuples(*said)),
        complete=True,
    )
