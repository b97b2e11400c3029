"""Urls of comparison sites: their canonical form, what kind of page they name, and the slugs in them.

Every rule about urls lives here. Two urls of the same page have one canonical form: https (loopback hosts
keep their scheme), lower-case host without ``www.``, no default port, no fragment, no trailing slash, the
pair of a comparison in plain string order, and no query but the one that chooses the page (a reviewer's
category, the number of a list's page; sitemaps and pages of an unknown kind keep theirs). Which tool stands on which
side is told by the url as answered, never by the canonical one.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple
from urllib.parse import SplitResult, parse_qs, quote_plus, unquote, urlsplit, urlunsplit

from w3lib.url import canonicalize_url

from crawler.sites import Site, loaded

FIRST_SOURCE = "shiporskip"
"""The source whose listings are named by their bare slug."""

HOSTS = {"shiporskip.io": FIRST_SOURCE}
"""Hosts (without ``www.``) of the sources that have a name. Any other host is its own name."""

DEFAULT_PORTS = {"http": 80, "https": 443}
SLUG = re.compile(r"[a-z0-9](?:[a-z0-9._~-]*[a-z0-9])?", re.ASCII)

KIND_OF_PATH = (
    ("home", re.compile(r"/?")),
    ("robots", re.compile(r"/robots\.txt")),
    ("sitemap", re.compile(r"/(?:[^/]*+/)*+(?=[^/]*sitemap)[^/]*\.xml(?:\.gz)?")),
    ("sitemap", re.compile(r"/(?:.*/)?sitemaps?/[^/]+\.xml(?:\.gz)?")),
    ("compare", re.compile(r"/compare/[^/]+")),
    ("tool", re.compile(r"/tool/[^/]+")),
    ("reviewer", re.compile(r"/reviewer/[^/]+")),
    ("news", re.compile(r"/news(?:/.*)?")),
    ("badge", re.compile(r"/api/badge(?:-click)?/.*")),
    ("embed", re.compile(r"/embed/.*")),
    ("category", re.compile(r"/(?:category|categories)(?:/.*)?")),
    ("guide", re.compile(r"/(?:guide|guides|blog|learn)(?:/.*)?")),
    ("index", re.compile(r"/(?:compare|comparisons|tool|tools|reviewer|reviewers|panel)")),
)
"""The kinds of page that a path names, tried from the top."""

KIND_ANYWHERE = KIND_OF_PATH[:4]
"""Those that stand at the same paths on any site."""


PAGED = frozenset({"index", "category"})
"""Kinds whose lists may go on at ``?page=2`` and so on (up to 999, lest a list without end leads on for ever)."""


class Pair(NamedTuple):
    """The slugs of a comparison, in the order in which the url gives them."""

    left: str
    right: str


@lru_cache(maxsize=256)
def parts_of(url: str) -> SplitResult | None:
    """The parts of an absolute http(s) url, or None where `url` is not one."""
    try:
        parts = urlsplit(url.strip())
        parts.port  # noqa: B018  (raises ValueError where the port is not a number)
    except ValueError:
        return None
    return parts if parts.scheme in DEFAULT_PORTS and parts.hostname else None


def _host(parts: SplitResult) -> str:
    host = (parts.hostname or "").removeprefix("www.")
    host = f"[{host}]" if ":" in host else host
    port = parts.port
    return host if port in (None, *DEFAULT_PORTS.values()) else f"{host}:{port}"


def site_of(url: str | None) -> Site | None:
    """The site that claims the host of `url`; None where none does, and the rules below hold."""
    sites = loaded()
    if sites is None or not url:
        return None
    parts = parts_of(url)
    return sites.at(_host(parts)) if parts is not None else None


def is_loopback(host: str) -> bool:
    """Whether `host` (without port) names this machine."""
    return host == "localhost" or host == "::1" or re.fullmatch(r"127(\.\d{1,3}){3}", host) is not None


@lru_cache(maxsize=256)
def kind_of(url: str | None) -> str | None:
    """The kind of page that `url` names by its path, or None where it names none that is known."""
    parts = parts_of(url) if url else None
    if parts is None:
        return None
    path = parts.path.rstrip("/") or "/"
    site = site_of(url)
    named = site.named(path) if site is not None else None
    if named is not None:
        return named.kind
    kinds = KIND_OF_PATH if site is None else KIND_ANYWHERE
    return next((kind for kind, pattern in kinds if pattern.fullmatch(path)), None)


def _last_segment(url: str, kind: str) -> str | None:
    parts = parts_of(url)
    if parts is None or kind_of(url) != kind:
        return None
    return unquote(parts.path.rstrip("/").rsplit("/", 1)[-1])


def _by_site(site: Site, url: str, kind: str, *names: str) -> list[str] | None:
    """The parts called `names` of the url of a page of `kind` on `site`, or None."""
    parts = parts_of(url)
    named = site.named(parts.path) if parts is not None else None
    return named.parts(*names) if named is not None and named.kind == kind else None


@lru_cache(maxsize=256)
def pair_of(url: str | None) -> Pair | None:
    """The slugs of a comparison url, left then right, or None.

    None where `url` is no comparison, or ``-vs-`` does not stand in it exactly once, or a side is not a
    slug: which tool is which is then not known for sure.
    """
    site = site_of(url)
    if site is not None:
        sides = _by_site(site, url or "", "compare", "left", "right")
    else:
        slug = _last_segment(url, "compare") if url else None
        sides = slug.split("-vs-") if slug is not None else None
    if sides is None or len(sides) != 2:
        return None
    left, right = sides
    return Pair(left, right) if SLUG.fullmatch(left) and SLUG.fullmatch(right) else None


def _slug(url: str | None, kind: str, name: str) -> str | None:
    """What a url of `kind` is about, which a site's patterns call `name`."""
    if not url:
        return None
    site = site_of(url)
    if site is None:
        return _last_segment(url, kind)
    found = _by_site(site, url, kind, name)
    return found[0] if found else None


