"""``verdictlog personas``: from printed names over a trained classifier to critics that no page names."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from dataset.schema.tables import RULES_VERSION
from dataset.tables.inferred import MODEL
from tests.dataset.captures import Data, card, says, tool_page
from tests.normalize.personas.texts import PERSONAS, model, text_of, weights, write
from tests.verdictlog.running import SAMPLES, Folder, environment

TOOLS = 24
SITE = "shiporskip"


def labelled(folder: Path, tools: int = TOOLS) -> tuple[Data, Folder]:
    """A data folder with pages that print each critic's name, and one page that prints none; built."""
    data = Data(folder)
    pages = [
        tool_page(card(f"tool-{tool}", *(says(text_of(persona, tool), persona) for persona in PERSONAS)), 1)
        for tool in range(tools)
    ]
    data.add([*pages, tool_page(card("nameless", *(says(text_of(persona, 99)) for persona in PERSONAS)), 1)])
    data.build()
    return data, Folder(folder)


def test_printed_names_train_it_and_the_next_build_infers(tmp_path: Path) -> None:
    pytest.importorskip("sklearn", reason="training needs scikit-learn (the extra classify)")
    data, folder = labelled(tmp_path)
    ran = folder.run("personas", "train", "--threshold", "0.8")
    assert ran.code == 0, ran.err
    assert f"{SITE}: 72 labelled quotes (24 builder, 24 founder, 24 skeptic)" in ran.out
    assert "the likeliest critic was the right one for 100.0%" in ran.out
    assert "verdictlog build names critics with it" in ran.err
    assert data.build().personas_anew
    inferred = data.rows("SELECT quote, persona FROM reviews WHERE persona_source = 'inferred'")
    assert {row["quote"]: row["persona"] for row in inferred} == {text_of(each, 99): each for each in PERSONAS}
    shown = folder.run("personas", "show")
    assert shown.code == 0
    assert ran.out in shown.out
    said = json.loads(folder.run("personas", "show", "--json").out)
    assert (said["threshold"], said["rules_version"]) == (0.8, str(RULES_VERSION))
    assert said["sources"][SITE]["quotes"] == 72


@pytest.mark.parametrize("tools", [0, 3])
def test_too_few_printed_names_are_told(tmp_path: Path, tools: int) -> None:
    pytest.importorskip("sklearn", reason="training needs scikit-learn (the extra classify)")
    _, folder = labelled(tmp_path, tools)
    ran = folder.run("personas", "train")
    assert (ran.code, ran.out) == (1, "")
    why = "no page of this dataset prints a critic's name" if tools == 0 else "builder has 3 of 3, founder has 3 of 3"
    assert why in " ".join(ran.err.split())
    assert "train again" in ran.err
    assert not (tmp_path / MODEL).exists()


@pytest.mark.long
def test_a_classifier_that_does_not_hold_is_not_kept(tmp_path: Path) -> None:
    """All critics write alike, so it can never be sure."""
    pytest.importorskip("sklearn", reason="training needs scikit-learn (the extra classify)")
    data = Data(tmp_path)
    for tool in range(20):
        said = [says(text_of("builder", 3 * tool + number), persona) for number, persona in enumerate(PERSONAS)]
        data.add([tool_page(card(f"tool-{tool}", *said), 1)])
    data.build()
    write(tmp_path, model({SITE: weights({})}))
    before = (tmp_path / MODEL).read_bytes()
    ran = Folder(tmp_path).run("personas", "train")
    assert ran.code == 1
    assert "on tools that it had not seen, the classifier was" in " ".join(ran.err.split())
    assert (tmp_path / MODEL).read_bytes() == before


def test_without_scikit_learn_it_says_what_to_install(tmp_path: Path) -> None:
    _, folder = labelled(tmp_path / "data")
    (tmp_path / "sklearn.py").write_text("raise ImportError('not here')")
    path = f"{tmp_path}:{Path(__file__).parents[2]}"
    ran = folder.run("personas", "train", env=environment(PYTHONPATH=path))
    assert ran.code == 1
    assert "pip install 'verdictlog[classify]'" in " ".join(ran.err.split())
    # What is frozen is used without it.
    write(folder.path, model({SITE: weights({})}, rules_version=str(RULES_VERSION)))
    shown = folder.run("personas", "show", env=environment(PYTHONPATH=path))
    assert shown.code == 0, shown.err


def test_without_a_model_there_is_nothing_to_show(tmp_path: Path) -> None:
    ran = Folder(tmp_path).run("personas", "show")
    assert ran.code == 1
    assert "verdictlog personas train makes one" in ran.err


def test_a_build_warns_of_a_model_that_it_can_not_use(tmp_path: Path) -> None:
    folder = Folder(tmp_path)
    assert folder.run("import", SAMPLES).code == 0
    (tmp_path / MODEL).write_text("[1, 2")
    ran = folder.run("build")
    assert ran.code == 0, ran.err
    words = " ".join(ran.err.split())
    assert f"warning: {MODEL}: it is no model of personas" in words
    assert "verdictlog personas train" in words
    shown = folder.run("personas", "show")
    assert shown.code == 1
    assert "it is no model of personas" in " ".join(shown.err.split())
    assert folder.column("SELECT code FROM problems WHERE path = ?", MODEL) == ["persona_model_unusable"]


def test_the_program_starts_without_loading_what_trains(tmp_path: Path) -> None:
    import subprocess

    code = "import sys, verdictlog.cli; print([each for each in ('sklearn', 'normalize') if each in sys.modules])"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=Path.cwd())
    assert ran.stdout.strip() == "[]"
