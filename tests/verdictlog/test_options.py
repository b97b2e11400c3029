"""How the subcommands end."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from verdictlog.interrupts import INTERRUPTED
from verdictlog.options import stoppable


class _PressesCtrlC:
    """An attribute that gets Ctrl-C while the class it belongs to is being made."""

    def __set_name__(self, owner: type, name: str) -> None:
        raise KeyboardInterrupt


def _class_in_the_making() -> None:
    type("_Loaded", (), {"attribute": _PressesCtrlC()})


def _dressed_up() -> None:
    try:
        _class_in_the_making()
    except (RuntimeError, KeyboardInterrupt):
        raise ImportError("this module cannot be loaded") from None


def _pressed() -> None:
    raise KeyboardInterrupt


@pytest.mark.parametrize("stopped", [_pressed, _class_in_the_making, _dressed_up])
def test_ctrl_c_ends_it_quietly_wherever_it_meets_it(
    stopped: Callable[[], None], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended, stoppable():
        stopped()
    assert ended.value.code == INTERRUPTED
    assert "stopped" in capsys.readouterr().err


def test_any_other_error_stays_what_it_is() -> None:
    with pytest.raises(RuntimeError, match="a fault"), stoppable():
        raise RuntimeError("a fault") from ValueError("of another one")
