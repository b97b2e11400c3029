"""Other comparison sites: each is one module, which says what the site's urls mean and reads its pages.

A site claims hosts. Whatever no site claims is read by the grammar that `crawler.urls` and `crawler.pages` hold
themselves. Sites come from installed packages (entry points of the group ``verdictlog.sites``) and, to try one out,
from the modules that the environment variable ``VERDICTLOG_SITES`` names. They are loaded once, when the first url is
looked at; a process that another one starts finds the same.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from importlib import import_module
from importlib.metadata import entry_points
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, NamedTuple, Protocol
from urllib.parse import unquote

if TYPE_CHECKING:
    from crawler.items import PageReading

GROUP = "verdictlog.sites"
VARIABLE = "VERDICTLOG_SITES"
ATTRIBUTE = "SITE"
"""What a module that is named without an attribute calls its site."""

_NAME = re.compile(r"[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?")
_HOST = re.compile(r"(?:[a-z0-9.-]+|\[[0-9a-f:]+\])(?::\d+)?")
_TRIAL = re.compile(r"(localhost|127(?:\.\d{1,3}){3}|\[::1\]):([\d*]+)")


class SiteError(Exception):
    """A site that can't be had. The text says which, why, and where it was named."""


class Reader(Protocol):
    """Reads one page: the same as `crawler.pages.read_page`, for one site."""

    def __call__(self, body: bytes, *, url: str | None, content_type: str | None) -> PageReading:
        """What the page says. `url` is the one that answered."""
        ...


class Named(NamedTuple):
    """What a path names: the kind of page, and where in the path the parts stand that name what it is about."""

    kind: str
    match: re.Match[str]

    def parts(self, *names: str) -> list[str] | None:
        """The parts of the path called `names`, None where its kind of page does not have them all."""
        found = self.match.groupdict()
        values = [found.get(name) for name in names]
        return [unquote(value) for value in values if value] if all(values) else None


@dataclass(frozen=True)
class Site:
    """A comparison site.

    `name` is the source whose listings these are. `hosts` are its hosts, without ``www.``: the first is the one that
    canonical urls have, others are other names of the same site. To try a site out, ``127.0.0.1:*`` claims every port
    of this machine; such a host stays a source of its own.

    `kinds` gives for each kind of page the pattern of its path (without a slash at its end), tried from the top. The
    kinds that hold data are ``compare``, ``tool`` and ``reviewer``; their patterns have groups for the slugs
    (``(?P<left>…)`` and ``(?P<right>…)``, ``(?P<slug>…)``, ``(?P<persona>…)``). Crawls also follow links to ``index``
    and ``category`` pages. Home, robots.txt and sitemaps need no pattern where they stand as usual. `query` names the
    parameters that choose a page of a known kind; others are dropped from canonical urls.

    `read` reads a page (`crawler.pages.read_by` helps). `version` is raised whenever the module may understand a url
    or a page otherwise than before: datasets are then made anew.
    """

    name: str
    hosts: tuple[str, ...]
    kinds: Mapping[str, str]
    read: Reader
    version: str = "1"
    query: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not _NAME.fullmatch(self.name):
            raise SiteError(f"{self.name!r} is no name for a site: lower-case letters, digits, dots and hyphens")
        if not self.hosts:
            raise SiteError(f"the site {self.name} claims no host")
        for host in self.hosts:
            if host.startswith("www.") or not (_HOST.fullmatch(host) or _TRIAL.fullmatch(host)):
                raise SiteError(
                    f"the site {self.name} can't claim {host!r}: a host is written in lower case, without www., and "
                    "only the port of this machine (127.0.0.1:*) may be left open"
                )
        try:
            _ = self._patterns
        except re.error as error:
            raise SiteError(f"the site {self.name} has a pattern that can't be read: {error}") from error

    @cached_property
    def _patterns(self) -> list[tuple[str, re.Pattern[str]]]:
        return [(kind, re.compile(pattern)) for kind, pattern in self.kinds.items()]

    def home(self, host: str) -> str:
        """The host that canonical urls have, for a page at `host`, one of the site's."""
        if _TRIAL.fullmatch(host):
            return host
        return next(each for each in self.hosts if not _TRIAL.fullmatch(each))

    def named(self, path: str) -> Named | None:
        """What `path` names by the site's own patterns."""
        path = path.rstrip("/") or "/"
        for kind, pattern in self._patterns:
            match = pattern.fullmatch(path)
            if match is not None:
                return Named(kind, match)
        return None

    def in_order(self, path: str) -> str:
        """`path`, or that of the same comparison with its sides in plain string order."""
        named = self.named(path)
        pair = named.parts("left", "right") if named is not None else None
        if named is None or pair is None or pair[0] <= pair[1]:
            return path
        (start, end), (then, last) = sorted((named.match.span("left"), named.match.span("right")))
        swapped = path[:start] + path[then:last] + path[end:then] + path[start:end] + path[last:]
        other = self.named(swapped)
        is_same = other is not None and other.kind == named.kind and other.parts("right", "left") == pair
        return swapped if is_same else path