@lru_cache(maxsize=256)
def slug_of(url: str | None) -> str | None:
    """The slug of a tool url, or None."""
    slug = _slug(url, "tool", "slug")
    return slug if slug and SLUG.fullmatch(slug) else None


def slug_of_path(link: str) -> str | None:
    """The slug of a link to a tool page, given as a path or in full, or None."""
    return slug_of(link) or slug_of(f"https://site.invalid{link}")


def persona_of(url: str | None) -> str | None:
    """The persona of a reviewer url, or None."""
    slug = _slug(url, "reviewer", "persona")
    return slug.lower() if slug and SLUG.fullmatch(slug.lower()) else None


@lru_cache(maxsize=4096)
def canonical_url(url: str) -> str:
    """The one form of `url` under which its captures are kept together.

    A url that is not absolute http(s) comes back stripped of white space, otherwise unchanged. The result is
    a fixed point: ``canonical_url(canonical_url(u)) == canonical_url(u)``.
    """
    parts = parts_of(url)
    if parts is None:
        return url.strip()
    scheme = parts.scheme if is_loopback((parts.hostname or "").removeprefix("www.")) else "https"
    path = re.sub(r"/{2,}", "/", parts.path).rstrip("/") or "/"
    site = site_of(url)
    if site is not None:
        return _canonical_at(site, (scheme, site.home(_host(parts)), path), parts.query)
    bare = urlunsplit((scheme, _host(parts), path, "", ""))
    kind = kind_of(bare)
    query = parts.query
    if kind == "reviewer":
        category = parse_qs(query).get("category", [""])[0].strip()
        query = f"category={quote_plus(category)}" if category else ""
    elif kind in PAGED:
        page = parse_qs(query).get("page", [""])[0].strip()
        query = f"page={int(page)}" if re.fullmatch(r"\d{1,3}", page, re.ASCII) and int(page) > 1 else ""
    elif kind not in (None, "sitemap"):
        query = ""
    pair = pair_of(bare)
    if pair is not None and pair.right < pair.left:
        bare = bare[: bare.rindex("/") + 1] + f"{pair.right}-vs-{pair.left}"
    if kind == "reviewer":
        return canonicalize_url(bare) + (f"?{query}" if query else "")
    return canonicalize_url(f"{bare}?{query}" if query else bare)


def _canonical_at(site: Site, start: tuple[str, str, str], query: str) -> str:
    """The canonical form of a url of `site`: `start` is its scheme, host and path, each in canonical form."""
    scheme, host, path = start
    bare = urlunsplit((scheme, host, site.in_order(path), "", ""))
    if kind_of(bare) is not None:
        given = parse_qs(query)
        chosen = [(name, given[name][0]) for name in site.query if name in given]
        query = "&".join(f"{quote_plus(name)}={quote_plus(value)}" for name, value in chosen)
    return canonicalize_url(f"{bare}?{query}" if query else bare)


@lru_cache(maxsize=256)
def source_of(url: str | None) -> str:
    """The source (site) that `url` belongs to; text that came without a url is the first source's."""
    parts = parts_of(url) if url else None
    if parts is None:
        return FIRST_SOURCE
    host = _host(parts)
    sites = loaded()
    claimed = sites.source_at(host) if sites is not None else None
    return claimed or HOSTS.get(host, host)


def listing_id(source: str, slug: str) -> str:
    """The id of the listing that `source` calls `slug`."""
    return slug if source == FIRST_SOURCE else f"{source}:{slug}"


def slug_in(listing: str) -> str:
    """The bare slug in a listing id."""
    return listing.rsplit(":", 1)[-1]
