"""Random records, rendered in every shape, are read back as what that rendering shows, field by field."""

from __future__ import annotations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from crawler.items import ComparePage, Page, PageReading
from crawler.pages import read_page
from tests.rendering import CONTENT_TYPES, HTML_SHAPES, SHAPES, project, render
from tests.rendering.differ import differences
from tests.rendering.records import compare_pages, reviewer_pages, tool_pages
from tests.rendering.words import VS_NAMES

ONE_PARAGRAPH = ("text-short",)


def read(page: Page, shape: str) -> PageReading:
    return read_page(render(page, shape), url=page.url, content_type=CONTENT_TYPES[shape])


def assert_reads_back(page: Page, shape: str) -> PageReading:
    reading = read(page, shape)
    expected = project(page, shape)
    assert reading.page is not None, (reading.status, reading.problems)
    assert differences(reading.page.model_dump(), expected.model_dump()) == [], render(page, shape).decode()
    assert reading.kind == page.kind
    assert reading.status == ("ok" if expected.complete else "incomplete")
    return reading


@pytest.mark.parametrize("shape", SHAPES)
@given(data=st.data())
def test_compare(shape: str, data: st.DataObject) -> None:
    fitting = shape == "text-short" and data.draw(st.booleans())
    page = data.draw(compare_pages(paragraphs=1 if shape in ONE_PARAGRAPH else 3, fitting=fitting))
    if shape == "lists":
        # Where a review stands alone on its page, curly quotes around it may be the critic's own.
        assume(len(page.left.reviews) + len(page.right.reviews) > 1)
    if shape == "text-short" and any(None in row for row in page.rows):
        # Two lone reviews of different sides look like one whole row there; nobody could tell.
        assume((len(page.left.reviews) + len(page.right.reviews)) % 2)
    assert_reads_back(page, shape)


@pytest.mark.parametrize("shape", SHAPES)
@given(data=st.data())
def test_two_tools_of_the_same_name(shape: str, data: st.DataObject) -> None:
    page = data.draw(compare_pages(paragraphs=1, same_name=True, lone=False, fitting=True))
    assert_reads_back(page, shape)


@pytest.mark.parametrize("shape", SHAPES)
@given(data=st.data())
def test_names_that_contain_vs(shape: str, data: st.DataObject) -> None:
    page = data.draw(compare_pages(paragraphs=1, names=VS_NAMES, lone=False, fitting=True))
    assert_reads_back(page, shape)


@pytest.mark.parametrize("shape", SHAPES)
@given(data=st.data())
def test_tool(shape: str, data: st.DataObject) -> None:
    assert_reads_back(data.draw(tool_pages(paragraphs=1 if shape in ONE_PARAGRAPH else 3)), shape)


@pytest.mark.parametrize("shape", SHAPES)
@given(page=reviewer_pages())
def test_reviewer(shape: str, page: Page) -> None:
    assert_reads_back(page, shape)


@pytest.mark.parametrize("shape", SHAPES)
@given(data=st.data())
def test_nothing_of_a_whole_record_is_left_over(shape: str, data: st.DataObject) -> None:
    page = data.draw(compare_pages(paragraphs=1, lone=False))
    left_over = set(read(page, shape).leftovers)
    texts = {
        text
        for card in (page.left, page.right)
        for text in (card.description, card.tagline, *(review.quote for review in card.reviews))
        if text
    }
    assert not left_over & texts


@pytest.mark.parametrize("shape", ["text-full", "spans"])
@given(page=compare_pages(paragraphs=1))
def test_a_lone_review_of_untold_side_is_a_problem(shape: str, page: ComparePage) -> None:
    reading = read(page, shape)
    codes = {problem.code for problem in reading.problems}
    expected = project(page, shape)
    assert isinstance(expected, ComparePage)
    assert ("side_of_review_unknown" in codes) is bool(expected.unplaced)


@pytest.mark.parametrize("shape", HTML_SHAPES)
@given(page=compare_pages(paragraphs=1))
def test_the_content_type_of_a_page_may_be_unknown(shape: str, page: ComparePage) -> None:
    told = read(page, shape)
    untold = read_page(render(page, shape), url=page.url, content_type=None)
    assert untold.page == told.page
