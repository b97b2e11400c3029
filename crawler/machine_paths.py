"""Commands and messages without what they tell of the machine that they come from.

What a run leaves in the archive, and what of it stands in a published dataset, is for other people: they learn what was
run and what went wrong, not where files lie on somebody's disk, nor by which address or password anybody is reached.

- Of a path that begins at the root of the disk, in a home folder, or outside the folder at hand (``/``, ``~``, ``..``),
  only the last part is kept; of a home folder itself, ``~``. Paths that stay inside the folder at hand tell nothing.
- Of a command, the options in `PRIVATE` go, with their values; so do name and password in an address.
- A message is free text, in which ``/compare/a-vs-b`` may be a page of the site. So there only those paths count that
  the message is known to be about, and those below the root folders that systems have (`ROOTS`).
"""

from __future__ import annotations

import re
import shlex
from urllib.parse import urlsplit, urlunsplit

PRIVATE = ("--data", "--items", "--contact", "--cluster")
"""Options of crawls whose values are this machine's or a person's."""

ROOTS = (
    *("bin", "boot", "dev", "etc", "home", "lib", "lib64", "media", "mnt", "opt", "private", "proc", "root", "run"),
    *("sbin", "srv", "sys", "tmp", "usr", "var", "Users", "Volumes"),
)
"""The folders at the root of a disk, by the Filesystem Hierarchy Standard and on macOS."""

_OUTSIDE = re.compile(r"(?:file:)?/|~|(?:.*/)?\.\.(?:/|$)", re.S)
_HOME = re.compile(r"(?:file:/*)?/(?:(?:home|Users)/[^/]+|root)/*|~[^/]*/*")
_BELOW_ROOT = rf"(?:file:(?://)?)?/(?:{'|'.join(ROOTS)})/"
_QUOTED = re.compile(rf"(?P<quote>['\"])(?P<path>{_BELOW_ROOT}[^'\"\n]*)(?P=quote)")
_BARE = re.compile(rf"(?<![\w/.~:]){_BELOW_ROOT}[^\s'\"`<>()\[\],;:]*")


def public_path(path: str) -> str:
    """`path` without the folders that lead to it, if it tells where on a machine it lies; else as it is."""
    if not _OUTSIDE.match(path):
        return path
    if _HOME.fullmatch(path):
        return "~"
    parts = [part for part in path.split("/") if part not in ("", ".", "..", "file:")]
    return parts[-1] if parts else "/"


def public_message(message: str, about: str | None = None) -> str:
    """`message` with the path that it is `about`, and others that surely are a machine's, as `public_path` has them."""
    if about is not None and public_path(about) != about:
        message = message.replace(about, public_path(about))
    message = _QUOTED.sub(lambda found: f"{found['quote']}{public_path(found['path'])}{found['quote']}", message)
    return _BARE.sub(lambda found: public_path(found[0]), message)


def public_command(command: str) -> str | None:
    """`command`, a line as for a shell, without private options, folders and passwords; None where it is no such line.

    Every other word stays, in its order.
    """
    try:
        words = shlex.split(command)
    except ValueError:
        return None
    kept: list[str] = []
    is_value = False
    for word in words:
        if is_value or word in PRIVATE:
            is_value = not is_value
        elif not word.startswith(tuple(f"{name}=" for name in PRIVATE)):
            kept.append(_public_word(word))
    return shlex.join(kept)


def _public_word(word: str) -> str:
    option, equals, value = word.partition("=") if word.startswith("-") else ("", "", word)
    if value.startswith(("http://", "https://")):
        return option + equals + _without_password(value)
    return option + equals + public_path(value)


def _without_password(url: str) -> str:
    try:
        parts = urlsplit(url)
    except ValueError:  # such as http://[: no address of anything
        return url.partition("//")[0]
    return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2])) if "@" in parts.netloc else url
