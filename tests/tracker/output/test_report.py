from __future__ import annotations

import base64
import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest

from tests.tracker.output.fakes import FakeSource, subject_of, track_of
from tracker.annotation.regions import Region
from tracker.annotation.track import Frames, FrameState, Provenance, Track
from tracker.errors import OutputError
from tracker.geometry import Box
from tracker.jobs import Progress, finish
from tracker.media.facts import PlanckFacts, SensorFacts
from tracker.opencv import cv2
from tracker.outline import Shape
from tracker.output.choices import ReportChoices
from tracker.output.readings import Readings
from tracker.output.report import write_report
from tracker.output.report.curves import spans, thinned
from tracker.output.report.moments import moments
from tracker.output.report.series import measure_subject
from tracker.output.subject import Subject
from tracker.store.thermal import calibration_of
from tracker.thermal.isotherms import Band, BandKind, BandUnit
from tracker.thermal.look import Look
from tracker.thermal.radiometry import LinearCalibration, Unit

EVIL = "<script>alert(1)</script>\"'&<img src=x onerror=alert(2)> $\\frac{ & \x07"


class Reader(HTMLParser):
    """Collects what a browser would see."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str]] = []
        self.words: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [(name, value or "") for name, value in attrs]

    def handle_data(self, data: str) -> None:
        self.words.append(data)

    @property
    def text(self) -> str:
        return " ".join(self.words)


def html_of(subject: Subject, folder: Path, choices: ReportChoices | None = None) -> Reader:
    path = folder / "report.html"
    finish(write_report(subject, path, choices))
    reader = Reader()
    reader.feed(path.read_text(encoding="utf-8"))
    return reader


def pdf_of(subject: Subject, folder: Path) -> bytes:
    path = folder / "report.pdf"
    finish(write_report(subject, path))
    return path.read_bytes()


def pages(pdf: bytes) -> int:
    return len(re.findall(rb"/Type /Page\b", pdf))


def test_that_a_report_says_what_is_known(tmp_path: Path) -> None:
    text = html_of(subject_of(), tmp_path).text
    for said in (
        "clip.mkv",
        "ab" * 32,
        "12 of 48 x 36 pixels, 16 bits, gray",
        "1 fox",
        "11 boxes from frame 0 to 11",
        "first-model",
        "second-model",
        "unavailable: no calibration is known",
        "Linear, whole clip",
        "3000 to 4000 counts",
        "visible 10, occluded 1, absent 1",
        "0:00:00.500",
    ):
        assert said in text, said


def test_that_pictures_are_in_the_file_and_can_be_read(tmp_path: Path) -> None:
    reader = html_of(subject_of(), tmp_path)
    sources = [value for name, value in reader.attributes if name == "src"]
    assert len(sources) > 5
    for source in sources:
        kind, data = source.split(",", 1)
        assert kind == "data:image/png;base64"
        assert cv2.imdecode(np.frombuffer(base64.b64decode(data), np.uint8), cv2.IMREAD_COLOR) is not None
    assert "svg" in reader.tags


def test_that_nothing_from_files_becomes_markup(tmp_path: Path) -> None:
    source = FakeSource()
    source.path = Path(f"/nowhere/{EVIL.replace('/', '')}.mkv")
    source.facts = SensorFacts(camera=EVIL)
    track = replace(track_of(12, label=EVIL), attributes=(EVIL,), models=[EVIL, EVIL])
    subject = subject_of(source, track)
    subject = replace(subject, regions=(Region(1, EVIL, Shape.SPOT, ((5.0, 5.0),)),))
    plain, evil = html_of(subject_of(), tmp_path), html_of(subject, tmp_path)
    assert set(evil.tags) <= set(plain.tags) | {"svg"}
    assert "script" not in evil.tags
    assert evil.tags.count("img") == plain.tags.count("img")
    assert not [name for name, _ in evil.attributes if name.startswith("on")]
    assert "<script>alert(1)</script>" in evil.text  # as text
    for _, value in evil.attributes:
        assert not value.startswith("javascript:")


def test_that_nothing_is_loaded_from_elsewhere(tmp_path: Path) -> None:
    reader = html_of(subject_of(), tmp_path)
    links = [value for name, value in reader.attributes if name in ("src", "href", "xlink:href", "action")]
    assert all(value.startswith(("data:", "#")) for value in links)
    assert "link" not in reader.tags
    assert "iframe" not in reader.tags


def test_that_several_tracks_have_a_list_of_contents_that_leads_to_them(tmp_path: Path) -> None:
    tracks = [track_of(12, id_, f"fox {id_}") for id_ in (1, 2, 3)]
    reader = html_of(subject_of(FakeSource(), *tracks), tmp_path)
    links = [value for name, value in reader.attributes if name == "href" and value.startswith("#track")]
    ids = [value for name, value in reader.attributes if name == "id" and value.startswith("track")]
    assert links == [f"#{id_}" for id_ in ids]
    assert len(links) == 3


@pytest.mark.parametrize("suffix", [".html", ".pdf"])
def test_that_a_track_without_frames_is_reported_as_such(tmp_path: Path, suffix: str) -> None:
    empty = Track(7, "nobody", "#ffffff", (), Frames.empty(12))
    path = tmp_path / f"report{suffix}"
    finish(write_report(subject_of(FakeSource(), empty, track_of(12)), path))
    if suffix == ".html":
        assert "Nothing is said about it yet." in path.read_text(encoding="utf-8")


@pytest.mark.parametrize("suffix", [".html", ".pdf"])
def test_that_a_track_of_one_frame_has_a_report(tmp_path: Path, suffix: str) -> None:
    frames = Frames.empty(12)
    frames.put(11, FrameState(Box(40, 30, 20, 20), Provenance.IMPORTED))
    path = tmp_path / f"report{suffix}"
    finish(write_report(subject_of(FakeSource(), Track(1, "one", "#123456", (), frames)), path))
    assert path.stat().st_size > 1000


@pytest.mark.parametrize("suffix", [".html", ".pdf"])
@pytest.mark.parametrize("source", [FakeSource(1), FakeSource(12, fps=None), FakeSource(12, channels=3)])
def test_that_clips_of_one_frame_without_times_or_in_colour_have_reports(
    tmp_path: Path, suffix: str, source: FakeSource
) -> None:
    frames = Frames.empty(len(source))
    frames.put(slice(None), FrameState(Box(4, 4, 8, 8), Provenance.MANUAL))
    path = tmp_path / f"report{suffix}"
    finish(write_report(subject_of(source, Track(1, "one", "#123456", (), frames)), path))
    assert path.stat().st_size > 1000


def test_that_a_report_without_tracks_tells_about_the_clip(tmp_path: Path) -> None:
    subject = Subject(FakeSource())
    assert "clip.mkv" in html_of(subject, tmp_path).text
    assert pages(pdf_of(subject, tmp_path)) == 1


def test_that_a_pdf_has_pages_for_each_track(tmp_path: Path) -> None:
    one = pages(pdf_of(subject_of(), tmp_path))
    tracks = [track_of(12, id_) for id_ in (1, 2, 3)]
    three = pages(pdf_of(subject_of(FakeSource(), *tracks), tmp_path))
    assert three == 1 + 3 * (one - 1)


def test_that_a_pdf_takes_any_label(tmp_path: Path) -> None:
    tracks = [
        track_of(12, id_, label) for id_, label in enumerate((EVIL * 9, "狐狸", "\U0001f98a", "", "$$"), 1)
    ]
    assert pages(pdf_of(subject_of(FakeSource(), *tracks), tmp_path)) > 5


def test_that_long_tables_are_cut_and_say_so(tmp_path: Path) -> None:
    frames = Frames.empty(200)
    frames.put(slice(None), FrameState(Box(4, 4, 8, 8), Provenance.MANUAL))
    subject = subject_of(FakeSource(200), Track(1, "one", "#123456", (), frames))
    assert "190 more are not listed." in html_of(subject, tmp_path, ReportChoices(rows=10)).text


def test_that_pictures_are_at_most_as_many_as_asked_for(tmp_path: Path) -> None:
    few = html_of(subject_of(), tmp_path, ReportChoices(snapshots=2)).tags.count("img")
    none = html_of(subject_of(), tmp_path, ReportChoices(snapshots=0)).tags.count("img")
    assert (few, none) == (3, 1)  # one is the path


def test_that_moments_are_first_last_highest_and_changes() -> None:
    (series,) = finish(measure_subject(subject_of())).tracks
    found, left_out = moments(series, 20)
    reasons = {moment.frame: moment.reasons for moment in found}
    assert reasons[0][0] == "first frame"
    assert reasons[11][0] == "last frame"
    assert reasons[3] == ("occluded",)
    assert reasons[4] == ("absent", "decided by hand")
    assert reasons[5] == ("visible again",)
    assert any("highest counts" in reason for each in reasons.values() for reason in each)
    assert left_out == 0
    few, left_out = moments(series, 3)
    assert {0, 11} <= {moment.frame for moment in few}
    assert len(few) == 3
    assert left_out == len(found) - 3


def test_that_what_is_measured_is_in_the_box() -> None:
    subject = subject_of()
    (series,) = finish(measure_subject(subject)).tracks
    counts = subject.source.frame(2)[6:18, 8:18]
    assert series.highest[2] == counts.max()
    assert series.lowest[2] == counts.min()
    assert series.mean[2] == pytest.approx(counts.mean())
    assert np.isnan(series.highest[4])
    assert series.size[2] == pytest.approx(np.sqrt(120))
    assert series.speed[7] == pytest.approx(10.0)  # a pixel each tenth of a second


@pytest.mark.parametrize("is_known", [True, False])
def test_that_nothing_is_measured_in_broken_frames(tmp_path: Path, is_known: bool) -> None:
    source = FakeSource()
    source.bad_frames, source.hidden_faults = ((7, 11), frozenset()) if is_known else ((), frozenset({7, 11}))
    region = Region(1, "wall", Shape.BOX, ((1.0, 1.0), (9.0, 9.0)))
    measured = finish(measure_subject(replace(subject_of(source), regions=(region,))))
    for column in (measured.tracks[0].highest, measured.regions[0].mean):
        assert np.isnan(column[[7, 11]]).all()
        assert np.isfinite(column[[6, 8]]).all()
    assert "Unreadable frame" in html_of(subject_of(source), tmp_path).text  # the last frame has a picture


def test_that_all_times_of_a_report_are_those_of_the_clip(tmp_path: Path) -> None:
    source = FakeSource(12, times=[3600 + index / 10 for index in range(12)])
    text = html_of(subject_of(source), tmp_path).text
    assert "1:00:00.000 to 1:00:01.100" in text
    assert "0:00:00.000" not in text
    assert "0:00:01.100 from the first to the last frame" in text


def test_that_rates_are_not_rounded_to_others(tmp_path: Path) -> None:
    assert "29.97 frames per second" in html_of(subject_of(FakeSource(3, fps=30000 / 1001)), tmp_path).text


def test_that_isotherms_are_in_the_readers_unit(tmp_path: Path) -> None:
    look = Look(bands=(Band(low=310.15, unit=BandUnit.KELVIN), Band(kind=BandKind.BELOW, high=3100.0)))
    readings = Readings.of(LinearCalibration(0.1, 0.0))
    text = html_of(replace(subject_of(), look=look, readings=readings), tmp_path).text
    assert "above 37 °C in #ff3b30; below 3100 counts" in text


def test_that_temperatures_are_in_the_wanted_unit() -> None:
    readings = Readings.of(LinearCalibration(0.1, 0.0), Unit.FAHRENHEIT)
    subject = replace(subject_of(), readings=readings)
    (series,) = finish(measure_subject(subject)).tracks
    kelvin = 0.1 * subject.source.frame(2)[6:18, 8:18].max()
    assert series.highest[2] == pytest.approx((kelvin - 273.15) * 1.8 + 32, abs=1e-3)
    assert readings.text(float(series.highest[2])).endswith(" °F")


def test_that_a_planck_calibration_is_written_down(tmp_path: Path) -> None:
    facts = PlanckFacts(
        r1=17096, r2=0.0434, b=1428, f=1, o=-72, emissivity=0.83, distance=12, reflected=295, atmosphere=290,
        humidity=0.4, alpha1=0.006569, alpha2=0.01262, beta1=-0.002276, beta2=-0.00667, x=1.9,
    )  # fmt: skip
    known = calibration_of(SensorFacts(planck=facts))
    text = html_of(replace(subject_of(), readings=Readings.of(known)), tmp_path).text
    for said in ("Planck: R1 17096", "0.83", "distance 12 m", "humidity 40%", "temperature (°C)"):
        assert said in text, said


def test_that_regions_are_measured_fixed_ones_over_the_clip_and_others_with_their_track(
    tmp_path: Path,
) -> None:
    regions = (
        Region(1, "wall", Shape.BOX, ((0.0, 0.0), (4.0, 4.0))),
        Region(2, "head", Shape.ELLIPSE, ((0.2, 0.0), (0.8, 0.3)), 1),
    )
    subject = replace(subject_of(), regions=regions)
    measured = finish(measure_subject(subject))
    wall, head = measured.regions
    assert np.isfinite(wall.highest).all()
    assert np.isnan(head.highest[4])
    assert np.isfinite(np.delete(head.highest, 4)).all()
    np.testing.assert_array_equal(wall.highest, [subject.source.frame(i)[:4, :4].max() for i in range(12)])
    text = html_of(subject, tmp_path).text
    assert "wall" in text
    assert "head" in text


def test_that_cancelling_leaves_what_was_there(tmp_path: Path) -> None:
    for suffix in (".html", ".pdf"):
        path = tmp_path / f"a{suffix}"
        path.write_bytes(b"old")
        job = write_report(subject_of(FakeSource(200)), path)
        while not (isinstance(event := next(job), Progress) and "Pictures" in event.stage):
            pass
        job.close()
        assert path.read_bytes() == b"old"
    assert len(list(tmp_path.iterdir())) == 2


@pytest.mark.parametrize("name", ["a.docx", "a", "no/a.html"])
def test_that_reports_of_other_kinds_are_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(OutputError):
        next(write_report(subject_of(), tmp_path / name))


def test_that_long_curves_keep_their_peaks_and_gaps() -> None:
    x = np.arange(100_000.0)
    y = np.sin(x / 900)
    y[54_321] = 9.0
    y[20_000:30_000] = np.nan
    thin_x, thin_y = thinned(x, y)
    assert len(thin_x) <= 3000
    assert np.nanmax(thin_y) == 9.0
    assert np.isnan(thin_y[(thin_x > 21_000) & (thin_x < 29_000)]).all()
    assert (np.diff(thin_x) > 0).all()


def test_that_spans_are_the_stretches_of_true_values() -> None:
    assert list(spans(np.array([True, True, False, True]))) == [(0, 2), (3, 4)]
    assert list(spans(np.zeros(3, np.bool_))) == []
