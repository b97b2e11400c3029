"""Charts: where things stand, what is said of them, and that texts are only ever text."""

from __future__ import annotations

from lxml import etree  # type: ignore[import-untyped]

from dataset.serving.site.charts import Mark, Series, Stretch, key, share_bar, timeline
from dataset.serving.site.charts.timeline import BOTTOM, LEFT, RIGHT, TOP, joined
from tests.dataset.captures import day

HOSTILE = '"><script>alert(1)</script> & \u202e'


def drawn(*lines: Series, marks: tuple[Mark, ...] = ()) -> etree._Element:
    """The chart, read strictly."""
    return etree.fromstring(timeline("c", "Title", "Description", list(lines), marks))


def numbers(element: etree._Element, *names: str) -> list[float]:
    return [float(element.get(name)) for name in names]


def test_each_value_has_its_place() -> None:
    line = Series("panel", "panel", [Stretch(day(0), day(4), day(8), 100), Stretch(day(8), day(8), None, 0)])
    chart = drawn(line)
    seen, known, step = (chart.xpath(f"line[@class='line {css}panel']")[0] for css in ("", "known ", "step "))
    middle = (LEFT + RIGHT) / 2
    assert numbers(seen, "x1", "x2", "y1", "y2") == [LEFT, middle, TOP, TOP]
    assert numbers(known, "x1", "x2", "y1", "y2") == [middle, RIGHT, TOP, TOP]
    assert numbers(step, "x1", "x2", "y1", "y2") == [RIGHT, RIGHT, TOP, BOTTOM]
    assert [numbers(dot, "cx", "cy") for dot in chart.iter("circle")] == [[LEFT, TOP], [RIGHT, BOTTOM]]


def test_where_it_was_withdrawn_the_line_is_broken() -> None:
    line = Series("panel", "panel", [Stretch(day(0), day(1), day(2), 100), Stretch(day(4), day(5), None, 50)])
    assert drawn(line).xpath("line[contains(@class, 'step')]") == []


def test_where_nothing_is_known_nothing_is_drawn() -> None:
    line = Series("community", "community", [Stretch(day(0), day(1), day(2), None), Stretch(day(2), day(3), None, 50)])
    assert len(drawn(line).xpath("circle")) == 1
    assert timeline("c", "Title", "Description", [Series("panel", "panel", [])]) == ""


def test_equal_stretches_become_one() -> None:
    first, second, third = (
        Stretch(day(0), day(1), day(2), 5),
        Stretch(day(2), day(3), day(4), 5),
        Stretch(day(5), day(6), None, 5),
    )
    assert joined([first, second, third]) == [Stretch(day(0), day(3), day(4), 5), third]


def test_marks_can_be_reached_and_lead_to_their_words() -> None:
    line = Series("panel", "panel", [Stretch(day(0), day(8), None, 50)])
    chart = drawn(
        line, marks=(Mark(day(2), day(4), "panel ship became skip", "#change-1"), Mark(day(2), day(4), "b", "#b"))
    )
    first, second = chart.iter("a")
    assert first.get("href") == "#change-1"
    assert first.findtext("title") == "1: panel ship became skip"
    # Marks of one time stand above each other.
    assert first.find("circle").get("cx") == second.find("circle").get("cx")
    assert first.find("circle").get("cy") != second.find("circle").get("cy")
    [band, _] = chart.xpath("rect[@class='band']")
    width = (RIGHT - LEFT) / 4
    assert numbers(band, "x", "width") == [LEFT + width, width]
    # An image may hold nothing that is reached with the keyboard.
    assert chart.get("role") == "group"
    assert drawn(line).get("role") == "img"


def test_a_chart_says_what_it_shows() -> None:
    chart = drawn(Series("panel", "panel", [Stretch(day(0), day(0), None, 50)]))
    assert chart.get("aria-labelledby") == "c-title c-desc"
    assert chart.find("title").get("id") == "c-title"
    assert chart.findtext("desc") == "Description"
    assert [text.text for text in chart.iter("text")] == ["0 %", "50 %", "100 %", day(0)[:10]]


def test_texts_are_only_ever_text() -> None:
    line = Series(HOSTILE, "panel", [Stretch(day(0), day(1), None, 50)])
    chart = timeline("c", HOSTILE, HOSTILE, [line], [Mark(day(0), day(1), HOSTILE, HOSTILE)])
    assert "<script" not in chart
    assert etree.fromstring(chart).findtext("title") == HOSTILE.replace(
        "\u202e", "\\u202e"
    )  # what steers is made visible


def test_no_style_within() -> None:
    line = Series("panel", "panel", [Stretch(day(0), day(1), None, 50)])
    for drawing in (timeline("c", "t", "d", [line]), key("panel"), share_bar(50)):
        assert "style" not in drawing


def test_bars_stay_within_their_frame() -> None:
    widths = [etree.fromstring(share_bar(value)).xpath("string(rect[2]/@width)") for value in (-5, 0, 41, 200)]
    assert widths == ["0", "0", "41", "100"]
