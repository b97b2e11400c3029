"""Invented texts: names, taglines, descriptions, prices and reviews, each from the caller's random generator.

None of these tools, makers or opinions exists anywhere else. The texts contain things that are hard to read (code,
money, percentages, dashes, straight quotes), but never a text that is only a label.
"""

from __future__ import annotations

import random
import re

PERSONAS = ("builder", "skeptic", "founder", "futurist", "creator")
"""The critics: all names that the page reader knows (`crawler.pages.labels`); other names would be reported."""

KINDS = {
    "Developer Tools": ("log reader", "test runner", "merge helper", "schema linter", "release clerk"),
    "Audio & Voice": ("voice notebook", "podcast cutter", "call listener", "noise sweeper"),
    "Voice & Audio": ("speech studio", "dubbing desk", "choir tuner", "meeting recorder"),
    "Models": ("small language model", "vision model", "code model", "speech model"),
    "AI Models": ("open weights release", "reasoning model", "embedding model"),
    "Design & Creative": ("poster maker", "icon drawer", "storyboard sketcher", "font matcher"),
    "Local AI / Distributed Inference": ("laptop runtime", "model router", "home cluster", "weight cache"),
    "Research": ("paper finder", "citation checker", "survey reader", "lab notebook"),
    "Productivity": ("inbox sorter", "calendar keeper", "form filler", "minutes writer"),
}
"""Kinds of tools by category. Two pairs of categories mean the same, as on real sites."""

CATEGORIES = tuple(KINDS)

_ROOTS = (
    "Amberlin Brackwold Cindral Dunmarrow Ellingray Fennock Garrowby Hollinthwaite Ivorel Jessamond Kelpford Larkspan"
    " Mossgarth Nettlewick Ottermere Pellwick Quarrenby Rushbeck Saltcote Tarnhow Umberley Vexholme Wharrow Yarrowmoor"
    " Zephrane Askerby Birkshaw Coldrigg Drumlow Eskmere Foxhale Grisedown Hawkrill Inglebeck Jarrowset Knapwell"
    " Lowthwick Marrowdale Nunwick Oxholt Pikestead Quernby Ravenscar Skelbeck Thornrigg Ulfstead Viewthorpe Wrayholt"
).split()
_SIZES = ("3B", "7B", "22B", "2.0", "4", "v3")
_ENDS = ("(Open Weights)", "(Apache 2.0)", "(wren)", "– Field Edition", "& Co.", "API: Routing & Caching", "Lite")

_DOES = "Sorts Reads Drafts Checks Cuts Finds Keeps Matches Rewrites Explains Merges Watches".split()
_WHAT = (
    "crash logs", "old invoices", "long calls", "half-written specs", "field notes", "flaky tests", "footnotes",
    "camera rolls", "pull requests", "meeting minutes", "song sketches", "support mail", "lab results", "road maps",
)  # fmt: skip
_HOW = (
    "before the pager rings", "without leaving the laptop", "while you make tea", "and says what it skipped",
    "in plain words", "for teams of three", "at 2 a.m. if it must", "with a reason for each line", "byte for byte",
    "and never guesses", "on hardware you already own", "so that nobody has to",
)  # fmt: skip
_WHO = (
    "One-person firms", "Small teams", "People on call", "Editors with deadlines", "Labs without a budget",
    "Schools", "Anyone with a drawer full of receipts", "Studios", "Teams that review before they merge",
)  # fmt: skip
_WHY = (
    "who are tired of tabs", "that keep their data at home", "with more logs than patience", "on a fixed budget",
    "who want a second reader", "that ship on Fridays", "who count every token",
)  # fmt: skip

