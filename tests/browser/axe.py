"""axe-core in the page that a browser shows: what keeps people from reading it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.browser.chromium import Chromium

SOURCE = Path(__file__).parents[2] / ".cache" / "axe-core" / "4.14.1" / "axe.min.js"
RUN = """
axe.run(document, {resultTypes: ['violations']}).then(found => found.violations.map(
    each => each.id + ': ' + each.help + ' ' + each.nodes.slice(0, 5).map(node => node.html.slice(0, 200)).join(' | ')
))
"""

needs_axe = pytest.mark.skipif(not SOURCE.exists(), reason="axe-core is not there (scripts/install-axe fetches it)")


def violations(browser: Chromium) -> list[str]:
    """What axe-core finds wrong with the page: each rule with the first elements that break it."""
    browser.script(f"{SOURCE.read_text('utf-8')}; 0")
    found: list[str] = browser.script(RUN)
    return found
