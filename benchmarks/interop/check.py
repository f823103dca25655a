"""Open exports with the formats' own software, and compare all boxes with the truth.

Run it with an environment that has requirements.txt and no Thermark: `python benchmarks/interop/check.py OUT`.
"""

from __future__ import annotations

import argparse
import contextlib
import importlib.metadata
import io
import json
import sys
import tempfile
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

Boxes = dict[str, Any]  # target: (n, 4) x, y, width, height, 0-based; NaN where it has no box
Check = Callable[[Path], Boxes]

DATUMARO = 0.011  # it rounds the edges of all boxes to two decimals

CHECKS: list[tuple[str, str, float, Check]] = []
LENGTH = 60


def check(format_: str, package: str, within: float = 1e-3) -> Callable[[Check], Check]:
    """Put a check into the table: the format, the package that opens it, and the precision in pixels."""

    def add(function: Check) -> Check:
        CHECKS.append((format_, package, within, function))
        return function

    return add


def empty() -> Boxes:
    """Two targets without boxes."""
    return {target: np.full((LENGTH, 4), np.nan) for target in ("1", "2")}


def without_area_is_absent(rows: Any, base: int = 0) -> Any:
    """Rows of a sequence format: rectangles without area stand for no box."""
    rows = np.array(rows, float)
    rows[(rows[:, 2:] == 0).any(axis=1)] = np.nan
    rows[:, :2] -= base
    return rows


def by_target(pairs: Iterator[tuple[str, Any]]) -> Boxes:
    """Sequences by the number in their names (walk_1_person)."""
    found = {name.split("_")[1]: rows for name, rows in pairs}
    return {
        target: np.vstack((rows, np.full((LENGTH - len(rows), 4), np.nan))) for target, rows in found.items()
    }


@check("GOT-10k", "got10k")
def got10k(root: Path) -> Boxes:
    """The toolkit's data set with meta data and labels."""
    from got10k.datasets import GOT10k

    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "val").symlink_to((root / "got10k").resolve())
        data = GOT10k(folder, subset="val", return_meta=True)
        found = []
        for name in data.seq_names:
            _, rows, meta = data[name]
            rows = without_area_is_absent(rows)
            assert meta["object_class"] in ("person", "car")
            assert (np.isnan(rows[:, 0]) == (meta["absence"] == 1)).all()
            found.append((name, rows))
    return by_target(iter(found))


@check("OTB", "got10k")
def otb(root: Path) -> Boxes:
    """The toolkit's data set; its table of names is told ours."""
    from got10k.datasets import OTB

    names = sorted(path.name for path in (root / "otb").iterdir())
    versions = getattr(OTB, "_OTB__version_dict")  # noqa: B009
    versions["ours"] = names
    data = OTB(str(root / "otb"), version="ours", download=False)
    return by_target((name, without_area_is_absent(data[name][1], base=1)) for name in data.seq_names)


@check("LaSOT", "got10k")
def lasot(root: Path) -> Boxes:
    """The toolkit's reader of one sequence, with its meta data; its constructor wants the whole data set."""
    from got10k.datasets import LaSOT

    names = sorted(path.name for path in (root / "lasot").iterdir())
    data = LaSOT.__new__(LaSOT)
    data.return_meta, data.seq_names = True, names
    data.seq_dirs = [str(root / "lasot" / name / "img") for name in names]
    data.anno_files = [str(root / "lasot" / name / "groundtruth.txt") for name in names]
    found = []
    for name in names:
        files, rows, meta = data[name]
        rows = without_area_is_absent(rows, base=1)
        assert len(files) == len(rows) == len(meta["full_occlusion"])
        assert (np.isnan(rows[:, 0]) <= ((meta["out_of_view"] + meta["full_occlusion"]) > 0)).all()
        found.append((name, rows))
    return by_target(iter(found))


@check("VOT", "vot-toolkit")
def vot(root: Path) -> Boxes:
    """The toolkit's loader of sequences."""
    from vot.dataset import load_sequence
    from vot.region import Rectangle

    found = []
    for folder in sorted(path for path in (root / "vot").iterdir() if path.is_dir()):
        sequence = load_sequence(str(folder))
        regions = [sequence.groundtruth(i) for i in range(len(sequence))]
        rows = [(r.x, r.y, r.width, r.height) if isinstance(r, Rectangle) else (np.nan,) * 4 for r in regions]
        assert sequence.frame(0).channel("ir").shape[:2] == (288, 384)
        tags = [sequence.tags(i) for i in range(len(sequence))]
        assert any("occlusion" in tag for tag in tags) == folder.name.startswith("walk_1")
        found.append((folder.name, np.array(rows, float)))
    return by_target(iter(found))