_ABOUT = (
    "{name} is a {kind} that works on {what} {how}.",
    "It starts in {few} seconds and needs no account.",
    "What it can't place it lists, with the line it came from, and it stops there.",
    "The free tier covers {many} files a month; 100% of them stay on your disk.",
    "Rules are lines of text, e.g. `keep {what}`, and a dry run shows what they would do.",
    "A small daemon keeps the last {few} results warm between runs.",
    "It exports to four common formats — none of them its own.",
    "Teams share one index; each person sees only what they may see.",
)
_SAID: dict[str, tuple[str, ...]] = {
    "builder": (
        "I ran `{root} --dry-run` over {many} {what} and it took {few} minutes on a plain laptop.",
        "The config is one file, and the file is short enough to review.",
        "Errors name the line; that alone saved me {few} evenings.",
        "There is no SDK to learn: it reads stdin & writes stdout.",
        "Version {few}.{few2} broke my cache once, and the fix was out the same day.",
        "I would like a flag for retries > {few}; today it is hard-coded.",
        "The tests in the repository pass, which I mention because I looked.",
    ),
    "skeptic": (
        "The front page says 100%; in my sample it was {pct}%, which is good and not the same.",
        "It fails on {what} with mixed encodings, and fails quietly.",
        "I asked for the list of limits and got a page with {few} of them — more than most give.",
        "Nothing here stops a rival from shipping this as a checkbox in {few} months.",
        "I pulled the cable to see what it sends; it sent nothing.",
        "Benchmarks without an axis are decoration, and there are {few} on the site.",
        "Take the free tier, keep your backups, decide in {few} weeks.",
    ),
    "founder": (
        "At ${money}/mo the buyer is a team lead with a card, which is the best buyer there is.",
        "The free part spreads by laptop, the paid part is bought by the company.",
        "Support will eat the margin at {many} customers unless they hire for it.",
        "I have seen {few} firms try this price, and two of them still live.",
        "The moat is the index: nobody throws away {few} years of sorted {what}.",
        'They call it a "platform", and I wish they would not.',
        "If a large vendor copies it, good manners are all that is left.",
    ),
    "futurist": (
        "By 20{late} this will be a feature of the operating system, and that is praise.",
        "The bet is that {what} are written by machines and read by machines; it is on time.",
        "What has to go right is that local chips get {few} times faster, which they do.",
        "A record that can forget changes what people dare to say.",
        "I give it {few} years until the file format outlives the firm.",
        "It stands on the right side of the line between helping and deciding.",
        "The trend is slow and sure, and {root} is a little early.",
    ),
    "creator": (
        "It draws badly on purpose, and I correct it gladly.",
        "The page is quiet: one question, one picture, no confetti.",
        "I made {few} posters with it in an hour; {few2} were mine by the end.",
        "Colours drift between versions, and a brand would notice.",
        "My hand stays in the work, which is all I ask of a {kind}.",
        "The type is set well, down to the dashes — somebody cared.",
        "I would hide half of the {few} panels and keep the other half for ever.",
    ),
}
"""Sentences of each critic. A review consists of some of them in some order."""

MOTTOS = {
    "builder": "If it does not run on my machine, it does not run.",
    "skeptic": "Show me where it breaks.",
    "founder": "Who pays, how often, and why again?",
    "futurist": "Late is a kind of wrong.",
    "creator": "Leave my fingerprints on it.",
}
BIOS = {
    "builder": "Installs first and reads later. Keeps a folder of config files that taught a lesson.",
    "skeptic": "Reads the limits page before the front page. Names the day a tool fails and who is paged.",
    "founder": "Counts seats, months and support tickets. Has sold two firms and closed a third.",
    "futurist": "Dates every claim and goes back to check. Wrong about phones, right about batteries.",
    "creator": "Draws, sets type and cuts film. Distrusts any tool that finishes a thought.",
}
LIKES = {
    "builder": ("Tools that read stdin", "Errors with line numbers", "One file of settings"),
    "skeptic": ("Failure lists written by the maker", "Prices that fit on one line"),
    "founder": ("Buyers with a card", "Plans that explain themselves", "Boring invoices"),
    "futurist": ("Claims with a date", "Formats that outlive firms"),
    "creator": ("Quiet pages", "Undo without end", "Paper beside the screen"),
}
HATES = {
    "builder": ("Installers with opinions", "Hidden daemons"),
    "skeptic": ("Charts without an axis", "Parity with a footnote", '"Just works" beside a waiting list'),
    "founder": ("Free for ever", "Seats that nobody sits on"),
    "futurist": ("Roadmaps without dates", "The word inevitable"),
    "creator": ("Purple gradients", "Robots with faces", "Styles named after the dead"),
}


