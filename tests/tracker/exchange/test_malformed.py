"""Damaged and hostile labels of every format: a message with file and line, and nothing changed on disk."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.tracker.formats.data_sets import example, write, write_images
from tracker.errors import FormatError
from tracker.exchange import ConvertRequest, ReadRequest, convert, import_data
from tracker.formats import FORMATS
from tracker.jobs import finish

ROWS = ("got10k", "otb", "lsotb", "ptb", "vot", "lasot", "rgbt234", "plain")
RECTANGLES = tuple(name for name in ROWS if name not in ("vot", "rgbt234"))
XML_BOMB = (
    '<?xml version="1.0"?>\n<!DOCTYPE lolz [\n<!ENTITY a "ha">\n<!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">\n'
    "]>\n<{root}>&b;</{root}>\n"
)
OUTSIDER = (
    '<?xml version="1.0"?>\n<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>\n<{root}>&e;</{root}>\n'
)

Tree = dict[str, bytes]


def labels_in(folder: Path, format_: str) -> Path:
    """The file of labels that is damaged."""
    patterns = {
        **dict.fromkeys(("got10k", "vot", "lasot", "plain"), "*/groundtruth.txt"),
        "otb": "*/groundtruth_rect.txt",
        "lsotb": "anno/*.txt",
        "ptb": "tiranno/*.txt",
        "rgbt234": "*/infrared.txt",
        "gtot": "*/groundTruth_i.txt",
        "antiuav": "*/IR_label.json",
        "mot": "*/gt/gt.txt",
        "coco": "annotations/*.json",
        "ilsvrc": "**/000001.xml",
        "cvat": "*/annotations.xml",
        "yolo": "labels/train/*_000002.txt",
        "labelstudio": "tasks.json",
        "thermark": "dog.json",
    }
    return sorted(folder.glob(patterns[format_]))[0]


@pytest.fixture
def data(tmp_path: Path, request: pytest.FixtureRequest) -> tuple[str, Path]:
    """A data set in one format."""
    format_ = str(request.param)
    write(example(), format_, tmp_path / "in")
    return format_, tmp_path / "in"


def each(*names: str) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("data", names or tuple(FORMATS), indirect=True)


def tree(folder: Path) -> Tree:
    """Everything below a folder."""
    return {str(p.relative_to(folder)): p.read_bytes() if p.is_file() else b"" for p in folder.rglob("*")}


def refused(folder: Path, format_: str, file: Path | None, line: str = ", line ") -> FormatError:
    """Assert that import and conversion are refused with the file and the line, and leave everything as it was."""
    media = write_images(folder.parent / "clip") if format_ == "yolo" else None  # it must know the size
    before = tree(folder.parent)
    request = ReadRequest(folder, format_, media)
    with pytest.raises(FormatError) as caught:
        finish(import_data(request, folder.parent / "new" / "project.thermark"))
    assert tree(folder.parent) == before
    with pytest.raises(FormatError) as again:
        finish(convert(ConvertRequest(request, folder.parent / "converted", "thermark")))
    assert tree(folder.parent) == before
    assert str(again.value) == str(caught.value)
    if file is not None:
        assert str(file) in caught.value.where
    assert line in caught.value.where
    return caught.value


def change_line(path: Path, number: int, text: str) -> None:
    lines = path.read_text().splitlines()
    lines[number - 1] = text
    path.write_text("\n".join(lines) + "\n")


def change_json(path: Path, format_: str, change: Callable[[list[Any]], object]) -> None:
    """Change the second box of the first target; `change` gets a list of its x, y, width and height."""
    content = json.loads(path.read_text())
    holders: dict[str, Callable[[], tuple[Any, Any]]] = {
        "antiuav": lambda: (content["gt_rect"], 1),
        "coco": lambda: (content["annotations"][1], "bbox"),
        "thermark": lambda: (content["tracks"][0]["frames"]["box"], 1),
    }
    if format_ == "labelstudio":
        entry = content[0]["annotations"][0]["result"][0]["value"]["sequence"][1]
        keys = ("x", "y", "width", "height")
        values: Any = [entry.pop(key) for key in keys]
        changed = change(values)
        entry |= dict(zip(keys, changed if isinstance(changed, list) else values, strict=False))
    else:
        holder, key = holders[format_]()
        changed = change(holder[key])
        holder[key] = changed if isinstance(changed, list) else holder[key]
    path.write_text(json.dumps(content, indent=1))


def put(index: int, value: object) -> Callable[[list[Any]], object]:
    def change(values: list[Any]) -> object:
        values[index] = value
        return values

    return change


def spoil(path: Path, format_: str, width: str) -> None:
    """Put something else where the width of a box is."""
    if format_ in ROWS:
        change_line(path, 2, f"5,5,{width},5")
    elif format_ == "gtot":
        right = width if width in ("nan", "1e300", "five") else "1"
        change_line(path, 2, f"5 5 {right} 10")
    elif format_ == "mot":
        change_line(path, 2, f"2,1,5,5,{width},5,1,1,1")
    elif format_ == "yolo":
        change_line(path, 1, f"0 0.5 0.5 {width} 0.1 1")
    elif path.suffix == ".xml":
        edge = {"-7": "-999", "nan": "nan", "1e300": "1e300", "five": "five"}[width]
        text = path.read_text()
        text = re.sub(r'xbr="[^"]*"', f'xbr="{edge}"', text, count=1)
        path.write_text(re.sub("<xmax>[^<]*", f"<xmax>{edge}", text, count=1))
    else:
        number = {"five": "five"}.get(width)
        change_json(path, format_, put(2, number if number else float(width)))


@each()
@pytest.mark.parametrize("width", ["nan", "-7", "1e300", "five"])
def test_that_a_size_that_is_none_is_refused_with_file_and_line(data: tuple[str, Path], width: str) -> None:
    format_, folder = data
    path = labels_in(folder, format_)
    spoil(path, format_, width)
    error = refused(folder, format_, path)
    number = re.search(r", line (\d+)", error.where)
    assert number is not None
    assert int(number[1]) == line_of_damage(path, format_, width)


def line_of_damage(path: Path, format_: str, width: str) -> int:
    """Where the spoilt box is, found in the text of the file."""
    if format_ in (*ROWS, "gtot", "mot", "yolo"):
        return 1 if format_ == "yolo" else 2
    lines = path.read_text().splitlines()
    if path.suffix == ".xml":
        return next(n for n, line in enumerate(lines, 1) if "xbr=" in line or "<bndbox>" in line)
    wrong = {"nan": "NaN", "-7": "-7.0", "1e300": "1e+300", "five": '"five"'}[width]
    at = next(n for n, line in enumerate(lines, 1) if wrong in line)
    back = {"labelstudio": "{", "five": "["}.get(format_, "[")
    if width == "five":
        return at  # the number itself is named; of a box that is wrong as a whole, its beginning
    return max(n for n, line in enumerate(lines[:at], 1) if line.strip().endswith(back))


@each()
def test_that_a_file_that_breaks_off_is_refused(data: tuple[str, Path]) -> None:
    format_, folder = data
    path = labels_in(folder, format_)
    text = path.read_text()
    cut = text[: len(text) * 2 // 3]
    if format_ in ROWS or format_ == "gtot":
        separator = "," if format_ in ROWS else " "
        cut = text[: text.rindex(separator)]  # in the midst of the last line
    elif format_ == "mot":
        cut = text.rstrip().rsplit(",", 3)[0]
    elif format_ == "yolo":
        cut = text.rstrip().rsplit(" ", 1)[0]
    path.write_text(cut)
    refused(folder, format_, path)


@each()
@pytest.mark.parametrize(
    "content", [b"\x89PNG\r\n\x1a\n\0\0\0", b"\xff\xfe\xfa", b"{", b"<a>", b"what is this\n"]
)
def test_that_a_file_of_something_else_is_refused(data: tuple[str, Path], content: bytes) -> None:
    format_, folder = data
    path = labels_in(folder, format_)
    path.write_bytes(content)
    if format_ == "yolo":
        (path.with_name("dog_000001.txt")).write_bytes(content)
    refused(folder, format_, None)


@each("got10k", "mot", "yolo", "cvat", "coco", "labelstudio", "thermark", "antiuav")
def test_that_a_negative_height_is_refused(data: tuple[str, Path]) -> None:
    format_, folder = data
    path = labels_in(folder, format_)
    if path.suffix == ".json":
        change_json(path, format_, put(3, -7.0))
    elif format_ == "cvat":
        path.write_text(re.sub(r'ybr="[^"]*"', 'ybr="-99"', path.read_text(), count=1))
    else:
        number = 1 if format_ == "yolo" else 2
        rows = {"got10k": "5,5,5,-7", "mot": "2,1,5,5,5,-7,1,1,1", "yolo": "0 0.5 0.5 0.1 -0.1 1"}
        change_line(path, number, rows[format_])
    assert "negative size" in refused(folder, format_, path).what


@each(*RECTANGLES, "gtot")
def test_that_polygons_in_a_format_of_rectangles_are_refused(data: tuple[str, Path]) -> None:
    format_, folder = data
    path = labels_in(folder, format_)
    change_line(path, 3, "1,1,5,1,5,5,1,5")
    error = refused(folder, format_, path, ", line 3")
    assert "8 numbers" in error.what


@each("got10k", "lasot")
def test_that_as_many_flags_as_boxes_are_due(data: tuple[str, Path]) -> None:
    format_, folder = data
    name, text, line = {
        "got10k": ("absence.label", "0\n0\n", 3),  # the first that is missing
        "lasot": ("out_of_view.txt", "0,0\n", 1),  # all flags are on one line
    }[format_]
    path = next(folder.glob(f"*/{name}"))
    path.write_text(text)
    assert "2 flags for 12 frames" in refused(folder, format_, path, f", line {line}").what


@each(*ROWS, "gtot")
def test_that_an_empty_line_between_boxes_is_refused(data: tuple[str, Path]) -> None:
    format_, folder = data
    path = labels_in(folder, format_)
    change_line(path, 3, "")  # a frame without a box, or no frame: the boxes after it may belong elsewhere
    assert "empty" in refused(folder, format_, path, ", line 3").what


@each("vot")
def test_that_a_tag_may_be_shorter_but_not_longer_than_the_sequence(data: tuple[str, Path]) -> None:
    format_, folder = data
    path = next(folder.glob("*/occlusion.tag"))
    path.write_text("0\n" * 13)
    assert "13 flags" in refused(folder, format_, path, ", line 13").what


@each("lsotb", "ptb")
@pytest.mark.parametrize("flags", ["1,0,1", "", "1,0,2" + ",0" * 13, "x"])
def test_that_attribute_flags_are_counted(data: tuple[str, Path], flags: str) -> None:
    format_, folder = data
    path = sorted(folder.glob("*/att/*.txt"))[0]
    path.write_text(flags)
    refused(folder, format_, path)


@each("antiuav", "thermark")
def test_that_lists_of_one_length_are_due(data: tuple[str, Path]) -> None:
    format_, folder = data
    path = labels_in(folder, format_)
    content = json.loads(path.read_text())
    content["exist"] = content.get("exist", [])[:-1]
    if format_ == "thermark":
        content["tracks"][1]["frames"]["score"].pop()
    path.write_text(json.dumps(content))
    refused(folder, format_, path)


@each("mot", "coco", "cvat", "labelstudio", "thermark")
@pytest.mark.parametrize("number", [10**12, -5, 1.5, 10**400])
def test_that_a_frame_number_that_none_can_be_is_refused(data: tuple[str, Path], number: float) -> None:
    format_, folder = data
    path = labels_in(folder, format_)
    text = path.read_text()
    changed = {
        "mot": lambda: text.replace("2,1,", f"{number},1,", 1),
        "coco": lambda: text.replace('"frame_id": 2', f'"frame_id": {number}', 1),
        "cvat": lambda: text.replace('frame="2"', f'frame="{number}"', 1),
        "labelstudio": lambda: text.replace('"frame": 2,', f'"frame": {number},', 1),
        "thermark": lambda: text.replace('"index": [0', f'"index": [{number}', 1),
    }[format_]()
    assert changed != text
    path.write_text(changed)
    refused(folder, format_, path)


@each("mot", "cvat", "labelstudio", "thermark", "coco")
def test_that_more_frames_than_memory_holds_are_refused(data: tuple[str, Path]) -> None:
    format_, folder = data
    path = labels_in(folder, format_)
    path = path.parent.parent / "seqinfo.ini" if format_ == "mot" else path
    huge = 1_999_999_999
    text = path.read_text()
    changed = text.replace("seqLength=12", f"seqLength={huge}").replace("<size>12", f"<size>{huge}")
    changed = changed.replace('"framesCount": 12', f'"framesCount": {huge}').replace(
        '"length": 12', f'"length": {huge}'
    )
    assert changed != text
    path.write_text(changed)
    refused(folder, format_, path)


@each("mot", "cvat", "coco", "labelstudio", "ilsvrc", "yolo")
def test_that_two_boxes_of_one_target_in_a_frame_are_refused(data: tuple[str, Path]) -> None:
    format_, folder = data
    path = labels_in(folder, format_)
    text = path.read_text()
    if format_ == "coco":
        text = text.replace('"image_id": 2,', '"image_id": 1,', 1)
    elif format_ == "labelstudio":
        text = text.replace('"frame": 2,', '"frame": 1,', 1)
    elif format_ == "cvat":
        text = text.replace('frame="2"', 'frame="1"', 1)
    elif format_ == "ilsvrc":
        text = text.replace("<trackid>2", "<trackid>1")
    else:
        first = text.splitlines(keepends=True)[0]
        text = first + text
    path.write_text(text)
    assert "two boxes" in refused(folder, format_, path).what


@each("cvat", "ilsvrc")
@pytest.mark.parametrize("bomb", [XML_BOMB, OUTSIDER])
def test_that_an_xml_with_entities_is_refused_before_it_unfolds(data: tuple[str, Path], bomb: str) -> None:
    format_, folder = data
    path = labels_in(folder, format_)
    path.write_text(bomb.replace("{root}", {"cvat": "annotations", "ilsvrc": "annotation"}[format_]))
    assert "document type" in refused(folder, format_, path, ", line 2").what


@each("cvat", "ilsvrc", "coco", "thermark", "labelstudio", "antiuav")
def test_that_deep_nesting_is_refused(data: tuple[str, Path]) -> None:
    format_, folder = data
    path = labels_in(folder, format_)
    is_xml = path.suffix == ".xml"
    path.write_text("<a>" * 100_000 if is_xml else "[" * 100_000)
    refused(folder, format_, path)


@each("got10k", "vot")
@pytest.mark.parametrize("name", ["../secret", "/etc", "..", "a/b", "C:\\x", "x\\..\\..\\y"])
def test_that_a_list_leads_nowhere_else(data: tuple[str, Path], name: str) -> None:
    format_, folder = data
    (folder.parent / "secret").mkdir()
    shutil.copy(labels_in(folder, format_), folder.parent / "secret" / "groundtruth.txt")
    listed = folder / "list.txt"
    listed.write_text(listed.read_text() + f"{name}\n")
    refused(folder, format_, listed, f", line {len(listed.read_text().splitlines())}")


@each("coco")
@pytest.mark.parametrize("name", ["../../secret/0.png", "/etc/passwd", "a/../../../x.png"])
def test_that_file_names_lead_nowhere_else(data: tuple[str, Path], name: str) -> None:
    format_, folder = data
    path = labels_in(folder, format_)
    content = json.loads(path.read_text())
    content["images"][0]["file_name"] = name
    path.write_text(json.dumps(content))
    refused(folder, format_, path)


@each("labelstudio", "cvat", "thermark")
def test_that_a_clip_is_not_looked_for_outside(data: tuple[str, Path]) -> None:
    format_, folder = data
    write_images(folder.parent / "secret", 12)
    path = labels_in(folder, format_)
    text = path.read_text().replace("dog.mp4", "../secret").replace('"name": "dog"', '"name": "../secret"')
    path.write_text(text.replace("<name>dog<", "<name>../secret<").replace("/clips/", ""))
    before = tree(folder.parent)
    with pytest.raises(FormatError, match="not beside them"):
        finish(import_data(ReadRequest(folder, format_), folder.parent / "new"))
    assert tree(folder.parent) == before


@each()
def test_that_labels_without_their_clip_say_what_to_do(data: tuple[str, Path]) -> None:
    format_, folder = data
    before = tree(folder.parent)
    with pytest.raises(FormatError, match="--media") as caught:
        finish(import_data(ReadRequest(folder, format_), folder.parent / "new"))
    assert str(folder) in caught.value.where
    assert tree(folder.parent) == before
