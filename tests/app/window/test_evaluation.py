"""The evaluation panel: from a benchmark's folder to curves, and from a point of a curve to its frame."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QTableWidget

from app.dialogs import files
from app.docks.evaluation_dock import EvaluationDock
from app.evaluating import Evaluator
from app.evaluation_job import Wanted
from tests.app.desk import Desk, MakeDesk
from tests.tracker.evaluation.fakes import LosingFactory, write_benchmark
from tracker.errors import EvaluationError
from tracker.evaluation.comparing import ComparisonRequest


@pytest.fixture(autouse=True)
def _data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("THERMARK_DATA_DIR", str(tmp_path / "data"))


class Bench:
    """A window with its evaluation panel, on a benchmark of three sequences."""

    def __init__(self, desk: Desk, folder: Path) -> None:
        self.desk, self.folder = desk, folder
        desk.trigger("evaluation.show")
        self.dock.setup.dataset.setText(str(folder))

    @property
    def dock(self) -> EvaluationDock:
        return self.desk.window.panels.evaluation

    @property
    def evaluator(self) -> Evaluator:
        return self.desk.window.panels.evaluator

    def rest(self) -> None:
        self.desk.driver.until(lambda: not self.evaluator.is_running)

    def run(self) -> None:
        self.dock.start_button.click()
        self.rest()

    def cell(self, table: QTableWidget, row: int, column: int) -> str:
        item = table.item(row, column)
        assert item is not None
        return item.text()

    def click(self, name: str, x: float) -> None:
        self.dock.plot.pointChosen.emit(name, x)


def losing(wanted: Wanted) -> ComparisonRequest:
    models = {"steady": LosingFactory(), "losing": LosingFactory(lose_after=9)}
    return replace(wanted.request(), models=models, workers=1)


@pytest.fixture
def make_bench(make_desk: MakeDesk, tmp_path: Path) -> Callable[..., Bench]:
    def make(protocol: str = "otb", layout: str = "otb") -> Bench:
        write_benchmark(tmp_path / "set", layout=layout)
        bench = Bench(make_desk(), tmp_path / "set")
        bench.evaluator._factory = losing
        bench.dock.setup.protocol.setCurrentText(protocol)
        return bench

    return make


@pytest.fixture
def bench(make_bench: Callable[..., Bench]) -> Bench:
    return make_bench()


def test_that_the_panel_says_what_to_do_and_starts_only_when_it_can(make_desk: MakeDesk) -> None:
    desk = make_desk()
    desk.trigger("evaluation.show")
    dock = desk.window.panels.evaluation
    assert "Choose the folder" in dock.detail.text()
    assert not dock.start_button.isEnabled()
    dock.setup.dataset.setText("somewhere")
    assert dock.start_button.isEnabled()
    dock.setup.trackers.item(0).setCheckState(Qt.CheckState.Unchecked)
    assert not dock.start_button.isEnabled()


def test_that_trackers_are_compared(bench: Bench) -> None:
    bench.run()
    table = bench.dock.trackers
    assert [bench.cell(table, row, 0) for row in range(table.rowCount())] == ["steady", "losing"]
    assert float(bench.cell(table, 0, 1)) == pytest.approx(20 / 21, abs=1e-3)
    assert table.name == "steady"
    sequences = bench.dock.sequences
    assert sequences.rowCount() == 3
    assert float(bench.cell(sequences, 0, 2)) > 0.5  # steady is better than losing
    table.choose("losing")
    assert float(bench.cell(sequences, 0, 2)) < -0.5
    values = [float(bench.cell(sequences, row, 1)) for row in range(3)]
    assert values == sorted(values)  # where it is worst comes first
    assert (bench.evaluator.output or Path()).is_relative_to(bench.desk.settings_file.parent / "data")


@pytest.mark.parametrize(
    ("protocol", "layout", "curves"), [("got-10k", "got10k", 1), ("vot-tir2016", "vot", 1)]
)
def test_that_every_kind_of_protocol_can_be_shown(
    make_bench: Callable[..., Bench], protocol: str, layout: str, curves: int
) -> None:
    bench = make_bench(protocol, layout)
    bench.run()
    assert bench.dock.kind.count() == curves
    assert bench.dock.trackers.rowCount() == 2
    bench.dock.sequences.selectRow(0)
    assert not bench.dock.course.isHidden()
    bench.click("losing", 0.2)
    if protocol == "vot-tir2016":
        assert "no single frames" in bench.desk.driver.errors[-1].message
    else:
        assert bench.dock.moments.count() > 0


def test_that_a_point_of_a_curve_leads_to_its_frames_with_both_boxes(bench: Bench) -> None:
    bench.run()
    bench.click("losing", 0.0)
    item = bench.dock.moments.item(0)
    assert item.text().endswith("0.00")
    bench.dock.moments.itemClicked.emit(item)
    session = bench.desk.driver.session
    bench.desk.driver.until(lambda: bench.evaluator.moment is not None)
    moment = bench.evaluator.moment
    assert moment is not None
    bench.desk.driver.until(lambda: session.shown is not None and session.shown.index == moment.frame)
    assert session.source is not None
    assert session.source.path == moment.course.sequence.frames
    assert moment.frame >= 9
    marks = bench.desk.window.evaluation_marks
    assert (marks.true.box, marks.found.box) == (
        moment.course.true_box(moment.frame),
        moment.course.box(moment.frame),
    )
    assert (marks.true.text, marks.found.text) == ("true", "losing")
    assert session.document is not None
    assert not session.document.tracks  # nothing was written
    bench.rest()
    bench.desk.driver.until(lambda: bench.evaluator.seen(moment.frame) is not None)
    assert bench.desk.window.panels.maps._evidence is not None
    session.close()
    assert bench.evaluator.moment is None
    assert marks.true.box is None


def test_that_the_course_of_a_sequence_leads_to_its_frames_too(bench: Bench) -> None:
    bench.run()
    bench.dock.trackers.choose("losing")
    bench.dock.sequences.choose("one")
    bench.dock.course.frameRequested.emit(4)
    session = bench.desk.driver.session
    bench.desk.driver.until(lambda: session.shown is not None and session.frame == 4)
    bench.rest()
    bench.dock.course.frameRequested.emit(6)  # the clip is open already
    bench.desk.driver.until(lambda: session.shown is not None and session.shown.index == 6)
    bench.rest()


def test_that_attributes_choose_the_sequences(make_bench: Callable[..., Bench]) -> None:
    bench = make_bench("ptb-tir")
    folder = bench.folder / "anno" / "att"
    folder.mkdir(parents=True)
    flags = {"one": "1,1,0,0,0,0,0,0,0,0", "two": "1,0,1,0,0,0,0,0,0,0", "three": "0,0,1,1,0,0,0,0,0,0"}
    for name, row in flags.items():
        (folder / f"{name}.txt").write_text(row)
        truth = (bench.folder / name / "groundtruth_rect.txt").read_text()
        (bench.folder / "anno" / f"{name}.txt").write_text(truth)
    bench.run()
    attribute = bench.dock.attribute
    assert attribute.count() == 5
    assert bench.dock.sequences.rowCount() == 3
    attribute.setCurrentIndex(1)
    attribute.activated.emit(1)
    bench.rest()
    bench.desk.driver.until(lambda: bench.dock.sequences.rowCount() < 3)
    assert attribute.currentIndex() == 1
    attribute.setCurrentIndex(0)
    attribute.activated.emit(0)
    assert bench.dock.sequences.rowCount() == 3


def test_that_results_of_others_are_read_and_bad_ones_announced(bench: Bench, tmp_path: Path) -> None:
    bench.run()
    assert bench.evaluator.output is not None
    bench.evaluator._factory = lambda wanted: replace(wanted.request(), models={})
    bench.dock.setup.add_folder(bench.evaluator.output / "losing")
    bench.run()
    assert bench.dock.trackers.rowCount() == 1
    (tmp_path / "empty").mkdir()
    bench.dock.setup.add_folder(tmp_path / "empty")
    bench.run()
    assert isinstance(bench.desk.driver.errors[-1], EvaluationError)
    assert bench.dock.start_button.isEnabled()


def test_that_a_report_is_written(bench: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bench.run()
    path = tmp_path / "report.html"
    monkeypatch.setattr(files, "ask_report", lambda *_: path)
    bench.dock.report_button.click()
    bench.rest()
    bench.desk.driver.until(lambda: str(path) in bench.dock.detail.text())
    assert "losing" in path.read_text()


def test_that_the_nearest_curve_is_the_one_clicked(bench: Bench) -> None:
    bench.run()
    name, x = bench.dock.plot.point_at(0.51, 0.98) or ("", np.nan)
    assert name == "steady"
    assert x == pytest.approx(0.5)
    name, _ = bench.dock.plot.point_at(0.51, 0.1) or ("", np.nan)
    assert name == "losing"
