"""From a data set to a report, with trackers that are known to lose."""

from __future__ import annotations

import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest
import scipy.io  # type: ignore[import-untyped]  # scipy brings no types

from tests.tracker.evaluation.fakes import LosingFactory, write_benchmark
from tracker.errors import EvaluationError
from tracker.evaluation.comparing import Comparison, ComparisonRequest, compare, name_of
from tracker.evaluation.protocols import load_protocol
from tracker.evaluation.report import write_report
from tracker.evaluation.starts import StartProtocol
from tracker.jobs import finish

PTB_FLAGS = {"one": "1,1,0,0,0,0,0,0,0,0", "two": "1,0,1,0,0,0,0,0,0,0", "three": "0,0,1,1,0,0,0,0,0,0"}


def request(tmp_path: Path, protocol: str = "otb", **more: object) -> ComparisonRequest:
    layout = {"vot-tir2016": "vot", "got-10k": "got10k"}.get(protocol, "otb")
    folder = tmp_path / "set"
    if not folder.exists():
        write_benchmark(folder, layout=layout, first_pixel=load_protocol(protocol).first_pixel)
    models = {"steady": LosingFactory(), "losing": LosingFactory(lose_after=9)}
    made = ComparisonRequest(folder, load_protocol(protocol), tmp_path / "out", models=models)
    return replace(made, **more)  # type: ignore[arg-type]  # names are those of the fields


def values(comparison: Comparison) -> dict[str, dict[str, float]]:
    return {o.name: {key: each.value for key, each in o.values.items()} for o in comparison.outcomes}


def test_that_trackers_are_ranked_and_scored(tmp_path: Path) -> None:
    comparison = finish(compare(request(tmp_path)))
    assert [outcome.name for outcome in comparison.outcomes] == ["steady", "losing"]
    found = values(comparison)
    assert found["steady"]["success"] == pytest.approx(20 / 21)
    # 9 of 30, 24 and 27 frames are right
    assert found["losing"]["success"] == pytest.approx(20 / 21 * np.mean([9 / 30, 9 / 24, 9 / 27]))
    assert "losing-1" in comparison.outcomes[1].note
    assert {shown.tracker for shown in comparison.failures} == {"losing"}
    assert len(comparison.failures) == 3


def test_that_another_trackers_files_are_scored_like_ones_own(tmp_path: Path) -> None:
    first = finish(compare(request(tmp_path)))
    again = request(tmp_path, models={}, results={"theirs": tmp_path / "out" / "losing"})
    assert values(finish(compare(again)))["theirs"] == values(first)["losing"]


def test_that_the_order_of_sequences_does_not_matter(tmp_path: Path) -> None:
    made = request(tmp_path)
    first = values(finish(compare(made)))
    (made.dataset / "list.txt").write_text("two\nthree\none\n", encoding="ascii")
    again = values(finish(compare(made)))
    for name, found in first.items():
        assert again[name] == pytest.approx(found)


@pytest.mark.parametrize(
    ("protocol", "key", "expected"),
    [
        ("got-10k", "ao", None),
        ("vot-tir2016", "failures", 2 + 2 + 2),  # losing again 13 frames after each start
    ],
)
def test_that_the_other_kinds_of_protocol_run(
    tmp_path: Path, protocol: str, key: str, expected: float | None
) -> None:
    found = values(finish(compare(request(tmp_path, protocol))))
    if expected is None:
        counted = [[k for k in range(1, n) if k % 5] for n in (30, 24, 27)]
        right = sum(k < 9 for ks in counted for k in ks)
        assert found["losing"][key] == pytest.approx(right / sum(map(len, counted)), abs=1e-6)
        assert found["steady"][key] == 1
    else:
        assert found["losing"][key] == expected
        assert found["steady"]["accuracy"] == 1


