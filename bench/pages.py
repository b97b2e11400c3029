"""Comparison pages as a server-rendered React site sends them, made from invented tools.

What makes such a page dear to read is all here: long class lists, text nodes parted by ``<!-- -->``, icons in svg,
navigation and footer, the same cards twice (for phones and for desktops, one of them hidden by class), and the data
of the page once more as a payload in scripts. `usual_page` and `payload_page` are those that are measured.
"""

from __future__ import annotations

import json
import re
from html import escape
from typing import NamedTuple

from bench.texts import MadeReview, MadeTool, made_tool

SITE = "https://shiporskip.io"
CONTENT_TYPE = "text/html; charset=utf-8"

_CARD = (
    "group relative flex flex-col gap-4 rounded-2xl border border-zinc-200 bg-white p-6 shadow-sm transition-colors "
    "hover:border-zinc-300 dark:border-zinc-800 dark:bg-zinc-950"
)
_BADGE = (
    "inline-flex items-center gap-1 rounded-full bg-emerald-50 px-2.5 py-0.5 text-xs font-medium text-emerald-700 "
    "ring-1 ring-inset ring-emerald-600/20 dark:bg-emerald-500/10 dark:text-emerald-400"
)
_MUTED = "text-sm leading-6 text-zinc-500 dark:text-zinc-400"
_LINK = "inline-flex items-center gap-2 text-sm text-zinc-600 hover:text-zinc-950 dark:text-zinc-300"
_PATHS = (
    "M12 2 2 7l10 5 10-5-10-5Z",
    "m2 17 10 5 10-5",
    "M20 6 9 17l-5-5",
    "M3 12h4l3 8 4-16 3 8h4",
    "M16 21v-2a4 4 0 0 0-4-4H6a4 4 0 0 0-4 4v2",
)
_MENU = ("Compare", "Reviews", "Categories", "Reviewers", "News", "Guides", "Newsletter", "Submit a tool")
_FOOTER = {
    "Product": ("Browse comparisons", "All reviews", "Weekly digest", "Badges", "Changelog", "Status", "Roadmap"),
    "Categories": ("Developer tools", "Models", "Audio", "Creative work", "Research tools", "Agents", "Data work"),
    "Company": ("About us", "How we judge", "Press kit", "Contact us", "Careers", "Partners", "Brand"),
    "Legal": ("Privacy", "Terms", "Cookies", "Imprint", "Licences", "Accessibility", "Security"),
}


class MadePage(NamedTuple):
    """A page with the url that it was served under, and its two tools."""

    url: str
    body: bytes
    left: MadeTool
    right: MadeTool


def _icon(number: int) -> str:
    path = _PATHS[number % len(_PATHS)]
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" width="16" height="16" viewBox="0 0 24 24" fill="none" '
        'stroke="currentColor" stroke-width="2" stroke-linecap="round" aria-hidden="true" class="h-4 w-4 shrink-0">'
        f'<path d="{path}"></path><path d="M4 4h16"></path><circle cx="12" cy="{number % 24}" r="2"></circle></svg>'
    )


def _text(value: str) -> str:
    return escape(value, quote=False).replace("'", "&#x27;")


def _menu() -> str:
    links = "".join(
        f'<li class="relative"><a class="{_LINK}" href="/{name.lower().replace(" ", "-")}">{_icon(n)}'
        f"<span>{name}</span></a></li>"
        for n, name in enumerate(_MENU)
    )
    return (
        '<header class="sticky top-0 z-40 w-full border-b border-zinc-200 bg-white/80 backdrop-blur">'
        f'<nav class="mx-auto flex h-16 max-w-7xl items-center gap-6 px-4" aria-label="Main"><a class="{_LINK}" '
        f'href="/">{_icon(1)}<span class="font-semibold tracking-tight">Ship<!-- --> or <!-- -->Skip</span></a>'
        f'<ul class="hidden items-center gap-5 lg:flex">{links}</ul>'
        f'<ul class="flex flex-col gap-2 lg:hidden">{links}</ul>'
        f'<button type="button" class="{_LINK}" aria-label="Search">{_icon(2)}</button></nav></header>'
    )


