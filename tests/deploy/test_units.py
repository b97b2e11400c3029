"""The units in ``deploy/systemd/``: systemd takes them, they are hardened, and their commands are the program's."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from typer.main import get_command

from dataset.serving.web_headers import ROBOTS
from tests.serving import ROOT
from verdictlog.cli import app

UNITS = ROOT / "deploy" / "systemd"
SERVICES = ("verdictlog.service", "verdictlog-serve.service")
INSTALLED = "/srv/verdictlog/.venv/bin/verdictlog"
PROGRAM = Path(sys.executable).parent / "verdictlog"

analyze = pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="there is no systemd-analyze here")


def unit(name: str) -> str:
    return (UNITS / name).read_text("utf-8")


def settings() -> dict[str, str]:
    lines = unit("verdictlog.env").splitlines()
    return dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))


@analyze
def test_systemd_takes_them(tmp_path: Path) -> None:
    for path in UNITS.glob("verdictlog*"):
        (tmp_path / path.name).write_text(path.read_text("utf-8").replace(INSTALLED, str(PROGRAM)))
    units = [str(tmp_path / name) for name in (*SERVICES, "verdictlog.timer")]
    done = subprocess.run(["systemd-analyze", "verify", *units], capture_output=True, text=True, check=False)
    said = [line for line in (done.stdout + done.stderr).splitlines() if "verdictlog" in line]
    assert (done.returncode, said) == (0, []), done
    when = re.search(r"^OnCalendar=(.*)$", unit("verdictlog.timer"), re.M)
    assert when
    assert subprocess.run(["systemd-analyze", "calendar", when[1]], capture_output=True, check=False).returncode == 0


@analyze
@pytest.mark.parametrize("name", SERVICES)
def test_they_are_hardened(name: str) -> None:
    """systemd's own measure of how exposed a service is, from 0 to 100; one without any hardening has 96."""
    words = ["systemd-analyze", "security", "--offline=true", "--threshold=20", str(UNITS / name)]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-300:] + done.stderr


@pytest.mark.parametrize("name", SERVICES)
def test_their_commands_are_the_programs(name: str) -> None:
    line = re.search(r"^ExecStart=(.*)$", unit(name), re.M)
    assert line
    program, command, *words = shlex.split(line[1])
    assert program == INSTALLED
    known = settings()
    commands = get_command(app).commands  # type: ignore[attr-defined]
    options = {option for param in commands[command].params for option in param.opts}
    assert {word for word in words if word.startswith("--")} <= options
    assert set(re.findall(r"\$\{(\w+)\}", line[1])) <= set(known)
    assert known["ROBOTS"] in ROBOTS
    assert "EnvironmentFile=/etc/verdictlog.env\n" in unit(name)
    assert "User=verdictlog\n" in unit(name)
    assert "ProtectSystem=strict\n" in unit(name)


def test_only_the_run_may_write_and_only_to_the_data() -> None:
    data = settings()["VERDICTLOG_DATA"]
    assert re.findall(r"^ReadWritePaths=(.*)$", unit("verdictlog.service"), re.M) == [data]
    assert "ReadWritePaths" not in unit("verdictlog-serve.service")
    assert "SuccessExitStatus=3\n" in unit("verdictlog.service")