@pytest.mark.parametrize("starts", [StartProtocol.SRE, StartProtocol.TRE])
def test_that_sre_and_tre_are_means_over_starts(tmp_path: Path, starts: StartProtocol) -> None:
    found = values(finish(compare(request(tmp_path, starts=starts))))
    if starts is StartProtocol.TRE:
        assert found["steady"]["success"] == pytest.approx(20 / 21)
    else:
        assert 0.6 < found["steady"]["success"] < 20 / 21
    assert found["losing"]["success"] < found["steady"]["success"]


def test_that_attributes_are_scored_over_their_sequences(tmp_path: Path) -> None:
    made = request(tmp_path, "ptb-tir")
    (made.dataset / "anno" / "att").mkdir(parents=True)
    for name, flags in PTB_FLAGS.items():
        text = (made.dataset / name / "groundtruth_rect.txt").read_text(encoding="ascii")
        (made.dataset / "anno" / f"{name}.txt").write_text(text, encoding="ascii")
        (made.dataset / "anno" / "att" / f"{name}.txt").write_text(flags, encoding="ascii")
    comparison = finish(compare(made))
    losing = next(o for o in comparison.outcomes if o.name == "losing")
    assert losing.by_attribute["deformation"] == pytest.approx(20 / 21 * np.mean([9 / 30, 9 / 24]))
    assert losing.by_attribute["background clutter"] == pytest.approx(20 / 21 * 9 / 27)
    assert "PTB-TIR has 60 sequences; these are 3." in comparison.notes


class Checker(HTMLParser):
    """Counts elements, and what a page would fetch."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.fetched: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        for name, value in attrs:
            if name in ("src", "href") and value and not value.startswith(("data:", "#")):
                self.fetched.append(value)


def test_that_the_html_report_is_whole_and_fetches_nothing(tmp_path: Path) -> None:
    curves = np.tile(np.linspace(1, 0, 21), (2, 3, 1))
    names = np.empty((2, 1), object)
    names[:, 0] = ["Published <1>", "Other"]
    against = tmp_path / "aveSuccessRatePlot_2alg_overlap_OPE.mat"
    scipy.io.savemat(against, {"aveSuccessRatePlot": curves, "nameTrkAll": names})
    comparison = finish(compare(request(tmp_path, against=(against,))))
    path = tmp_path / "report.html"
    finish(write_report(comparison, path))
    text = path.read_text(encoding="utf-8")
    checker = Checker()
    checker.feed(text)
    assert checker.fetched == []
    assert checker.tags.count("svg") == 3
    assert checker.tags.count("img") == 3  # the failures
    for expected in ("0.952 [0.952, 0.952]", "Published &lt;1&gt;", "losing on two, frame 9", "By sequence"):
        assert expected in text
    assert not list(tmp_path.glob(".part-*"))


def test_that_the_pdf_report_has_a_page_for_each_part(tmp_path: Path) -> None:
    comparison = finish(compare(request(tmp_path, "vot-tir2016")))
    path = tmp_path / "report.pdf"
    finish(write_report(comparison, path))
    data = path.read_bytes()
    assert data.startswith(b"%PDF")
    # title, two plots, tables, failures
    assert len(re.findall(rb"/Type /Page\b", data)) >= 1 + 2 + 2 + 3


def test_that_a_report_must_have_a_place_and_a_kind(tmp_path: Path) -> None:
    comparison = finish(compare(request(tmp_path)))
    with pytest.raises(EvaluationError, match=r"\.html or \.pdf"):
        finish(write_report(comparison, tmp_path / "report.doc"))
    with pytest.raises(EvaluationError, match="folder does not exist"):
        finish(write_report(comparison, tmp_path / "none" / "report.pdf"))


def test_that_requests_without_sense_are_refused(tmp_path: Path) -> None:
    with pytest.raises(EvaluationError, match="nothing to compare"):
        finish(compare(request(tmp_path, models={})))
    with pytest.raises(EvaluationError, match="losing: this is the name of a model too"):
        finish(compare(request(tmp_path, results={"losing": tmp_path})))


def test_that_models_have_names_for_folders() -> None:
    assert name_of("default") == "default"
    assert name_of("/some/where/tuned.v2.safetensors") == "tuned.v2"
    assert name_of("my/model") == "my-model"
