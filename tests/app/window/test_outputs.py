from __future__ import annotations

from pathlib import Path

import av
import pytest
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QDialog, QFileDialog

from app.dialogs.output_clip import ClipDialog
from app.dialogs.output_dialog import OutputDialog
from app.dialogs.output_report import ReportDialog
from app.dialogs.output_still import StillDialog
from app.settings import Settings, load_settings
from tests.app.desk import Desk, MakeDesk
from tests.app.stubs import BOX, LENGTH
from tracker.annotation.edits import AddTrack
from tracker.annotation.track import Frames, FrameState, Provenance, Track
from tracker.output.choices import ClipChoices, MapInset, Marks, Quality, StillChoices, StillKind

DIALOGS: dict[str, type[OutputDialog]] = {
    "file.save_clip": ClipDialog,
    "file.save_still": StillDialog,
    "file.report": ReportDialog,
}


class Asked:
    """Stands in for the user at a dialog: looks at it, and cancels or saves."""

    def __init__(self, desk: Desk, patch: pytest.MonkeyPatch) -> None:
        self._desk, self._patch = desk, patch

    def look(self, id_: str, use: object = None) -> None:
        def shown(dialog: OutputDialog) -> QDialog.DialogCode:
            assert callable(use)
            dialog.show()
            is_saved = use(dialog) is not False
            if is_saved:
                dialog.start_button.click()
                self._desk.driver.until(lambda: dialog.result() == QDialog.DialogCode.Accepted)
            return QDialog.DialogCode.Accepted if is_saved else QDialog.DialogCode.Rejected

        self._patch.setattr(DIALOGS[id_], "exec", shown)
        self._desk.trigger(id_)


@pytest.fixture
def asked(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> Asked:
    desk.draw()
    return Asked(desk, monkeypatch)


@pytest.mark.parametrize(
    ("id_", "name"),
    [
        ("file.save_clip", "clip-annotated.mp4"),
        ("file.save_still", "clip-000000.png"),
        ("file.report", "clip-report.html"),
    ],
)
def test_that_a_file_beside_the_clip_is_suggested_and_bad_names_cannot_be_started(
    asked: Asked, id_: str, name: str
) -> None:
    def use(dialog: OutputDialog) -> bool:
        assert dialog.output.name == name
        assert dialog.start_button.isEnabled()
        dialog.file.setText("somewhere/a.xyz")
        assert not dialog.start_button.isEnabled()
        assert "Name a file that ends with" in dialog.message
        return False

    asked.look(id_, use)


def test_that_the_home_of_nobody_is_a_name_like_others(asked: Asked) -> None:
    def use(dialog: ClipDialog) -> bool:
        dialog.file.setText("~nobody-of-that-name/a.mp4")
        assert dialog.start_button.isEnabled()
        dialog.file.setText("~")
        assert not dialog.start_button.isEnabled()
        return False

    asked.look("file.save_clip", use)


def test_that_a_chosen_name_with_a_point_in_it_gets_its_suffix(
    asked: Asked, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = iter((tmp_path / "flight 2.5", tmp_path / "flight.MP4"))
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(next(names)), ""))

    def use(dialog: ClipDialog) -> bool:
        dialog.browse_button.click()
        assert dialog.output == tmp_path / "flight 2.5.mp4"
        dialog.browse_button.click()
        assert dialog.output == tmp_path / "flight.MP4"
        return False

    asked.look("file.save_clip", use)


def test_that_the_dialog_says_how_much_is_written_and_what_is_replaced(asked: Asked, tmp_path: Path) -> None:
    def use(dialog: ClipDialog) -> bool:
        dialog.scale.setCurrentIndex(dialog.scale.findData(2))
        assert f"{LENGTH} frames of 128 x 96 pixels" in dialog.message
        assert "25 a second, for the clip has no times" in dialog.message
        (tmp_path / "a.mp4").write_bytes(b"old")
        dialog.file.setText(str(tmp_path / "a.mp4"))
        assert "is replaced" in dialog.message
        return False

    asked.look("file.save_clip", use)


