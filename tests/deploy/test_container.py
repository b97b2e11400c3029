"""``deploy/Containerfile``, without a container: what it copies is there and enough, and its pins are ours.

``scripts/try-image`` builds it and tries the image, where there is a network and podman or docker.
"""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.publishing import make_dataset, served
from tests.serving import ROOT

TEXT = re.sub(r"\\\n\s*", "", (ROOT / "deploy" / "Containerfile").read_text("utf-8"))
STEPS = [line.split(" ", 1) for line in TEXT.splitlines() if line and not line.startswith("#")]


def steps(word: str) -> list[str]:
    return [rest for first, rest in STEPS if first == word]


def copied() -> list[tuple[str, str]]:
    """What is copied from the repository, and where to."""
    found = []
    for rest in steps("COPY"):
        *sources, target = shlex.split(rest)
        found += [(source, target) for source in sources if not rest.startswith("--from=")]
    return found


def pins(lock: Path) -> dict[str, set[str]]:
    """The hashes of each pinned release."""
    found: dict[str, set[str]] = {}
    release = ""
    for line in lock.read_text("utf-8").splitlines():
        if match := re.match(r"([\w.-]+==[^\s;]+)", line):
            release = match[1]
        found.setdefault(release, set()).update(re.findall(r"--hash=(sha256:\w+)", line))
    return found


def test_what_is_copied_is_there() -> None:
    assert copied()
    for source, _ in copied():
        assert (ROOT / source).exists(), source


def test_its_pins_are_those_of_the_project() -> None:
    ours, its = pins(ROOT / "requirements.lock"), pins(ROOT / "deploy" / "requirements.lock")
    assert its.items() <= ours.items()
    assert {name.partition("==")[0] for name in its} >= {"datasette", "scrapy", "polars", "apprise", "hatchling"}
    assert {"pytest", "mypy"}.isdisjoint(name.partition("==")[0] for name in its)
    assert any("--require-hashes" in step for step in steps("RUN"))


def test_it_runs_as_nobody_special_and_serves() -> None:
    assert steps("USER") == ["10001:10001"]
    assert json.loads(steps("VOLUME")[0]) == ["/data"]
    assert "VERDICTLOG_DATA=/data" in " ".join(steps("ENV"))
    assert json.loads(steps("ENTRYPOINT")[0]) == ["verdictlog"]
    assert json.loads(steps("CMD")[0])[0] == "serve"
    assert steps("STOPSIGNAL") == ["SIGINT"]
    assert steps("FROM") == ["${BASE} AS build", "${BASE}"]
    assert steps("ARG")[0].startswith("BASE=docker.io/library/python:3.11-")


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The program as the recipe installs it: from what it copies alone, into a folder of its own."""
    source, target = tmp_path_factory.mktemp("src"), tmp_path_factory.mktemp("installed")
    for name, to in copied():
        place = source / to / Path(name).name if to == "./" else source / to
        place.parent.mkdir(parents=True, exist_ok=True)
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, place, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copyfile(ROOT / name, place)
    (step,) = [each for each in steps("RUN") if each.endswith(" .")]
    words = shlex.split(step)[1:]  # after the container's own python
    subprocess.run(
        [sys.executable, *words, "--quiet", "--disable-pip-version-check", "--target", str(target)],
        cwd=source,
        check=True,
        timeout=120,
    )
    return target


def test_what_is_copied_is_enough(installed: Path, tmp_path: Path) -> None:
    make_dataset(tmp_path / "verdictlog.db")
    code = f"""
import sys
sys.path.insert(0, {str(installed)!r})
import dataset.exports.whole
assert dataset.exports.whole.__file__.startswith({str(installed)!r}), dataset.exports.whole.__file__
from verdictlog.cli import main
main()
"""
    words = ["-I", "-c", code]
    done = subprocess.run(
        [sys.executable, *words, "export", "--data", str(tmp_path), "--out", str(tmp_path / "out")],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        env={"PATH": os.environ["PATH"]},
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert (installed / "dataset" / "serving" / "plugin" / "templates" / "index.html").is_file()
    assert (installed / "dataset" / "serving" / "plugin" / "static" / "verdictlog.css").is_file()


def test_the_healthcheck_tells_a_healthy_server_from_none(tmp_path: Path) -> None:
    """Also under a prefix: the check asks without one."""
    make_dataset(tmp_path / "verdictlog.db")
    (check,) = steps("HEALTHCHECK")
    python, flag, code = json.loads(check.partition("CMD ")[2])
    assert (python, flag) == ("python", "-c")
    with served(tmp_path, base_url="/verdicts/") as server:
        port = server.address.split(":")[2].partition("/")[0]
        here = code.replace(":8001/", f":{port}/")
        assert here != code
        assert subprocess.run([sys.executable, "-c", here], capture_output=True, check=False).returncode == 0
        server.stop()
    assert subprocess.run([sys.executable, "-c", here], capture_output=True, check=False).returncode != 0