@check("MOT Challenge", "trackeval")
def trackeval(root: Path) -> Boxes:
    """TrackEval's MOT data set; our ground truth as the result of a tracker must reach HOTA 1."""
    import trackeval as te

    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder) / "trackers" / "ours" / "data"
        place.mkdir(parents=True)
        gt = root / "mot" / "walk" / "gt" / "gt.txt"
        rows = np.loadtxt(gt, delimiter=",")
        rows = np.hstack((rows[:, :6], np.ones((len(rows), 1)), -np.ones((len(rows), 3))))
        np.savetxt(place / "walk.txt", rows, "%g", ",")
        settings = te.datasets.MotChallenge2DBox.get_default_dataset_config() | {
            "GT_FOLDER": str(root / "mot"),
            "TRACKERS_FOLDER": str(Path(folder) / "trackers"),
            "SEQMAP_FILE": str(root / "mot" / "seqmaps" / "all.txt"),
            "SKIP_SPLIT_FOL": True,
            "DO_PREPROC": False,
            "PRINT_CONFIG": False,
        }
        data = te.datasets.MotChallenge2DBox(settings)
        raw = data.get_raw_seq_data("ours", "walk")
        score = te.metrics.HOTA().eval_sequence(data.get_preprocessed_seq_data(raw, "pedestrian"))
        assert score["HOTA"].mean() > 1 - 1e-9
    boxes = empty()
    for frame, (ids, found) in enumerate(zip(raw["gt_ids"], raw["gt_dets"], strict=True)):
        for target, box in zip(ids, found, strict=True):
            boxes[str(int(target))][frame] = (box[0] - 1, box[1] - 1, *box[2:4])
    # Only class 1, pedestrians, is evaluated; the other class is read all the same.
    return boxes


@check("MOT Challenge", "motmetrics")
def motmetrics(root: Path) -> Boxes:
    """py-motmetrics' reader of MOT16 rows, which makes pixels 0-based."""
    import motmetrics as mm

    table = mm.io.loadtxt(str(root / "mot" / "walk" / "gt" / "gt.txt"), fmt="mot16", min_confidence=1)
    boxes = empty()
    for (frame, target), row in table.iterrows():
        boxes[str(int(target))][int(frame) - 1] = row[["X", "Y", "Width", "Height"]].to_numpy(float)
    return boxes


@check("MOT Challenge", "datumaro", DATUMARO)
def mot_datumaro(root: Path) -> Boxes:
    """Datumaro's MOT sequence; it leaves the 1-based pixels as they are."""
    boxes = from_datumaro(root / "mot" / "walk", "mot_seq", "track_id", 1)
    return {target: rows - (1, 1, 0, 0) for target, rows in boxes.items()}


@check("COCO-VID", "pycocotools")
def coco(root: Path) -> Boxes:
    """The index of pycocotools: images and annotations."""
    from pycocotools.coco import COCO

    data = COCO(str(root / "coco" / "annotations" / "instances_default.json"))
    boxes = empty()
    for image in data.loadImgs(data.getImgIds()):
        assert (root / "coco" / "images" / "default" / image["file_name"]).is_file()
        for item in data.loadAnns(data.getAnnIds(imgIds=image["id"])):
            boxes[str(item["instance_id"])][image["frame_id"]] = item["bbox"]
    return boxes


@check("COCO-VID", "datumaro", DATUMARO)
def coco_datumaro(root: Path) -> Boxes:
    """Datumaro's COCO."""
    return from_datumaro(root / "coco", "coco_instances", "track_id", 1)


@check("CVAT for video", "datumaro", DATUMARO)
def cvat_datumaro(root: Path) -> Boxes:
    """Datumaro's CVAT."""
    return from_datumaro(root / "cvat" / "walk", "cvat", "track_id", 0)


@check("CVAT for video", "lxml")
def cvat_lxml(root: Path) -> Boxes:
    """The layout of the CVAT manual: elements, attributes, and tracks that end."""
    from lxml import etree

    tree = etree.parse(str(root / "cvat" / "walk" / "annotations.xml"))
    top = tree.getroot()
    assert top.tag == "annotations"
    assert top.findtext("version") == "1.1"
    task = top.find("meta/task")
    assert task.findtext("size") == str(LENGTH)
    assert task.findtext("mode") == "interpolation"
    labels = {label.findtext("name") for label in task.iter("label")}
    due = {"frame", "outside", "occluded", "keyframe", "xtl", "ytl", "xbr", "ybr", "z_order"}
    boxes = empty()
    for track in top.iter("track"):
        assert set(track.attrib) == {"id", "label", "source"}
        assert track.get("label") in labels
        for box in track.iter("box"):
            assert set(box.attrib) == due
            x1, y1, x2, y2 = (float(box.get(key)) for key in ("xtl", "ytl", "xbr", "ybr"))
            if box.get("outside") == "0":
                boxes[track.get("id")][int(box.get("frame"))] = (x1, y1, x2 - x1, y2 - y1)
    return boxes


