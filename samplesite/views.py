"""The content of each page, independent of the layout: cards, rows, links. Built from a snapshot of the world.

`Traits` are changes of the content by faults; normal pages have none.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from urllib.parse import quote_plus

from samplesite import words
from samplesite.content import Card, Review
from samplesite.words import dice, slugified
from samplesite.world import Snapshot

RELATED = 4
"""The number of links to other comparisons below a page."""

PER_INDEX = 500
"""The number of comparisons on one page of the index."""

Link = tuple[str, str]
"""Where a link leads, and its text."""


@dataclass(frozen=True)
class Traits:
    """The changes of the site's content for this response, set by faults (`samplesite.faults`)."""

    origin: str = ""
    """Scheme and host that the site uses for itself."""
    absolute: bool = False
    """Whether links in pages contain the host."""
    offsite: bool = False
    calendar: bool = False
    reverse: str | None = None
    """The response to a comparison in reverse order: ``page`` or ``redirect``; None for none."""
    disallow: tuple[str, ...] = ()
    crawl_delay: float | None = None
    sitemap: bool = True
    lastmod: str = "honest"


@dataclass(frozen=True)
class Side:
    """One listing on a page."""

    slug: str
    card: Card


Row = tuple[str, Review | None, Review | None]


@dataclass(frozen=True)
class Compare:
    """A comparison page."""

    left: Side
    right: Side
    rows: tuple[Row, ...]
    more: tuple[Link, ...]

    @property
    def title(self) -> str:
        """The heading."""
        return f"{self.left.card.name} vs {self.right.card.name}"


@dataclass(frozen=True)
class ToolPage:
    """The page of a tool."""

    side: Side
    more: tuple[Link, ...]

    @property
    def title(self) -> str:
        """The heading."""
        return self.side.card.name


@dataclass(frozen=True)
class ReviewerPage:
    """The page of a critic for one category."""

    persona: str
    category: str
    judged: tuple[tuple[Side, Review], ...]
    more: tuple[Link, ...]

    @property
    def title(self) -> str:
        """The heading."""
        return f"The {self.persona.title()}"


@dataclass(frozen=True)
class ListPage:
    """Any other page: a heading, some sentences, and groups of links."""

    title: str
    said: tuple[str, ...]
    groups: tuple[tuple[str, tuple[Link, ...]], ...]
    more: tuple[Link, ...] = ()


View = Compare | ToolPage | ReviewerPage | ListPage


def reviewer_path(persona: str, category: str) -> str:
    """The path of a critic's page for a category."""
    return f"/reviewer/{persona}?category={quote_plus(category)}"


def compare_path(first: str, second: str) -> str:
    """The path of a comparison, with the slugs in the given order."""
    return f"/compare/{first}-vs-{second}"


