"""The documentation as a site: it builds without a warning, and its pages load nothing from another host."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
pytest.importorskip("mkdocs", reason="mkdocs is not installed: run `make setup`")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("site")
    build = [sys.executable, "-m", "mkdocs", "build", "--site-dir", str(folder)]
    built = subprocess.run(build, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)
    assert built.returncode == 0, built.stderr
    return folder


def test_every_page_of_the_docs_is_built(site: Path) -> None:
    expected = {page.stem for page in (ROOT / "docs").glob("*.md")} | {"contributing", "changelog"}
    assert expected <= {page.stem for page in site.glob("*.html")}


def test_pages_load_nothing_from_another_host(site: Path) -> None:
    loads = {
        "*.html": r"<(?:script|img|iframe|source|video|audio|embed|link(?=[^>]*\brel=\"?(?!next|prev))|object)\b[^>]*"
        r"\b(?:src|href|data)=\"?\s*(?:https?:)?//[^\s>]*",
        "*.css": r"(?:@import\s*|url\(\s*)[\"']?\s*(?:https?:)?//[^)\s]*",
    }
    found = [
        f"{path.relative_to(site)}: {each}"
        for files, pattern in loads.items()
        for path in site.rglob(files)
        for each in re.findall(pattern, path.read_text("utf-8"))
    ]
    assert found == []


def test_links_to_contributing_lead_to_its_page(site: Path) -> None:
    assert 'href="contributing.html' in (site / "crawling.html").read_text("utf-8")
    assert 'href="another-site.html"' in (site / "contributing.html").read_text("utf-8")