def _footer() -> str:
    columns = []
    for number, (title, names) in enumerate(_FOOTER.items()):
        items = "".join(
            f'<li class="py-1"><a class="{_LINK}" href="/f/{n}"><span class="truncate">{name}</span></a></li>'
            for n, name in enumerate(names)
        )
        columns.append(
            f'<div class="flex flex-col gap-3"><div class="flex gap-2">{_icon(number)}<span class="text-sm '
            f'font-semibold">{title}</span></div><ul class="space-y-1">{items}</ul></div>'
        )
    words = "Invented pages. All opinions are the panel&#x27;s own."
    return (
        '<footer class="mt-24 border-t border-zinc-200 bg-zinc-50 dark:border-zinc-800 dark:bg-zinc-900"><div '
        f'class="mx-auto grid max-w-7xl grid-cols-2 gap-8 px-4 py-12 md:grid-cols-4">{"".join(columns)}</div>'
        f'<p class="{_MUTED}">© <!-- -->2026<!-- --> {words}</p></footer>'
    )


_HEADER_HTML, _FOOTER_HTML = _menu(), _footer()


def _slot(value: str, label: str, number: int) -> str:
    return (
        f'<div class="flex flex-col-reverse rounded-lg bg-zinc-50 p-3 text-center dark:bg-zinc-900"><div '
        f'class="flex justify-center gap-1">{_icon(number)}<span class="text-lg font-semibold tabular-nums">{value}'
        f'</span></div><div class="{_MUTED}">{label}</div></div>'
    )


def _card(tool: MadeTool) -> str:
    share = tool.community_pct
    dots = "".join(f'<span class="h-2 w-2 rounded-full bg-zinc-{300 + n}"></span>' for n in range(4))
    community = "—" if share is None else f"{share}<!-- -->%"
    return (
        f'<article class="{_CARD}"><div class="flex items-start gap-4"><div class="flex h-12 w-12 items-center '
        f'justify-center rounded-xl bg-zinc-100 text-lg font-semibold">{tool.name[0]}</div><div class="min-w-0 '
        f'flex-1"><p class="text-xs font-medium uppercase tracking-wide text-zinc-500">{_text(tool.category)}</p>'
        f'<h2 class="truncate text-xl font-semibold tracking-tight"><a class="hover:underline" '
        f'href="/tool/{tool.slug}">{_text(tool.name)}</a></h2><p class="{_MUTED}">{_text(tool.tagline)}</p></div>'
        f'</div><div class="{_BADGE}">{_icon(2)}<span>{tool.verdict}</span></div><div class="flex gap-1">{dots}</div>'
        f'<div class="grid grid-cols-3 gap-3">{_slot(f"{tool.ship_pct}<!-- -->%", "Panel ship", 3)}'
        f"{_slot(community, 'Community', 4)}{_slot(tool.entry, 'Entry', 5)}</div>"
        f'<p class="text-base leading-7 text-zinc-700 dark:text-zinc-300">{_text(tool.description)}</p></article>'
    )


def _decision(left: MadeTool, right: MadeTool) -> str:
    cells = [
        ("Panel verdict", _panel(left), _panel(right)),
        ("Community", _votes(left), _votes(right)),
        ("Pricing", _text(left.pricing), _text(right.pricing)),
        ("Best for", _text(left.best_for), _text(right.best_for)),
        ("Category", _text(left.category), _text(right.category)),
    ]
    rows = "".join(
        f'<tr class="border-b border-zinc-100 last:border-0"><th scope="row" class="w-40 py-3 pr-4 text-left text-sm '
        f'font-medium">{label}</th><td class="py-3 pr-4 align-top {_MUTED}">{one}</td>'
        f'<td class="py-3 pr-4 align-top {_MUTED}">{two}</td></tr>'
        for label, one, two in cells
    )
    heads = "".join(f'<th scope="col" class="py-3 pr-4 text-left">{_text(t.name)}</th>' for t in (left, right))
    return (
        '<section class="mt-16 overflow-x-auto rounded-2xl border border-zinc-200 p-6"><table class="w-full '
        f'table-fixed border-collapse"><thead><tr><th scope="col" class="w-40 py-3 text-left">Decision</th>{heads}'
        f"</tr></thead><tbody>{rows}</tbody></table></section>"
    )


