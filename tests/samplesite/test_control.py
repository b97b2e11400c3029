"""Control: it is not part of the site, and says what is wrong."""

from __future__ import annotations

import http.client
import json

import pytest

from tests.serving import SampleSite


def test_control_is_not_in_the_log(site: SampleSite) -> None:
    site.truth()
    site.state()
    site.faults([{"kind": "status", "status": 500}])
    assert site.log() == []
    assert site.state()["faults"][0]["kind"] == "status", "faults do not strike at control"


@pytest.mark.parametrize(
    ("method", "what", "body", "status"),
    [
        ("GET", "nothing", None, 404),
        ("GET", "clock", None, 404),
        ("POST", "clock", {"later": 5}, 400),
        ("POST", "clock", {"now": "soon"}, 400),
        ("POST", "clock", None, 400),
        ("POST", "layout", {"layout": "gothic"}, 400),
        ("POST", "layout", {"layout": "cards", "share": 2}, 400),
        ("POST", "layout", {}, 400),
        ("POST", "faults", {"kind": "reset"}, 400),
        ("POST", "caches", [{"lag": 1}], 400),
        ("GET", "truth?at=never", None, 400),
    ],
)
def test_what_makes_no_sense_is_refused_and_changes_nothing(
    site: SampleSite, method: str, what: str, body: object, status: int
) -> None:
    before = site.state()
    answer = site.request(method, f"/_site/{what}", body)
    assert answer.status == status
    assert json.loads(answer.body)["error"]
    assert site.state() == before


def test_a_body_that_is_no_json(site: SampleSite) -> None:

    connection = http.client.HTTPConnection(site.host, site.port, timeout=10)
    connection.request("POST", "/_site/clock", "{not json")
    assert connection.getresponse().status == 400
    connection.close()


def test_the_state(site: SampleSite) -> None:
    site.layout("lists", share=0.25)
    site.caches([{"max_lag_seconds": 60}])
    state = site.state()
    assert (state["seed"], state["tools"], state["site"], state["running"]) == (7, 12, "desk", False)
    assert state["caches"] == [{"max_lag_seconds": 60}]
    assert (state["layout"], state["layout_before"], state["share"]) == ("lists", "cards", 0.25)
