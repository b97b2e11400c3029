"""``verdictlog match``: people look at pairs, judge, see why, take back; and the next build does what they said."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from dataset.judging.judged import LOG
from normalize.matching.judgements import Judgement, parse
from tests.dataset.captures import Data, built
from tests.dataset.judging import OTHER_TEXTS, add_line, judge, listed, tools, undo
from tests.verdictlog.running import CTRL_C, SAMPLES, Folder, Keys, environment, in_terminal

PROMPT = b"[q]uit > "
TWICE = ("lantern", "Lantern"), ("lantern-birds", "Lantern")
HOSTILE = "wipe\x1b[2J bell\x07"


def dataset(folder: Path) -> tuple[Data, Folder]:
    """A dataset with a tool of two listings, and two listings of one name of which the rules are not sure."""
    data = built(
        folder,
        listed("fernway", "Fernway CI", 1, pricing="Free (MIT)", panel_ship_pct=75),
        listed("fernway-again", "Fernway-CI", 2),
        listed(*TWICE[0], 2, **OTHER_TEXTS, website="https://lantern.example"),
        listed(*TWICE[1], 3, tagline=HOSTILE, description="Sings about birds"),
    )
    return data, Folder(folder)


def log(folder: Folder) -> list[Judgement]:
    return parse((folder.path / LOG).read_text("utf-8"))


def review(folder: Folder, *keys: Keys) -> tuple[int, str]:
    code, screen = in_terminal("match", "review", "--data", folder.path, "--who", "ada", keys=keys)
    return code, screen.decode()


def test_a_pair_is_shown_side_by_side_and_an_answer_is_kept(tmp_path: Path) -> None:
    data, folder = dataset(tmp_path)
    code, screen = review(folder, Keys(PROMPT, b"w\n"), Keys(PROMPT, b"y one shop\n"))
    assert code == 0, screen
    for shown in ("lantern-birds", "core lantern", "Waters balcony plants", "Sings about birds", "lantern.example"):
        assert shown in screen
    assert "wipe\\u001b[2J bell\\u0007" in screen
    assert "\x07" not in screen
    assert "in the dataset  two tools" in screen, "why was not told"
    assert "1 answered; verdictlog build applies them" in screen
    [said] = log(folder)
    assert (said.who, said.left, said.right, said.answer) == ("ada", "lantern", "lantern-birds", "yes")
    assert said.note == "one shop"
    assert said.left_card is not None
    assert said.left_card.tagline == OTHER_TEXTS["tagline"]
    assert len(tools(data)) == 3, "no build applied it yet"


def test_a_build_applies_answers_though_the_archive_has_nothing_new(tmp_path: Path) -> None:
    data, folder = dataset(tmp_path)
    assert folder.run("match", "judge", "lantern", "lantern-birds", "yes", env={"VERDICTLOG_WHO": "eve"}).code == 0
    assert [said.who for said in log(folder)] == ["eve"]
    assert data.build().captures == 0
    assert tools(data)["lantern"] == ["lantern", "lantern-birds"]
    assert folder.run("match", "undo", "--who", "eve").code == 0
    data.build()
    assert tools(data)["lantern"] == ["lantern"]


def test_a_build_says_that_judgements_were_applied(tmp_path: Path) -> None:
    folder = Folder(tmp_path)
    assert folder.run("import", SAMPLES).code == 0
    assert "judgements" not in folder.run("build").err
    one, other = folder.column("SELECT listing_id FROM listings WHERE name IS NOT NULL ORDER BY 1 LIMIT 2")
    assert folder.run("match", "judge", one, other, "yes").code == 0
    ran = folder.run("build")
    assert "the judgements of people are others than before" in ran.err
    assert "0 new captures" in ran.out
    assert "judgements" not in folder.run("build").err


def test_ctrl_c_keeps_what_was_answered(tmp_path: Path) -> None:
    data, folder = dataset(tmp_path)
    data.add([listed("moss", "Moss Wiki", 1), listed("moss-2", "Moss Wiki", 2, **OTHER_TEXTS)])
    data.build()
    code, screen = review(folder, Keys(PROMPT, b"n\n"), Keys(PROMPT, CTRL_C))
    assert code == 130, screen
    assert [said.answer for said in log(folder)] == ["no"]


def test_undo_within_a_review_asks_again(tmp_path: Path) -> None:
    data, folder = dataset(tmp_path)
    data.add([listed("moss", "Moss Wiki", 1), listed("moss-2", "Moss Wiki", 2, **OTHER_TEXTS)])
    data.build()
    keys = [b"d\n", b"no\n", b"d\n", b"huh\n", b"s\n", b"unsure\n"]
    code, screen = review(folder, *(Keys(PROMPT, each) for each in keys))
    assert code == 0, screen
    assert "you have answered nothing yet" in screen
    assert "'huh' is no answer" in screen
    first, revoking, second = log(folder)
    assert (first.answer, revoking.revokes, second.answer) == ("no", first.id, "unsure")
    assert {first.left, second.left} == {"lantern", "moss"}, "what was skipped was asked again"


def test_a_review_without_questions_says_so(tmp_path: Path) -> None:
    built(tmp_path, listed("fernway", "Fernway CI", 1))
    ran = Folder(tmp_path).run("match", "review", "--who", "ada")
    assert (ran.code, ran.out) == (0, "no question is open\n")
    assert not (tmp_path / LOG).exists()


def test_the_end_of_the_input_ends_it(tmp_path: Path) -> None:
    _, folder = dataset(tmp_path)
    ran = folder.run("match", "review", "--who", "ada")
    assert ran.code == 0
    assert not (tmp_path / LOG).exists()


def test_a_yes_that_contradicts_a_no_warns(tmp_path: Path) -> None:
    data, folder = dataset(tmp_path)
    own_id = judge(data, *TWICE, "no", own_id="j1")
    ran = folder.run("match", "judge", "lantern", "lantern-birds", "yes", "--who", "eve")
    assert ran.code == 0
    assert f"warning: ada said no to these two at 2026-05-01T00:00:00.500000Z ({own_id})" in ran.err
    assert f"verdictlog match undo {own_id}" in ran.err
    assert [said.answer for said in log(folder)] == ["no", "yes"]


def test_a_yes_that_can_not_be_followed_warns(tmp_path: Path) -> None:
    data, folder = dataset(tmp_path)
    judge(data, ("fernway-again", "Fernway-CI"), TWICE[0], "yes", own_id="j1")
    judge(data, ("fernway-again", "Fernway-CI"), ("fernway", "Fernway CI"), "no", own_id="j2", second=1)
    ran = folder.run("match", "judge", "fernway", "lantern", "yes", "--who", "eve")
    assert ran.code == 0
    assert "warning: they stay two tools" in ran.err


def test_explain_tells_all_that_is_known(tmp_path: Path) -> None:
    data, folder = dataset(tmp_path)
    ran = folder.run("match", "explain", "fernway-again", "fernway")
    assert ran.code == 0
    words = " ".join(ran.out.split())
    assert "in the dataset one tool" in words
    assert "the rules merge, by the rule same_name: “Fernway CI” and “Fernway-CI” are one tool" in words
    assert "texts alike to 100 of 100" in words
    judge(data, *TWICE, "no", own_id="j1", note="birds")
    found = folder.run("match", "explain", "lantern", "lantern-birds", "--json").json
    assert (found["decision"], found["rule"], found["same_tool"]) == ("review", "texts", False)
    assert found["left"]["reading"]["core"] == ["lantern"]
    assert found["left"]["shown"]["website"] == "https://lantern.example"
    assert found["judged"]["note"] == "birds"
    told = folder.run("match", "explain", "lantern", "lantern-birds").out
    assert "people          ada said no at 2026-05-01T00:00:00.500000Z (j1): birds" in told


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("explain", "fernway", "fernway"), "are the listing fernway"),
        (("explain", "fernway", "lantren"), "there is no listing 'lantren'"),
        (("explain", "fernway", "LANTERN"), "may be any of these"),
        (("judge", "fernway", "lantern", "maybe"), "there is no such answer"),
        (("judge", "fernway", "lantern", "no", "--who", "rules"), "this can't be who judges"),
        (("undo", "j7"), "is not in the log"),
        (("undo", "--who", "bob"), "no answer by bob stands"),
        (("undo", "j1"), "is taken back already"),
    ],
)
def test_wrong_words(tmp_path: Path, words: tuple[str, ...], said: str) -> None:
    data, folder = dataset(tmp_path)
    judge(data, *TWICE, "no", own_id="j1")
    undo(data, "j1", own_id="j2", second=1)
    before = (tmp_path / LOG).read_bytes()
    name, *rest = words
    ran = folder.run("match", name, *rest)
    assert ran.code == 2
    assert said in ran.err
    assert (tmp_path / LOG).read_bytes() == before


def test_undo_by_id_and_stats(tmp_path: Path) -> None:
    data, folder = dataset(tmp_path)
    judge(data, *TWICE, "no", own_id="j1")
    judge(data, ("fernway", "Fernway CI"), TWICE[0], "unsure", own_id="j2", second=1)
    before = folder.run("match", "stats", "--json").json
    assert (before["listings"], before["tools"], before["tools_of_several_listings"]) == (4, 3, 1)
    assert before["largest_tool"] == 2
    assert before["decisions"] == {"merge": {"same_name": 1}, "review": {"texts": 1}}
    assert before["judgements"] == {"file": LOG, "lines": 2, "standing": {"no": 1, "unsure": 1}}
    assert before["questions_by_rule"] == {"unsure": 1}
    ran = folder.run("match", "undo", "j1", "--json", "--who", "eve")
    assert ran.json["undone"]["id"] == "j1"
    after = folder.run("match", "stats", "--json").json
    assert after["judgements"]["standing"] == {"unsure": 1}
    assert after["questions_by_rule"] == {"texts": 1, "unsure": 1}
    told = folder.run("match", "stats").out
    assert "questions  2 (1 texts, 1 unsure)" in told


def test_an_answer_is_later_than_those_before_it_whatever_the_clock_says(tmp_path: Path) -> None:
    data, folder = dataset(tmp_path)
    ahead = {"id": "j1", "time": "2999-01-01T00:00:00Z", "who": "ada", "left": "lantern", "right": "lantern-birds"}
    card = {"name": "Lantern"}
    add_line(data, json.dumps({**ahead, "answer": "no", "left_card": card, "right_card": card}))
    assert folder.run("match", "undo", "--who", "ada").code == 0
    assert folder.run("match", "stats", "--json").json["judgements"]["standing"] == {}
    assert log(folder)[1].time == "2999-01-01T00:00:01.000000Z"


def test_a_line_without_its_end_is_not_written_into(tmp_path: Path) -> None:
    data, folder = dataset(tmp_path)
    judge(data, *TWICE, "no", own_id="j1")
    path = tmp_path / LOG
    path.write_text(path.read_text("utf-8").rstrip("\n"), "utf-8")
    assert folder.run("match", "undo", "j1").code == 0
    assert [said.revokes for said in log(folder)] == [None, "j1"]


def test_a_damaged_log_stops_build_and_judging_and_is_not_written_to(tmp_path: Path) -> None:
    _, folder = dataset(tmp_path)
    (tmp_path / LOG).write_text('{"id": "j1"\n')
    for words in (("build",), ("build", "--diff"), ("match", "stats"), ("match", "explain", "fernway", "lantern")):
        ran = folder.run(*words)
        assert ran.code == 1, ran.out
        assert f"{LOG}, line 1: " in "".join(ran.err.split("\n"))
        assert "mend it by hand" in ran.err
    assert folder.run("match", "judge", "fernway", "lantern", "no").code == 1
    assert (tmp_path / LOG).read_text() == '{"id": "j1"\n'


def test_the_name_of_the_user_judges_where_none_is_given(tmp_path: Path) -> None:
    _, folder = dataset(tmp_path)
    env = environment(LOGNAME="grace")
    assert folder.run("match", "judge", "lantern", "lantern-birds", "no", env=env).code == 0
    assert [said.who for said in log(folder)] == ["grace"]


def test_changes_of_a_tool_are_those_of_all_its_listings(tmp_path: Path) -> None:
    data, folder = dataset(tmp_path)
    later = [
        listed("fernway", "Fernway CI", 9, panel_ship_pct=50),
        listed("fernway-again", "Fernway-CI", 9, pricing="$9"),
    ]
    data.add([listed("fernway-again", "Fernway-CI", 8, pricing="$5"), *later, listed("lantern", "Lanterns", 9)])
    data.build()
    former = data.row("SELECT alias_id FROM tool_aliases WHERE kind = 'id'")["alias_id"]
    own = data.row("SELECT tool_id FROM listings WHERE listing_id = 'fernway'")["tool_id"]
    for word in ("fernway", "fernway-again", "Fernway CI", former, own):
        changes = folder.run("changes", "--tool", word, "--json").json["changes"]
        assert {each["listing_id"] for each in changes} == {"fernway", "fernway-again"}, word
    shown = folder.run("show", "fernway").out
    assert "the same tool is listed as fernway-again" in shown