def test_that_the_selected_range_and_the_selected_track_are_offered(
    desk: Desk,
    asked: Asked,
    tmp_path: Path,
) -> None:
    frames = Frames.empty(LENGTH)
    frames.put(slice(5, 9), FrameState(BOX, Provenance.TRACKED))
    desk.driver.session.do(AddTrack(Track(2, "dog", "#00ff00", (), frames)))
    desk.driver.session.select(2)
    offered: list[str] = []

    def use(dialog: ClipDialog) -> None:
        offered.extend(dialog.frames.itemText(row) for row in range(dialog.frames.count()))
        offered.extend(dialog.tracks.itemText(row) for row in range(dialog.tracks.count()))
        dialog.file.setText(str(tmp_path / "a.mp4"))

    asked.look("file.save_clip", use)
    assert offered == [
        "Those of the selected track, 5 to 8",
        f"All {LENGTH}",
        "The 2 shown",
        "2 dog, the selected one",
    ]
    desk.window.ranges.select(range(3, 7))
    asked.look("file.save_clip", use)
    assert offered[4:6] == [f"All {LENGTH}", "The selected range, 3 to 6"]
    with av.open(str(tmp_path / "a.mp4")) as container:
        assert len(list(container.decode(video=0))) == 4
    assert "4 frames saved in a.mp4" in desk.window.messages.text


def test_that_hidden_tracks_are_left_out(desk: Desk, asked: Asked) -> None:
    desk.driver.session.set_hidden(1, True)

    def use(dialog: ClipDialog) -> bool:
        assert dialog.chosen_tracks() == ()
        return False

    asked.look("file.save_clip", use)


def test_that_choices_are_remembered_also_where_nothing_was_written(
    desk: Desk,
    asked: Asked,
) -> None:
    def choose(dialog: ClipDialog) -> bool:
        dialog.marks.boxes["scores"].setChecked(False)
        dialog.map.setCurrentIndex(dialog.map.findData(MapInset.FUSED))
        dialog.scale.setCurrentIndex(2)
        dialog.quality.setCurrentIndex(2)
        return False

    asked.look("file.save_clip", choose)
    expected = ClipChoices(
        marks=Marks(scores=False, similarity=MapInset.FUSED), scale=2, quality=Quality.BEST
    )
    assert desk.driver.session.settings.clip_output == expected

    def check(dialog: ClipDialog) -> bool:
        assert dialog.choices == expected
        return False

    asked.look("file.save_clip", check)
    desk.window.close()
    assert load_settings(desk.settings_file).clip_output == expected


def test_that_a_still_of_counts_needs_no_marks_and_may_be_tiff(
    asked: Asked, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(tmp_path / "still"), ""))

    def use(dialog: StillDialog) -> None:
        dialog.kind.setCurrentIndex(dialog.kind.findData(StillKind.COUNTS))
        assert not dialog.marks.isEnabled()
        assert not dialog.scale.isEnabled()
        dialog.browse_button.click()
        assert dialog.output == tmp_path / "still.png"
        dialog.file.setText(str(tmp_path / "still.tif"))

    asked.look("file.save_still", use)
    assert (tmp_path / "still.tif").exists()


def test_that_what_goes_wrong_is_said_and_another_file_can_be_named(
    desk: Desk,
    asked: Asked,
    tmp_path: Path,
) -> None:
    def use(dialog: ClipDialog) -> None:
        dialog.file.setText(str(tmp_path / "no" / "a.mp4"))
        dialog.start_button.click()
        desk.driver.until(lambda: "its folder does not exist" in dialog.message)
        assert dialog.start_button.isEnabled()
        dialog.file.setText(str(tmp_path / "a.mp4"))

    asked.look("file.save_clip", use)
    assert (tmp_path / "a.mp4").exists()


def test_that_the_clipboard_gets_the_shown_frame_as_it_is_painted(
    desk: Desk,
    asked: Asked,
) -> None:
    desk.driver.session.settings.still_output = StillChoices(kind=StillKind.PLAIN, scale=1)
    desk.driver.go_to(7)
    desk.trigger("file.copy_still")
    image = QGuiApplication.clipboard().image()
    shown = desk.driver.session.shown
    assert shown is not None
    pixel = image.pixelColor(3, 20)
    assert [pixel.red(), pixel.green(), pixel.blue()] == shown.picture.rgb[20, 3].tolist()


def test_that_the_menu_says_what_needs_tracks(make_desk: MakeDesk, clip: Path) -> None:
    desk = make_desk(settings=Settings())
    desk.driver.open(clip)
    assert desk.window.action_set["file.save_clip"].isEnabled()
    assert not desk.window.action_set["file.report"].isEnabled()
