"""Choosing a variant of a replay: usual until changed, and only what the model has."""

from __future__ import annotations

from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from app.dialogs import files
from app.widgets.variant_editor import NumberField, VariantEditor
from tracker.tracking.replay_record import Side
from tracker.tracking.variant import SETTINGS, Levels, Setting, Variant


def test_that_a_setting_is_usual_until_it_is_changed_and_again_after_reset(qtbot: QtBot) -> None:
    editor = VariantEditor(Side.A, "default")
    qtbot.addWidget(editor)
    assert editor.variant() == Variant("default")
    editor.numbers["search_factor"].stepBy(1)
    editor.levels.setCurrentIndex(editor.levels.findData(Levels.SEMANTIC))
    editor.looks_around.setChecked(False)
    assert editor.variant() == Variant(
        "default", search_factor=4.5, levels=Levels.SEMANTIC, looks_around=False
    )
    assert editor.summary.text() == "search factor 4.5, semantic alone, no looking around"
    editor.reset_button.click()
    assert editor.variant() == Variant("default")


@pytest.mark.parametrize("setting", SETTINGS, ids=lambda setting: setting.field)
def test_that_a_number_reaches_both_ends_and_beyond_the_lower_one_is_usual(
    qtbot: QtBot, setting: Setting
) -> None:
    field = NumberField(setting)
    qtbot.addWidget(field)
    least, most = setting.limits
    assert field.number() is None
    field.setValue(most)
    assert field.number() == pytest.approx(most)
    field.setValue(least)
    assert field.number() == pytest.approx(least)
    field.stepBy(-1)
    assert field.number() is None


def test_that_settings_that_the_published_network_lacks_are_not_offered(qtbot: QtBot) -> None:
    editor = VariantEditor(Side.B, "default")
    qtbot.addWidget(editor)
    for field in editor.numbers.values():
        field.stepBy(1)
    editor.set_model("mlssnet")
    assert editor.variant() == Variant("mlssnet", window_influence=0.15)
    assert [name for name, field in editor.numbers.items() if field.isEnabled()] == ["window_influence"]


def test_that_a_weights_file_can_be_chosen(
    qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "ask_weights", lambda _: tmp_path / "deer.safetensors")
    editor = VariantEditor(Side.B, "default")
    qtbot.addWidget(editor)
    editor.model.activated.emit(editor.model.count() - 1)
    assert editor.variant().model == str(tmp_path / "deer.safetensors")
    assert editor.model.currentText() == "deer"
    monkeypatch.setattr(files, "ask_weights", lambda _: None)
    editor.model.activated.emit(editor.model.count() - 1)
    assert editor.model.currentText() == "deer"
