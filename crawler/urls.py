"""Rules about the URLs of comparison sites: the canonical form, the kind of page, and the slugs in them.

All rules about URLs are here. All URLs of one page have the same canonical form: https (loopback hosts keep their
scheme), lower-case host without ``www.``, no default port, no fragment, no trailing slash, the pair of a comparison in
plain string order, and no query parameters except those that select the page (the category of a reviewer, the page
number of a list; sitemaps and pages of an unknown kind keep theirs). Which tool is on which side follows from the URL
that answered, never from the canonical one.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple
from urllib.parse import SplitResult, parse_qs, quote_plus, unquote, urlsplit, urlunsplit

from w3lib.url import canonicalize_url

from crawler.sites import Site, loaded

FIRST_SOURCE = "shiporskip"
"""The source whose listing ids are the slug alone."""

HOSTS = {"shiporskip.io": FIRST_SOURCE}
"""Hosts (without ``www.``) of sources with a name. Any other host is a source named after itself."""

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
"""Patterns of paths for each kind of page; the first match wins."""

KIND_ANYWHERE = KIND_OF_PATH[:4]
"""The kinds that have the same path on any site."""


PAGED = frozenset({"index", "category"})
"""Kinds whose lists can continue at ``?page=2`` and so on (up to 999, so that an endless list ends)."""


class Pair(NamedTuple):
    """The slugs of a comparison, in the order of the URL."""

    left: str
    right: str


@lru_cache(maxsize=256)
def parts_of(url: str) -> SplitResult | None:
    """Return the parts of an absolute http(s) URL, or None."""
    try:
        parts = urlsplit(url.strip())
        parts.port  # noqa: B018  (raises ValueError if the port is not a number)
    except ValueError:
        return None
    return parts if parts.scheme in DEFAULT_PORTS and parts.hostname else None


def _host(parts: SplitResult) -> str:
    host = (parts.hostname or "").removeprefix("www.")
    host = f"[{host}]" if ":" in host else host
    port = parts.port
    return host if port in (None, *DEFAULT_PORTS.values()) else f"{host}:{port}"


def site_of(url: str | None) -> Site | None:
    """Return the site that claims the host of `url`; None means that the default rules below apply."""
    sites = loaded()
    if sites is None or not url:
        return None
    parts = parts_of(url)
    return sites.at(_host(parts)) if parts is not None else None


def is_loopback(host: str) -> bool:
    """Return whether `host` (without port) is this machine."""
    return host == "localhost" or host == "::1" or re.fullmatch(r"127(\.\d{1,3}){3}", host) is not None


@lru_cache(maxsize=256)
def kind_of(url: str | None) -> str | None:
    """Return the kind of page by the path of `url`, or None if it is unknown."""
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
    """Return the parts called `names` from the URL of a page of `kind` on `site`, or None."""
    parts = parts_of(url)
    named = site.named(parts.path) if parts is not None else None
    return named.parts(*names) if named is not None and named.kind == kind else None


@lru_cache(maxsize=256)
def pair_of(url: str | None) -> Pair | None:
    """Return the slugs of a comparison URL, left then right, or None.

    None means that the sides are uncertain: `url` is not a comparison, doesn't contain ``-vs-`` exactly once, or has a
    side that is not a slug.
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
    """Return the subject of a URL of `kind`: the group `name` in a site's patterns."""
    if not url:
        return None
    site = site_of(url)
    if site is None:
        return _last_segment(url, kind)
    found = _by_site(site, url, kind, name)
    return found[0] if found else None


@lru_cache(maxsize=256)
def slug_of(url: str | None) -> str | None:
    """Return the slug of a tool URL, or None."""
    slug = _slug(url, "tool", "slug")
    return slug if slug and SLUG.fullmatch(slug) else None


def slug_of_path(link: str) -> str | None:
    """Return the slug of a relative or absolute link to a tool page, or None."""
    return slug_of(link) or slug_of(f"https://site.invalid{link}")


def persona_of(url: str | None) -> str | None:
    """Return the critic of a reviewer URL, or None."""
    slug = _slug(url, "reviewer", "persona")
    return slug.lower() if slug and SLUG.fullmatch(slug.lower()) else None


@lru_cache(maxsize=4096)
def canonical_url(url: str) -> str:
    """Return the canonical form of `url`, which all captures of the page share.

    A URL that is not absolute http(s) is only stripped of white space. The function is idempotent:
    ``canonical_url(canonical_url(u)) == canonical_url(u)``.
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
    """Return the canonical form of a URL of `site`; `start` is its canonical scheme, host and path."""
    scheme, host, path = start
    bare = urlunsplit((scheme, host, site.in_order(path), "", ""))
    if kind_of(bare) is not None:
        given = parse_qs(query)
        chosen = [(name, given[name][0]) for name in site.query if name in given]
        query = "&".join(f"{quote_plus(name)}={quote_plus(value)}" for name, value in chosen)
    return canonicalize_url(f"{bare}?{query}" if query else bare)


@lru_cache(maxsize=256)
def source_of(url: str | None) -> str:
    """Return the source (site) of `url`; text without a URL belongs to the first source."""
    parts = parts_of(url) if url else None
    if parts is None:
        return FIRST_SOURCE
    host = _host(parts)
    sites = loaded()
    claimed = sites.source_at(host) if sites is not None else None
    return claimed or HOSTS.get(host, host)


def listing_id(source: str, slug: str) -> str:
    """Return the id of the listing `slug` of `source`."""
    return slug if source == FIRST_SOURCE else f"{source}:{slug}"


def slug_in(listing: str) -> str:
    """Return the slug in a listing id."""
    return listing.rsplit(":", 1)[-1]
