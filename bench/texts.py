"""Invented texts and tools, made from a seed: the same seed gives the same tool, on every machine.

Nothing here is about a real tool. The texts have the lengths and the habits of real ones (prices, code in backticks,
percentages, dashes), so that reading them costs what reading real ones costs.
"""

from __future__ import annotations

import random
from dataclasses import dataclass

PERSONAS = ("Builder", "Skeptic", "Founder", "Futurist")
REVIEW_WORDS = 90

_FIRST = (
    "Amber",
    "Brisk",
    "Copper",
    "Drift",
    "Ember",
    "Fallow",
    "Gentle",
    "Hollow",
    "Ivory",
    "Juniper",
    "Kindred",
    "Lantern",
    "Marble",
    "Nimble",
    "Onyx",
)
_SECOND = (
    "Anvil",
    "Beacon",
    "Cinder",
    "Delta",
    "Finch",
    "Gable",
    "Heron",
    "Inlet",
    "Kestrel",
    "Ledger",
    "Meadow",
    "Otter",
    "Plover",
    "Quarry",
    "Thicket",
)
_CATEGORIES = ("Developer Tools", "Audio & Voice", "Models", "Design & Creative", "Research", "Data / Analytics")
_PRICES = (
    "Open Source (MIT)",
    "Free / Open-source (Apache 2.0)",
    "Free tier; Team from $20/mo per seat",
    "Pay-per-token via the vendor's desk / Enterprise by mail",
    "€9 once, updates for a year",
)
_BEST_FOR = (
    "Small teams that ship on Fridays and sleep on Saturdays",
    "People who keep their notes as files and want answers with page numbers",
    "Backends where a model calls the same five functions all day",
    "Studios with more drafts than reviewers",
)
_OPENINGS = (
    "I pointed it at {thing} and it simply ran",
    "After a week with {thing} I stopped looking for the catch",
    "The first run took four minutes, most of them spent on {thing}",
    "Every vendor promises {thing}, and this one mostly keeps the promise",
    "What sold me was {thing}, not the landing page",
    "My doubts begin with {thing}",
)
_MIDDLES = (
    "the `{verb} --all` command does what its name says, and undoes it too",
    "a failed step leaves {thing} as it was, which I checked by pulling the plug",
    "the bill came to ${number} for the month, about {number}% less than before",
    "nothing leaves the machine unless I say so, and the log shows it",
    "{thing} still needs a person to look twice, and the docs say so plainly",
    "support answered in an hour, on a Sunday, without asking for a ticket number",
    "it slows down past {number},000 rows, where the older tool merely yawns",
    "the export is plain JSON, so leaving would cost an afternoon and not a quarter",
    "half of the settings page could go, and nobody would write in",
    "the team behind it is two people, and {thing} is where that shows",
)
_THINGS = (
    "a pipeline of eleven jobs",
    "our oldest repository",
    "the nightly index",
    "a folder of scanned invoices",
    "the review queue",
    "the offline mode",
    "a ten-year archive of mail",
    "the handover between models",
    "the cache that nobody owns",
    "the permission screen",
)
_VERBS = ("replay", "gather", "mend", "weigh", "trace", "settle")


@dataclass(frozen=True, slots=True)
class MadeReview:
    """One persona's review of a tool."""

    persona: str
    score: int
    verdict: str
    quote: str


@dataclass(frozen=True, slots=True)
class MadeTool:
    """A tool that does not exist, with all that a comparison page says of it."""

    slug: str
    name: str
    category: str
    tagline: str
    description: str
    verdict: str
    ship_pct: int
    ships: int
    skips: int
    community: tuple[int, int] | None
    entry: str
    pricing: str
    best_for: str
    reviews: tuple[MadeReview, ...]

    @property
    def community_pct(self) -> int | None:
        """The community's percentage; None where nobody voted."""
        return round(100 * self.community[0] / self.community[1]) if self.community else None


def _filled(rng: random.Random, template: str) -> str:
    return template.format(thing=rng.choice(_THINGS), verb=rng.choice(_VERBS), number=rng.randint(2, 98))


def prose(rng: random.Random, words: int) -> str:
    """About so many words in whole sentences."""
    sentences: list[str] = []
    count = 0
    for template in (rng.choice(_OPENINGS), *rng.sample(_MIDDLES, len(_MIDDLES))):
        if count >= words:
            break
        text = _filled(rng, template)
        sentence = text[0].upper() + text[1:] + rng.choice((".", ".", ".", "; that is rare.", " — so far."))
        sentences.append(sentence)
        count += sentence.count(" ") + 1
    return " ".join(sentences)


def made_tool(seed: int) -> MadeTool:
    """The tool number `seed`."""
    rng = random.Random(seed)
    first, second = rng.choice(_FIRST), rng.choice(_SECOND)
    reviews = []
    for persona in PERSONAS:
        score = rng.randint(48, 96)
        reviews.append(MadeReview(persona, score, "ship" if score >= 70 else "skip", prose(rng, REVIEW_WORDS - 8)))
    ships = sum(review.verdict == "ship" for review in reviews)
    votes = rng.randint(1, 400)
    return MadeTool(
        slug=f"{first}-{second}-{seed}".lower(),
        name=f"{first} {second} {seed}",
        category=rng.choice(_CATEGORIES),
        tagline=_filled(rng, "Keeps {thing} in order while you {verb} the rest"),
        description=prose(rng, 55),
        verdict="Ship" if ships >= 3 else "Mixed" if ships == 2 else "Skip",
        ship_pct=25 * ships,
        ships=ships,
        skips=len(reviews) - ships,
        community=(rng.randint(0, votes), votes) if rng.random() < 0.6 else None,
        entry=rng.choice(("Free", "Paid")),
        pricing=rng.choice(_PRICES),
        best_for=rng.choice(_BEST_FOR),
        reviews=tuple(reviews),
    )