@check("YOLO with track ids", "datumaro", DATUMARO)
def yolo(root: Path) -> Boxes:
    """Datumaro's YOLO (Ultralytics); it knows no track ids, so targets are told by their classes."""
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder) / "data"
        for source in (root / "yolo").rglob("*"):
            target = place / source.relative_to(root / "yolo")
            if source.is_dir():
                target.mkdir(parents=True)
            elif source.parent.name == "train" and source.suffix == ".txt":
                lines = (line.rsplit(" ", 1)[0] for line in source.read_text().splitlines())
                target.write_text("".join(f"{line}\n" for line in lines))
            else:
                target.parent.mkdir(parents=True, exist_ok=True)
                target.symlink_to(source.resolve())
        return from_datumaro(place, "yolo", None, 1)


@check("ILSVRC-VID", "got10k", within=1.0)
def ilsvrc(root: Path) -> Boxes:
    """The toolkit's reader, which makes a sequence of each target; its boxes end with the last pixel."""
    from got10k.datasets import ImageNetVID

    with tempfile.TemporaryDirectory() as cache:
        data = ImageNetVID(str(root / "ilsvrc"), subset="train", cache_dir=cache)
        boxes = empty()
        for name in data.seq_names:
            _, frames, _ = data.seq_dict[name]
            files, rows = data[name]
            assert all(Path(file).is_file() for file in files)
            rows = np.atleast_2d(rows) - (0, 0, 1, 1)  # it counts xmax and ymax as inside
            boxes["1" if ".1." in name or name.endswith(".1") else "2"][frames] = rows
    return boxes


def from_datumaro(path: Path, format_: str, attribute: str | None, first: int) -> Boxes:
    """All boxes of a data set that Datumaro opens, by the frame number at the end of an item's name."""
    import datumaro as dm

    data = dm.Dataset.import_from(str(path), format_)
    categories = data.categories()[dm.AnnotationType.label]
    boxes = empty()
    for item in data:
        frame = int("".join(c for c in item.id.rsplit("_", 1)[-1].rsplit("/", 1)[-1] if c.isdigit())) - first
        for note in item.annotations:
            if note.type == dm.AnnotationType.bbox and not note.attributes.get("outside"):
                name = categories[note.label].name if note.label is not None else ""
                target = (
                    {"person": "1", "car": "2"}[name] if attribute is None else note.attributes[attribute]
                )
                boxes[str(int(target))][frame] = note.get_bbox()
    return boxes


def difference(found: Boxes, truth: Boxes) -> float:
    """Largest difference of any number of any box, infinite where one has a box and the other none."""
    worst = 0.0
    for target, rows in truth.items():
        due, came = np.array(rows, float), np.asarray(found[target], float)
        if (np.isnan(due) != np.isnan(came)).any():
            return float("inf")
        worst = max(worst, float(np.nanmax(np.abs(due - came))))
    return worst


def main() -> int:
    """Run all checks, print the table; 1 where one fails."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("--verbose", action="store_true", help="Show what went wrong in full.")
    arguments = parser.parse_args()
    root = arguments.data.resolve()
    content = json.loads((root / "truth.json").read_text())
    truth = {target: [box or [np.nan] * 4 for box in rows] for target, rows in content.items()}
    failed = 0
    print("| format | opened by | boxes | largest difference, px | |\n|---|---|---|---|---|")
    for format_, package, within, function in CHECKS:
        said = io.StringIO()
        try:
            with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
                found = function(root)
            worst = difference(found, truth)
            count = sum(int(np.isfinite(rows[:, 0]).sum()) for rows in found.values())
            result = "equal" if worst <= within else "DIFFERS"
            row = f"{count} | {worst:.4f} | {result}"
        except Exception as error:  # noqa: BLE001  # whatever a foreign package raises belongs into the table
            if arguments.verbose:
                print(said.getvalue())
                traceback.print_exc()
            result, row = "FAILED", f"- | - | FAILED: {type(error).__name__}: {str(error)[:90]}"
        failed += result != "equal"
        version = importlib.metadata.version(package)
        print(f"| {format_} | {package} {version} | {row} |", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
