"""`thermark export`, `import`, `convert` and `formats`, from the command line to the files."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from tests.tracker.formats.data_sets import LENGTH, write_images
from tracker.cli import cli
from tracker.formats import FORMATS
from tracker.store import Project


def call(*arguments: object) -> Result:
    return CliRunner().invoke(cli, [str(argument) for argument in arguments])


@pytest.fixture
def labels(tmp_path: Path) -> Path:
    """A folder with a clip and plain boxes: absent in frame 3."""
    folder = tmp_path / "dog"
    write_images(folder / "img")
    lines = ["nan,nan,nan,nan" if i == 3 else f"{10 + i},20,30,40.5" for i in range(LENGTH)]
    (folder / "groundtruth.txt").write_text("\n".join(lines) + "\n")
    return folder


def test_that_labels_are_imported_exported_and_converted(labels: Path, tmp_path: Path) -> None:
    project = tmp_path / "dog.thermark"
    result = call("import", labels, "-o", project)
    assert result.exit_code == 0, result.output
    assert "1 tracks, 11 boxes, 0 anchors (read as plain)" in " ".join(result.output.split())
    with Project.open(project) as opened:
        assert opened.document.track(1).frames.box(0) is not None
    result = call("export", project, "--format", "mot", "-o", tmp_path / "mot", "--images", "copy")
    assert result.exit_code == 0, result.output
    assert "12 frames from frame 0 of track 1" in result.output
    assert "cannot carry" in result.output
    assert (tmp_path / "mot" / "dog" / "gt" / "gt.txt").read_text().startswith("1,1,11,21,30,40.5,1,1,1\n")
    result = call(
        "convert", tmp_path / "mot", tmp_path / "vot", "--to", "vot", "--polygons", "--images", "none"
    )
    assert result.exit_code == 0, result.output
    first = sorted((tmp_path / "vot").glob("dog*/groundtruth.txt"))[0].read_text().splitlines()[0]
    assert first.split(",")[:4] == ["10.0000", "20.0000", "40.0000", "20.0000"]


@pytest.mark.parametrize(("base", "x"), [("--zero-based", "10"), ("--one-based", "11")])
def test_that_the_index_base_of_an_export_can_be_chosen(
    labels: Path, tmp_path: Path, base: str, x: str
) -> None:
    call("import", labels, "-o", tmp_path / "dog.thermark")
    result = call("export", tmp_path / "dog.thermark", "--format", "otb", "--output", tmp_path / "out", base)
    assert result.exit_code == 0, result.output
    text = next((tmp_path / "out").glob("*/groundtruth_rect.txt")).read_text()
    assert text.split(",")[0] == x


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        (["--format", "lisa"], "no format 'lisa'"),
        (["--format", "otb", "--gaps", "fill"], "refuse, split"),
        (["--format", "otb", "--images", "burn"], "copy, reference"),
        (["--format", "otb", "--track", "9"], "no track 9"),
        (["--format", "otb", "--image-suffix", ".gif"], ".png or .jpg"),
    ],
)
def test_that_a_wrong_option_is_explained_and_writes_nothing(
    labels: Path, tmp_path: Path, options: list[str], complaint: str
) -> None:
    call("import", labels, "-o", tmp_path / "dog.thermark")
    before = sorted(tmp_path.rglob("*"))
    result = call("export", tmp_path / "dog.thermark", "-o", tmp_path / "out", *options)
    assert result.exit_code == 2
    assert complaint in " ".join(result.output.split())
    assert sorted(tmp_path.rglob("*")) == before


def test_that_damaged_labels_are_named_with_their_line(labels: Path, tmp_path: Path) -> None:
    path = labels / "groundtruth.txt"
    path.write_text(path.read_text() + "1,2,-3,4\n")
    result = call("import", labels, "-o", tmp_path / "dog.thermark")
    assert result.exit_code == 2
    assert "groundtruth.txt, line 13" in result.output.replace("\n", "")
    assert not (tmp_path / "dog.thermark").exists()


def test_that_all_formats_are_listed() -> None:
    text = call("formats").output
    assert all(line.split()[0] in FORMATS for line in text.splitlines() if not line.startswith(" "))
    assert all(format_.title in text for format_ in FORMATS.values())
    assert "16 attributes" in text


def test_that_the_command_line_loads_torch_for_no_data_set_command() -> None:
    code = "import sys, tracker.cli, tracker.exchange, tracker.formats; print('torch' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
