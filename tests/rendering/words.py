"""Strategies for the texts of records: plain sentences, and every trap that the source site has shown.

A text here is what a reader must give back letter by letter: single spaces, none at either end, and never
only a label (a text rendering of such a record would be ambiguous for people too).
"""

from __future__ import annotations

import random
import string

from hypothesis import strategies as st

WORDS = (
    "agents",
    "quiet",
    "ledger",
    "compiles",
    "drafts",
    "offline",
    "maps",
    "runtime",
    "wanders",
    "budget",
    "teams",
    "nightly",
    "cache",
    "tidy",
    "index",
    "gentle",
    "router",
    "promises",
    "kernel",
    "sketches",
    "archive",
    "friendly",
    "vendor",
    "lock-in",
    "honest",
)
FRAGMENTS = (
    "100%",
    "50% of calls",
    "$20/mo",
    "85/100 · ship",
    "`pip install --pre`",
    "`provider='x'`",
    "“one “quoted” word”",
    '"straight quotes"',
    "isn't",
    "[dev]",
    "<b>bold</b>",
    "&amp;",
    "a < b && c > d",
    "— a dash —",
    "2023–2026",
    "naïve café",
    "🚀",
    "日本語",
    "Panel ship",
    "Free / Entry",
    "Community",
    "Reviewer scorecard says",
    "Ship or Skip",
    "4 ship / 0 skip",
    "0% Ship (0 / 1)",
    "The Skeptic",
    "Decision",
    "vs",
    "Weekly AI Tool Verdicts",
    "3 Ships1 Skips",
    "https://verdicts.example/tool/x",
    "1.5×",
    "C++",
    "10:30",
)
LETTERS = string.ascii_letters + string.digits + "!#$%&*+,./:;<=>?@|~" + "àéîõüçñßøÅŁšžœ¿¡§¶·±×÷" + "日本語한국عبريתжλ"
SEEDS = st.one_of(st.just(0), st.integers(0, len(FRAGMENTS)), st.integers(0, 2**40), st.integers(0, 2**40))


def _word(rng: random.Random) -> str:
    kind = rng.random()
    if kind < 0.6:
        return rng.choice(WORDS)
    return rng.choice(FRAGMENTS) if kind < 0.85 else "".join(rng.choices(LETTERS, k=rng.randint(2, 8)))


def phrase(seed: int, mark: str, largest: int = 8) -> str:
    """A phrase made from `seed`, ending in `mark`: 0 gives the plainest, small ones hold just one trap.

    One drawn number makes a whole text: drawing word by word is ten times as slow, and with this order of
    seeds a failing example still shrinks to the one fragment that breaks the reader.
    """
    if seed == 0:
        return f"Tidy {mark}"
    if seed <= len(FRAGMENTS):
        return f"Tidy {FRAGMENTS[seed - 1]} {mark}"
    rng = random.Random(seed)
    middle = [_word(rng) for _ in range(rng.randint(2, largest))]
    return " ".join([rng.choice(WORDS).title(), *middle, mark])


def _sentence(seeds: list[int], mark: str, quoted: bool) -> str:
    text = " ".join(phrase(seed, mark, 12) + "." for seed in seeds)
    return f"“Fast,” they say. {text} I say “slow.”" if quoted else text


def phrases(mark: str, largest: int = 8) -> st.SearchStrategy[str]:
    """Texts of a few words without a full stop, which always begin and end like a phrase.

    Every text of a record has its own `mark`, so that no two of them are equal by chance.
    """
    return SEEDS.map(lambda seed: phrase(seed, mark, largest))


def sentences(mark: str) -> st.SearchStrategy[str]:
    """A text of one to three sentences; some begin and end with a curly-quoted word."""
    quoted = st.sampled_from([False, False, True])
    return st.builds(_sentence, st.lists(SEEDS, min_size=1, max_size=3), st.just(mark), quoted)


def texts(mark: str, paragraphs: int) -> st.SearchStrategy[str]:
    """A text of up to so many paragraphs, parted by an empty line."""
    each = [sentences(f"{mark} {number}") for number in range(1, paragraphs + 1)]
    return st.tuples(st.integers(1, paragraphs), *each).map(lambda found: "\n\n".join(found[1:][: found[0]]))


PLAIN_WORDS = st.sampled_from(WORDS)
PLAIN_NAMES = st.builds(
    lambda words, version: " ".join([*(word.title() for word in words), *version]),
    st.lists(PLAIN_WORDS, min_size=1, max_size=3),
    st.sampled_from([[], ["2"], ["v2"], ["4B", "Edge"], ["(22B)"], ["(Apache 2.0)"], ["(kestrel)"]]),
)
TRAP_NAMES = st.sampled_from(
    [
        "ml-orchard",
        "Ledger 4 API: Tool Use & Prompt Caching",
        "Quill & Ink",
        "Route 1–9",
        "Skills (wren)",
        "Heron (Open Weights)",
        "100% Human",
        "7",
        "🦊 Foxglove",
        "C++ Pilot",
        "“Quoted” Notes",
        "O'Hare",
        "The Builder's Bench",
        "Free Range",
        "Shipwright",
        "Panel ship yard",
        "Community Garden",
        "École",
        "日本語 Tutor",
        "<Tag>",
        "AT&T;",
    ]
)
VS_NAMES = st.sampled_from(["Man vs Machine", "Tabs vs Spaces vs Both", "A vs"])
NAMES = st.one_of(PLAIN_NAMES, PLAIN_NAMES, TRAP_NAMES)

CATEGORIES = st.sampled_from(
    [
        "Developer Tools",
        "Audio & Voice",
        "Voice & Audio",
        "Models",
        "AI Models",
        "Design & Creative",
        "Local AI / Distributed Inference",
        "Research",
        "productivity",
    ]
)
PRICES = st.one_of(
    st.sampled_from(
        [
            "Free / Open-source (Apache 2.0)",
            "Free",
            "Free tier; Pro from $20/mo",
            "Pay-per-token via the vendor's desk / Enterprise by mail",
            "€9 once – no 100% refund",
            "Open Source (MIT)",
            "Paid",
        ]
    ),
    phrases("price", 5),
)
ENTRIES = st.sampled_from(["Free", "Free", "Paid", "Paid", "$20/mo", "Freemium"])
SLUGS = st.lists(
    st.one_of(PLAIN_WORDS, st.text(string.ascii_lowercase + string.digits, min_size=1, max_size=5)),
    min_size=1,
    max_size=5,
).map(lambda parts: "-".join(part if part != "vs" else "versus" for part in parts))
