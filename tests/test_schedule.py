"""``docs/schedule.md``: its cron lines and workflow are tried, as far as this machine can."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.serving import ROOT, SampleSite, sample_site
from tests.verdictlog.running import environment

TEXT = (ROOT / "docs" / "schedule.md").read_text("utf-8")
SITE = "https://site.example/"
FOLDER = "/srv/verdicts"
PROGRAM = Path(sys.executable).parent


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", TEXT, re.S | re.M)


@pytest.fixture(scope="module")
def site() -> Iterator[SampleSite]:
    with sample_site(tools=3) as running:
        yield running


def shell(script: str, cwd: Path, **env: str) -> subprocess.CompletedProcess[str]:
    path = f"{PROGRAM}:/usr/bin:/bin"
    return subprocess.run(
        ["/bin/sh", "-c", script],
        cwd=cwd,
        env=environment(PATH=path, **env),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def here(script: str, site: SampleSite, folder: Path) -> str:
    """`script` for the sample site, without pauses, and a folder of this test."""
    assert SITE in script
    return script.replace(f"{SITE} ", f"{site.url} --delay 0 ").replace(FOLDER, str(folder))


@pytest.mark.parametrize("number", [0, 1])
def test_the_cron_lines_run(number: int, site: SampleSite, tmp_path: Path) -> None:
    line = blocks("crontab")[number].strip()
    minute, hour, *rest, command = line.split(maxsplit=5)
    assert (int(minute) in range(1, 60), int(hour) in range(24), rest) == (True, True, ["*"] * 3)
    assert "%" not in command, "cron would take it for the end of the line"
    first = shell(here(command, site, tmp_path), tmp_path)
    assert (first.returncode, first.stdout, first.stderr) == (0, "", ""), first
    site.advance(15 * 86400)
    second = shell(here(command, site, tmp_path), tmp_path)
    if number == 0:
        assert (second.returncode, second.stdout, second.stderr) == (3, "", "")
        assert re.search(r"^\d+ changes of \d+ listings$", (tmp_path / "run.log").read_text("utf-8"), re.M)
    else:
        assert re.search(r"^\d+ changes of \d+ listings$", second.stdout, re.M)


def workflow() -> Any:
    (text,) = blocks("yaml")
    return yaml.safe_load(text)


@pytest.mark.long
def test_the_workflow_runs(site: SampleSite, tmp_path: Path) -> None:
    found = workflow()
    assert found["concurrency"]
    assert found[True]["schedule"][0]["cron"] == "17 6 * * *", "yaml reads the key `on` as true"
    steps = found["jobs"]["run"]["steps"]
    (run,) = [each for each in steps if "verdictlog run" in each.get("run", "")]
    script = run["run"].replace('"$SITE"', '"$SITE" --delay 0')
    data, summary = tmp_path / "data", tmp_path / "summary"
    env = {"SITE": site.url, "GITHUB_STEP_SUMMARY": str(summary)}
    for advance in (0, 15 * 86400):
        site.advance(advance)
        done = shell(f"set -e\n{script}", tmp_path, **env)
        assert done.returncode == 0, done
        (data / "verdictlog.db").unlink()  # what the branch does not keep
    assert re.search(r"^\d+ changes of \d+ listings$", summary.read_text("utf-8"), re.M)
    failed = shell(f"set -e\n{script}", tmp_path, **env | {"SITE": "http://127.0.0.1:1/"})
    assert failed.returncode == 1
    (keep,) = [each["run"] for each in steps if "git push" in each.get("run", "")]
    kept = re.search(r"^git add (.*)$", keep, re.M)
    assert kept
    assert all((data / name).exists() for name in kept[1].split())
    assert subprocess.run(["/bin/sh", "-n", "-c", keep], check=False).returncode == 0


def test_exit_codes_are_those_of_the_program() -> None:
    told = dict(re.findall(r"^\| (\d) \| (.*) \|$", TEXT, re.M))
    assert set(told) == {"0", "1", "2", "3"}
