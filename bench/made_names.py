"""Names of made-up tools, as many as wanted, from a seed: what a great directory of AI tools might list.

About two in five are models (a family with version, size, edition, form, date), the others are products, of invented or
everyday words. A tool has one listing or several, each spelled in its own way, as sites do.
"""

from __future__ import annotations

import random
from collections.abc import Iterator

START = "b br c cr d dr f fl g gl h j k kl l m n p pl qu r s sk sp st t tr v w z".split()
MIDDLE = "a e i o u ai ea io ou".split()
CLOSE = "b ck d ft g l lm m n nd nt p r rk rt s sh st t v x".split()
LAST = "a er ia ify io ix ly o on or um y".split()
PLAIN = """agent art atlas beam board book bridge byte canvas chat clip cloud code craft crew deck desk draft echo field
flow forge frame garden graph grid guide harbor hive ink island lamp lens light loop map mate mind mirror nest node note
notes orbit page paper path pilot pixel plan point prompt pulse quill reader relay river room route scout script search
shelf signal sketch slate space spark stack stage stone story stream studio summit table tale thread tide tower trace
track vault video view vista voice wave web wing wire word work writer yard""".split()
MAKERS = ("Google", "Microsoft", "Adobe", "NVIDIA", "Tencent", "Notion", "Alibaba", "Hugging Face", "Mistral AI", "IBM")
EDITIONS = (
    "Pro",
    "Mini",
    "Flash",
    "Flash Lite",
    "Turbo",
    "Coder",
    "Vision",
    "Max",
    "Lite",
    "Ultra",
    "Nano",
    "Thinking",
)
FORMS = ("Instruct", "Chat", "Preview", "Base", "Beta")
PLAIN_FORMS = ("", "", "", " AI", " App", " Agents", " Studio", " CLI", " Pro", " for Teams", " 2.0", " v3")
SIZES = ("1B", "3B", "4B", "7B", "8B", "12B", "14B", "24B", "27B", "32B", "70B", "72B", "8x7B", "30B-A3B", "235B-A22B")
NOTES = ("", "", "", "", "", "", " (free)", " (Apache 2.0)", " (Open Weights)", " FP8")


def _word(rng: random.Random) -> str:
    parts = [rng.choice(START) + rng.choice(MIDDLE)]
    if rng.random() < 0.6:
        parts.append(rng.choice(CLOSE) + rng.choice(MIDDLE))
    parts.append(rng.choice(CLOSE) if rng.random() < 0.5 else rng.choice(CLOSE) + rng.choice(LAST))
    return "".join(parts).capitalize()


def _version(rng: random.Random) -> str:
    return f"{rng.randint(1, 6)}" if rng.random() < 0.4 else f"{rng.randint(1, 6)}.{rng.randint(0, 9)}"


def _model(rng: random.Random, families: list[str]) -> str:
    name = families[int(len(families) * rng.random() ** 2)]
    if rng.random() < 0.9:
        name += f" {_version(rng)}"
    if rng.random() < 0.5:
        name += f" {rng.choice(EDITIONS)}"
    if rng.random() < 0.4:
        name += f" {rng.choice(SIZES)}"
    if rng.random() < 0.25:
        name += f" {rng.choice(FORMS)}"
    if rng.random() < 0.1:
        name += f" {rng.randint(23, 26)}{rng.randint(1, 12):02}"
    return name


def _product(rng: random.Random) -> str:
    kind = rng.random()
    if kind < 0.5:
        name = _word(rng)
    elif kind < 0.8:
        name = f"{_word(rng)} {rng.choice(PLAIN).capitalize()}"
    else:
        name = f"{rng.choice(PLAIN).capitalize()} {rng.choice(PLAIN).capitalize()}"
    return name + rng.choice(PLAIN_FORMS)


def _spelled(name: str, rng: random.Random) -> str:
    """The name, as one more site writes it."""
    how = rng.random()
    if how < 0.3:
        name = name.lower().replace(" ", "-")
    elif how < 0.45:
        name = name.replace(" ", "-")
    elif how < 0.55:
        name = name.upper()
    elif how < 0.6:
        name = name.replace(" ", "", 1)
    elif how < 0.65:
        place = rng.randrange(len(name))
        name = name[:place] + name[place + 1 :]
    elif how < 0.72:
        name = f"{rng.choice(MAKERS)} {name}"
    return name + rng.choice(NOTES)


def made_names(count: int, seed: int = 7) -> Iterator[str]:
    """So many names of listings, in a mixed order, always the same for a seed and a count."""
    rng = random.Random(seed)
    families = [_word(rng) for _ in range(max(20, count // 500))]
    names: list[str] = []
    while len(names) < count:
        name = _model(rng, families) if rng.random() < 0.4 else _product(rng)
        names.append(name)
        for _ in range(min(30, int(rng.paretovariate(1.2)) - 1)):
            names.append(_spelled(name, rng))
    del names[count:]
    rng.shuffle(names)
    return iter(names)