class Pages:
    """The pages of one snapshot."""

    def __init__(self, snapshot: Snapshot, traits: Traits) -> None:
        self.snapshot, self.traits = snapshot, traits

    def side(self, slug: str) -> Side:
        """A listing that is present."""
        return Side(slug, self.snapshot.card(slug))

    def pair_link(self, first: str, second: str) -> Link:
        """A link to a comparison."""
        names = (self.snapshot.world.listings[slug].content.name for slug in (first, second))
        return compare_path(first, second), " vs ".join(names)

    def pair_links(self, pairs: list[tuple[str, str]]) -> tuple[Link, ...]:
        """Links to comparisons; with `Traits.reverse`, in both orders."""
        both = [
            (a, b)
            for one, other in pairs
            for a, b in (((one, other), (other, one)) if self.traits.reverse else ((one, other),))
        ]
        return tuple(self.pair_link(*pair) for pair in both)

    def related(self, key: str, *slugs: str) -> tuple[Link, ...]:
        """Links to other comparisons of these listings, and links that faults add.

        They lead to permanent listings, so that a page only changes when its own listings do.
        """
        lasting = [slug for slug in self.snapshot.world.lasting if slug not in slugs]
        thrown = dice(self.snapshot.world.seed, "related", key)
        others = thrown.sample(lasting, min(RELATED, len(lasting)))
        pairs = [(min(pair), max(pair)) for pair in ((slugs[n % len(slugs)], other) for n, other in enumerate(others))]
        links = list(self.pair_links(pairs))
        links += [(f"/tool/{slug}", self.snapshot.world.listings[slug].content.name) for slug in slugs]
        if self.traits.offsite:
            links += [
                ("https://elsewhere.example/compare/one-vs-two", "Elsewhere"),
                ("//other.example/tool/x", "Other"),
            ]
        return tuple(links)

    def compare(self, left: str, right: str) -> Compare:
        """The comparison with these sides."""
        one, other = self.side(left), self.side(right)
        said = [{review.persona: review for review in side.card.reviews} for side in (one, other)]
        order = dict.fromkeys((*said[0], *said[1]))
        rows = tuple((persona, said[0].get(persona), said[1].get(persona)) for persona in order)
        return Compare(one, other, rows, self.related(min(left, right) + max(left, right), left, right))

    def tool(self, slug: str) -> ToolPage:
        """A tool's page."""
        side = self.side(slug)
        links = [(reviewer_path(each.persona, side.card.category), each.persona.title()) for each in side.card.reviews]
        return ToolPage(side, (*self.related(slug, slug), *links))

    def reviewer(self, persona: str, category: str) -> ReviewerPage | None:
        """A critic's page, or None if the critic judged no tool of that category."""
        judged = tuple((Side(slug, card), said) for slug, card, said in self.snapshot.judged(persona, category))
        if not judged:
            return None
        return ReviewerPage(persona, category, judged, self.related(persona, judged[0][0].slug))

    def home(self) -> ListPage:
        """The front page."""
        pairs = list(self.snapshot.pairs())
        thrown = dice(self.snapshot.world.seed, "home")
        some = self.pair_links(thrown.sample(pairs, min(10, len(pairs))))
        ways = (("/compare", "All comparisons"), ("/categories", "Categories"), ("/guide/how-we-judge", "How we judge"))
        groups = [("Start here", ways), ("Comparisons of the week", some), ("Categories", self._category_links())]
        if self.traits.calendar:
            groups.append(("Archive", (("/calendar/2026-02", "By month"),)))
        said = ("Five critics look at every new tool, and at every pair of them.",)
        return ListPage("The Sample Desk", said, tuple(groups))

    def _category_links(self) -> tuple[Link, ...]:
        return tuple((f"/category/{slugified(each)}", each) for each in self.snapshot.categories)

    def categories(self) -> ListPage:
        """All categories."""
        return ListPage("Categories", (), (("Categories", self._category_links()),))

    def category(self, name: str) -> ListPage | None:
        """The tools, some comparisons and the critics of one category, given as in its path."""
        found = next((each for each in self.snapshot.categories if slugified(each) == name), None)
        if found is None:
            return None
        slugs = self.snapshot.categories[found]
        tools = tuple((f"/tool/{slug}", self.snapshot.card(slug).name) for slug in slugs)
        pairs = self.pair_links(list(pairwise(slugs)))
        critics = tuple((reviewer_path(persona, found), f"The {persona.title()}") for persona in words.PERSONAS)
        critics = tuple(
            each for each, who in zip(critics, words.PERSONAS, strict=True) if self.snapshot.judged(who, found)
        )
        return ListPage(found, (), (("Tools", tools), ("Comparisons", pairs), ("Critics", critics)))

    def index(self, number: int) -> ListPage | None:
        """The `number`-th page of the index of comparisons, from 1."""
        pairs = list(self.snapshot.pairs())
        shown = pairs[(number - 1) * PER_INDEX : number * PER_INDEX]
        if number < 1 or (number > 1 and not shown):
            return None
        after = (("/compare?page=" + str(number + 1), "Next page"),) if number * PER_INDEX < len(pairs) else ()
        return ListPage("Comparisons", (), (("Comparisons", self.pair_links(shown)), ("More", after)))

    def guide(self, name: str) -> ListPage | None:
        """A guide: it mentions ships and skips without being data."""
        said = {
            "how-we-judge": (
                "Every critic gives 0 to 100 points and says Ship or Skip, e.g. 82/100 · ship.",
                "A panel's share, such as 75% Panel ship, counts the critics who say ship.",
            ),
            "reading-a-comparison": ("Read the scorecard first; the decision table repeats what the cards say.",),
        }.get(name)
        if said is None:
            return None
        other = "reading-a-comparison" if name == "how-we-judge" else "how-we-judge"
        return ListPage(
            slugified(name).replace("-", " ").capitalize(), said, (("More guides", ((f"/guide/{other}", "Next"),)),)
        )

    def month(self, name: str) -> ListPage | None:
        """A month of an endless calendar, with links to the previous and the next month."""
        year, month = int(name[:4]), int(name[5:7])
        if not 1 <= month <= 12:
            return None
        count = year * 12 + month - 1
        ways = tuple(
            (f"/calendar/{n // 12:04}-{n % 12 + 1:02}", way) for n, way in ((count - 1, "Before"), (count + 1, "After"))
        )
        return ListPage(f"Verdicts of {name}", ("Nothing was judged in this month.",), (("Other months", ways),))