def _panel(tool: MadeTool) -> str:
    return f"{tool.verdict} · {tool.ships}<!-- --> ship / <!-- -->{tool.skips}<!-- --> skip"


def _votes(tool: MadeTool) -> str:
    if tool.community is None:
        return "No community votes yet"
    ships, votes = tool.community
    return f"{tool.community_pct}<!-- -->% Ship (<!-- -->{ships}<!-- --> / <!-- -->{votes}<!-- -->)"


def _review(review: MadeReview) -> str:
    bars = "".join(f'<i class="h-1 w-4 rounded bg-zinc-{200 + 100 * (n < review.score // 10)}"></i>' for n in range(10))
    quote = _text(review.quote)
    quote = re.sub("`([^`]+)`", r'<code class="rounded bg-zinc-100 px-1 font-mono text-[0.85em]">`\1`</code>', quote)
    return (
        f'<div class="rounded-xl border border-zinc-100 bg-white p-5 dark:border-zinc-800"><div class="mb-3 flex '
        f'items-center gap-3"><div class="{_BADGE}">{review.score}<!-- -->/100 · <!-- -->{review.verdict}</div>'
        f'<div class="flex gap-0.5">{bars}</div></div><p class="text-sm leading-6 text-zinc-700">{quote}</p></div>'
    )


def _scorecard(left: MadeTool, right: MadeTool) -> str:
    rows = "".join(
        f'<div class="space-y-4 border-t border-zinc-200 py-8"><div class="flex items-center gap-3"><div class="flex '
        f'h-9 w-9 items-center justify-center rounded-full bg-indigo-50">{_icon(number)}</div><h3 class="text-base '
        f'font-semibold">{one.persona}</h3></div><div class="grid gap-6 md:grid-cols-2">{_review(one)}{_review(two)}'
        "</div></div>"
        for number, (one, two) in enumerate(zip(left.reviews, right.reviews, strict=True))
    )
    return (
        '<section class="mt-16"><h2 class="text-2xl font-semibold tracking-tight">Reviewer scorecard</h2>'
        f"{rows}</section>"
    )


_TAIL = (
    '<section class="mt-24 rounded-2xl bg-zinc-950 px-6 py-12 text-white"><h2 class="text-2xl font-semibold">Weekly AI '
    'Tool Verdicts</h2><p class="mt-2 text-zinc-300">Get the next comparison in your inbox</p><p class="mt-1 text-sm">'
    "New AI tools ship daily. We compare them before you waste an afternoon.</p>"
    '<form class="mt-6 flex gap-3"><input type="email" placeholder="you@invented.example" class="flex-1 rounded-lg">'
    f'<button type="submit" class="{_LINK}" aria-label="Subscribe">{_icon(0)}</button></form></section>'
    '<aside class="mt-16"><h2 class="text-lg font-semibold">Bookmarks</h2><div class="space-y-2"><p>Loading '
    "bookmarks...</p><p>No bookmarks yet</p><p>Bookmark tools to save them for later</p></div></aside>"
)


def _head(title: str) -> str:
    chunks = "".join(
        f'<link rel="preload" as="script" href="/_next/static/chunks/{n:04x}-{n * 7919:08x}.js" fetchpriority="low">'
        for n in range(12)
    )
    tags = "".join(f'<meta property="og:p{n}" content="{title}">' for n in range(10))
    return (
        f'<head><meta charSet="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">{chunks}'
        f"<title>{title} | Ship or Skip</title>{tags}"
        '<link rel="stylesheet" href="/_next/static/css/1f0c8b5a2e.css" data-precedence="next"></head>'
    )


