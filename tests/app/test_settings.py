from __future__ import annotations

import json
import logging
from pathlib import Path

import pytest

from app.settings import RECENT_FILES, Settings, config_dir, load_settings, save_settings, settings_path


def test_that_settings_come_back_as_they_were_saved(tmp_path: Path) -> None:
    path = tmp_path / "new" / "settings.json"
    saved = Settings(theme="light", follow=False, recent=["/a", "/b"], overlay="fused")
    save_settings(saved, path)
    assert load_settings(path) == saved
    assert [file.name for file in path.parent.iterdir()] == ["settings.json"]


def test_that_there_are_defaults_without_a_file(tmp_path: Path) -> None:
    assert load_settings(tmp_path / "none.json") == Settings()
    assert Settings().theme == "dark"


@pytest.mark.parametrize(
    "text", ["", "{", "[1, 2]", "null", '{"theme": "purple"}', '{"follow": "perhaps"}', "\x00\xff"]
)
def test_that_damaged_settings_give_defaults_and_are_kept_aside(tmp_path: Path, text: str) -> None:
    path = tmp_path / "settings.json"
    path.write_text(text, "latin-1")
    assert load_settings(path) == Settings()
    assert not path.exists()
    assert (tmp_path / "settings.json.bad").read_text("latin-1") == text


def test_that_unknown_settings_are_left_out_with_a_warning(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "settings.json"
    path.write_text(json.dumps({"theme": "light", "from_the_future": 1}))
    with caplog.at_level(logging.WARNING):
        assert load_settings(path).theme == "light"
    assert "from_the_future" in caplog.text


def test_that_a_folder_that_cannot_be_written_is_logged_and_no_reason_to_fail(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "file").write_text("not a folder")
    save_settings(Settings(), tmp_path / "file" / "settings.json")
    assert "not saved" in caplog.text


def test_that_the_latest_file_comes_first_and_none_twice(tmp_path: Path) -> None:
    settings = Settings()
    paths = [tmp_path / str(i) for i in range(RECENT_FILES + 3)]
    for path in paths:
        path.touch()
        settings.remember(path)
    settings.remember(paths[5])
    assert settings.recent_paths()[:2] == [paths[5], paths[-1]]
    assert len(settings.recent) == RECENT_FILES
    assert len(set(settings.recent)) == RECENT_FILES


def test_that_files_which_are_gone_are_not_offered(tmp_path: Path) -> None:
    settings = Settings(recent=[str(tmp_path / "gone")])
    assert settings.recent_paths() == []


def test_that_the_environment_moves_the_settings(home: Path) -> None:
    assert config_dir() == home / "config"
    assert settings_path() == home / "config" / "settings.json"