@dataclass(eq=False)
class Sites:
    """The sites that are loaded, by the hosts that they claim."""

    sites: list[Site] = field(default_factory=list)
    by_host: dict[str, Site] = field(default_factory=dict)
    trials: list[tuple[re.Pattern[str], Site]] = field(default_factory=list)

    def add(self, site: Site) -> None:
        """Add `site`. Raises `SiteError` where another has its name, or one of its hosts."""
        if any(each is site for each in self.sites):
            return
        if any(each.name == site.name for each in self.sites):
            raise SiteError(f"two sites are called {site.name}")
        for host in site.hosts:
            rival = self.by_host.setdefault(host, site)
            if rival is not site:
                raise SiteError(f"{host} is claimed by two sites, {rival.name} and {site.name}")
            if trial := _TRIAL.fullmatch(host):
                pattern = re.escape(trial[1]) + ":" + trial[2].replace("*", r"\d*")
                self.trials.append((re.compile(pattern), site))
        self.sites.append(site)

    def at(self, host: str) -> Site | None:
        """The site that claims `host` (with its port, where that is not the usual one)."""
        found = self.by_host.get(host)
        if found is None:
            found = next((site for pattern, site in self.trials if pattern.fullmatch(host)), None)
        return found

    def source_at(self, host: str) -> str | None:
        """The name of the site that claims `host`; None where none does, or only to be tried out there."""
        site = self.by_host.get(host)
        return site.name if site is not None and not _TRIAL.fullmatch(host) else None

    @property
    def version(self) -> str:
        """All sites with their versions, in one short text."""
        return "".join(f"+{name}.{version}" for name, version in sorted((s.name, s.version) for s in self.sites))


@lru_cache(maxsize=1)
def loaded() -> Sites | None:
    """The sites beyond the present grammar; None where there are none. Raises `SiteError`."""
    sites = Sites()
    for site in _installed():
        sites.add(site)
    for site in _on_trial():
        sites.add(site)
    return sites if sites.sites else None


def version() -> str:
    """What the loaded sites add to the version of the parser; nothing where there are none."""
    sites = loaded()
    return sites.version if sites is not None else ""


def _installed() -> Iterator[Site]:
    """The sites of installed packages."""
    for point in sorted(entry_points(group=GROUP), key=lambda each: (each.name, each.value)):
        where = f"the site {point.name} of the package {point.dist.name if point.dist else '?'} ({point.value})"
        try:
            found = point.load()
        except Exception as error:
            raise SiteError(f"{where} can't be loaded: {_said(error)}") from error
        yield _site_in(found, where)


def _on_trial() -> Iterator[Site]:
    """The sites of the modules that the environment names; they may stand in the current folder."""
    for name in filter(None, map(str.strip, os.environ.get(VARIABLE, "").split(","))):
        where = f"{VARIABLE}: the module {name}"
        try:
            here = str(Path.cwd())
            if here not in sys.path:
                sys.path.append(here)
            found = import_module(name)
        except Exception as error:
            raise SiteError(f"{where} can't be loaded: {_said(error)}") from error
        yield _site_in(found, where)


def _site_in(found: object, where: str) -> Site:
    site = getattr(found, ATTRIBUTE, None) if isinstance(found, ModuleType) else found
    if not isinstance(site, Site):
        raise SiteError(f"{where} has no {ATTRIBUTE} that is a crawler.sites.Site")
    return site


def _said(error: Exception) -> str:
    return str(error) if isinstance(error, SiteError | ModuleNotFoundError) else f"{type(error).__name__}: {error}"