def _push(data: object) -> str:
    """A piece of payload, as Next.js streams it: JSON in a string in a script."""
    flight = json.dumps(data, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c")
    return f"<script>self.__next_f.push([1,{json.dumps('7:' + flight, ensure_ascii=False)}])</script>"


def _facts(tool: MadeTool) -> dict[str, object]:
    reviews = [
        {"persona": each.persona, "score": each.score, "verdict": each.verdict, "text": each.quote}
        for each in tool.reviews
    ]
    names = ("slug", "name", "category", "tagline", "description", "entry", "pricing", "best_for", "ship_pct")
    return {name: getattr(tool, name) for name in names} | {"reviews": reviews}


def made_page(left: MadeTool, right: MadeTool, *, payload: int = 0) -> MadePage:
    """The page that compares two tools; `payload` adds at least so many bytes of other tools' data in scripts."""
    left, right = sorted((left, right), key=lambda tool: tool.slug)
    title = f"{_text(left.name)} vs {_text(right.name)}"
    cards, decision = _card(left) + _card(right), _decision(left, right)
    scripts = [_push(["$", "main", None, {"left": _facts(left), "right": _facts(right)}])]
    size, number = 0, 1_000_000
    while size < payload:
        scripts.append(_push(["$", "related", None, [_facts(made_tool(number)), _facts(made_tool(number + 1))]]))
        size += len(scripts[-1].encode())
        number += 2
    html = (
        f'<!DOCTYPE html><html lang="en" class="scroll-smooth antialiased">{_head(title)}'
        f'<body class="min-h-screen bg-white font-sans text-zinc-950 dark:bg-zinc-950 dark:text-zinc-50">{_HEADER_HTML}'
        '<main class="mx-auto max-w-7xl px-4 py-12 sm:px-6 lg:px-8"><nav aria-label="Breadcrumb" class="mb-8 flex '
        f'gap-2"><a class="{_LINK}" href="/compare">Compare</a><span>/</span><span>{title}</span></nav>'
        f'<p class="{_MUTED}">AI tool comparison</p><h1 class="text-4xl font-bold tracking-tight">{_text(left.name)}'
        f'<!-- --> vs <!-- -->{_text(right.name)}</h1><p class="{_MUTED}">Two tools, one panel: how the critics split '
        f'and how the readers voted.</p><div class="mt-12 hidden gap-8 md:grid md:grid-cols-2">{cards}</div>'
        f'<div class="mt-8 space-y-6 md:hidden">{cards}</div><div class="hidden lg:block">{decision}</div>'
        f'<div class="overflow-x-auto lg:hidden">{decision}</div>{_scorecard(left, right)}{_TAIL}'
        f"</main>{_FOOTER_HTML}"
        '<script src="/_next/static/chunks/webpack-3f1a.js" async=""></script>'
        f"<script>(self.__next_f=self.__next_f||[]).push([0])</script>{''.join(scripts)}</body></html>"
    )
    return MadePage(f"{SITE}/compare/{left.slug}-vs-{right.slug}", html.encode(), left, right)


def usual_page() -> MadePage:
    """The page that is measured: some 60 KB, a third of it or less in scripts."""
    return made_page(made_tool(11), made_tool(12))


def payload_page() -> MadePage:
    """A page that is mostly script: some 300 KB, four fifths of it payload."""
    return made_page(made_tool(11), made_tool(12), payload=230_000)


class PageFacts(NamedTuple):
    """What a page is made of."""

    size: int
    elements: int
    script_share: float


_SCRIPT = re.compile(rb"<script.*?</script>", re.DOTALL)
_START = re.compile(rb"<[a-zA-Z]")


def facts_of(body: bytes) -> PageFacts:
    """Count the bytes, the elements, and the share of scripts of a made page."""
    scripts = _SCRIPT.findall(body)
    elements = len(_START.findall(_SCRIPT.sub(b"", body))) + len(scripts)
    return PageFacts(len(body), elements, sum(map(len, scripts)) / len(body))