def dice(*key: object) -> random.Random:
    """Return a random generator that gives the same results for the same key in every process."""
    return random.Random("/".join(map(str, key)))  # noqa: S311  (nothing here is secret)


def slugified(text: str) -> str:
    """Return `text` as part of a URL."""
    return "-".join(re.findall(r"[a-z0-9.]+", text.lower())).strip(".-")


def name_of(seed: int, number: int) -> str:
    """Return the name of the `number`-th tool: a root, sometimes with a size or an addition, or in lower case.

    Every ninth tool has the name of the previous one with another size: similar names, different tools.
    """
    near = number % 9 == 7
    name = _root(seed, number - near)
    own = dice(seed, "name", number)
    if near or number % 9 == 6:
        return f"{name} {_SIZES[near + 2 * own.randrange(len(_SIZES) // 2)]}"
    way = own.random()
    if way < 0.2:
        return f"{name} {own.choice(_SIZES)}"
    if way < 0.4:
        return f"{name} {own.choice(_ENDS)}"
    return name.lower() if way < 0.5 else name


def _root(seed: int, number: int) -> str:
    order = list(_ROOTS)
    dice(seed, "roots").shuffle(order)
    first, lap = order[number % len(order)], number // len(order)
    if lap == 0:
        return first
    name = f"{first} {order[(number * 7 + lap) % len(order)]}"
    return name if lap <= len(order) else f"{name} {lap}"


def other_spelling(thrown: random.Random, name: str) -> str:
    """Return the spelling of a tool's name in another listing."""
    return thrown.choice((f"Northlight {name}", f"{name}-preview", name, f"{name} Preview", f"{name} (22B)"))


def tagline(thrown: random.Random) -> str:
    """Return the line below the name."""
    return f"{thrown.choice(_DOES)} {thrown.choice(_WHAT)} {thrown.choice(_HOW)}"


def best_for(thrown: random.Random) -> str:
    """Return who the tool is best for."""
    return f"{thrown.choice(_WHO)} {thrown.choice(_WHY)}"


def pricing(thrown: random.Random) -> str:
    """Return the price, as free text."""
    money = thrown.randint(4, 90)
    return thrown.choice(
        (
            "Free / Source on request (BSD)",
            "Open source (MIT)",
            f"${money}/mo; free for one seat",
            f"Free up to {money} files a month; then €0.10 each",
            f"Pay-per-token / Team plan from ${money}/mo",
            f"${money} once – no 100% refund",
            "Free (for teaching only)",
        )
    )


def _slots(thrown: random.Random, name: str, kind: str) -> dict[str, object]:
    return {
        "name": name,
        "root": slugified(name).split("-")[0],
        "kind": kind,
        "what": thrown.choice(_WHAT),
        "how": thrown.choice(_HOW),
        "few": thrown.randint(2, 9),
        "few2": thrown.randint(2, 9),
        "many": thrown.randint(20, 900),
        "pct": thrown.randint(51, 97),
        "money": thrown.randint(5, 60),
        "late": thrown.randint(27, 39),
    }


def description(thrown: random.Random, name: str, kind: str) -> str:
    """Return some sentences about the tool, in one or two paragraphs."""
    sentences = [_ABOUT[0], *thrown.sample(_ABOUT[1:], thrown.randint(2, 4))]
    said = [sentence.format(**_slots(thrown, name, kind)) for sentence in sentences]
    middle = len(said) // 2 + 1
    if thrown.random() < 0.3:
        return " ".join(said[:middle]) + "\n\n" + " ".join(said[middle:])
    return " ".join(said)


def quote(thrown: random.Random, persona: str, name: str, kind: str) -> str:
    """Return what a critic says about the tool."""
    sentences = thrown.sample(_SAID[persona], thrown.randint(3, 5))
    return " ".join(sentence.format(**_slots(thrown, name, kind)) for sentence in sentences)
