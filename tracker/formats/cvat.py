"""CVAT for video 1.1: one xml with a track for each target and a box for each frame.

Syntax as the CVAT manual has it ("XML annotation format"). Frames and pixels are counted from 0; xbr and ybr are
the right and lower edge.

Keyframes. In CVAT a keyframe is a frame that was set, by hand or by a machine; between keyframes it interpolates.
A track that was drawn by hand throughout (anchors and what was interpolated between them) is written with
source="manual", its anchors as keyframes; of any other track every frame is a keyframe, since CVAT would throw the
others away. Read, keyframes of tracks with source="manual" are anchors, and what lies between is interpolated;
boxes of all other tracks are imported ones.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from tracker.annotation.track import Presence, Provenance, Track
from tracker.errors import FormatError
from tracker.formats.clips import class_name, classes_of, require_size
from tracker.formats.cvat_reading import read_file
from tracker.formats.format import (
    AnnotatedClip,
    Carries,
    ImageRule,
    Origins,
    ReadOptions,
    Stretch,
    Unit,
    WriteOptions,
)
from tracker.formats.json_text import begins_with
from tracker.formats.losses import is_drawn
from tracker.formats.rectangles import rectangles
from tracker.formats.xml_text import escape, quoteattr
from tracker.jobs import Job, ProgressMeter

FILE = "annotations.xml"


class Cvat:
    """A folder for each clip with `annotations.xml` and, where wished, `images/frame_000000.png`."""

    title = "CVAT for video 1.1"
    unit = Unit.CLIP
    images = ImageRule.REFERENCE
    is_zero_based = True
    carries = Carries(
        ends=False, occlusion=True, origins=Origins.KEYFRAMES, label=True, attributes=None, ids=True
    )

    def home(self, stretch: Stretch) -> str:
        """The clip's folder."""
        return stretch.name

    def image_path(self, stretch: Stretch, number: int) -> str:
        """Named as CVAT names them."""
        return f"{stretch.name}/images/frame_{number - 1:06d}"

    def write(self, folder: Path, stretches: list[Stretch], options: WriteOptions) -> Job[None]:
        """Write one file for each clip."""
        meter = ProgressMeter(f"Writing labels of {self.title}", sum(len(s.tracks) for s in stretches))
        done = 0
        for stretch in stretches:
            with (folder / stretch.name / FILE).open("w", encoding="utf-8", newline="\n") as file:
                file.write(_head(stretch, require_size(stretch, self.title)))
                for track in stretch.tracks:
                    file.writelines(_track(track, len(stretch), options.zero_based))
                    done += 1
                    yield meter.at(done)
                file.write("</annotations>\n")

    def recognise(self, path: Path) -> bool:
        """A file that begins with <annotations>."""
        return any(begins_with(file, ("<annotations>",), 4096) for file in _files(path))

    def read(self, path: Path, options: ReadOptions) -> Job[list[AnnotatedClip]]:
        """Read a file, or all of a folder's folders.

        Raises:
            FormatError: A file is damaged, or there is none.
        """
        files = _files(path)
        if not files:
            raise FormatError(f"there is no {FILE}.", where=path)
        zero_based = self.is_zero_based if options.zero_based is None else options.zero_based
        clips: list[AnnotatedClip] = []
        meter = ProgressMeter(f"Reading {self.title}", len(files))
        for done, file in enumerate(files):
            yield meter.at(done)
            clips.append(read_file(file, zero_based))
        yield meter.at(len(files))
        return clips


def _files(path: Path) -> list[Path]:
    if path.is_file():
        return [path] if path.suffix.lower() == ".xml" else []
    own = path / FILE
    return [own] if own.is_file() else sorted(path.glob(f"*/{FILE}"))


def _head(stretch: Stretch, size: tuple[int, int]) -> str:
    labels = "".join(
        f"        <label><name>{escape(name)}</name><color>#e69f00</color><type>any</type><attributes>"
        "<attribute><name>attributes</name><mutable>False</mutable><input_type>text</input_type>"
        "<default_value></default_value><values></values></attribute></attributes></label>\n"
        for name in classes_of([stretch])
    )
    last = max(len(stretch) - 1, 0)
    return (
        '<?xml version="1.0" encoding="utf-8"?>\n<annotations>\n  <version>1.1</version>\n  <meta>\n    <task>\n'
        f"      <id>1</id>\n      <name>{escape(stretch.name)}</name>\n      <size>{len(stretch)}</size>\n"
        "      <mode>interpolation</mode>\n      <overlap>0</overlap>\n      <bugtracker></bugtracker>\n"
        f"      <flipped>False</flipped>\n      <start_frame>0</start_frame>\n      <stop_frame>{last}</stop_frame>\n"
        f"      <frame_filter></frame_filter>\n      <labels>\n{labels}      </labels>\n"
        f"      <original_size><width>{size[0]}</width><height>{size[1]}</height></original_size>\n"
        f"      <source>{escape(Path(stretch.media.path).name)}</source>\n    </task>\n  </meta>\n"
    )


def _track(track: Track, length: int, zero_based: bool) -> Iterator[str]:
    frames = track.frames
    is_manual = is_drawn(frames)
    boxes = rectangles(frames, zero_based=zero_based).tolist()
    said = [i for i, has in enumerate(frames.has_box.tolist()) if has]
    source = "manual" if is_manual else "auto" if (frames.provenance == Provenance.TRACKED).any() else "file"
    yield f'  <track id="{track.id}" label={quoteattr(class_name(track))} source="{source}">\n'
    words = ""
    if track.attributes:
        words = f'<attribute name="attributes">{escape(", ".join(track.attributes))}</attribute>'
    before = boxes[said[0]] if said else [0.0, 0.0, 1.0, 1.0]
    for i in range(said[0], said[-1] + 1) if said else ():
        has_box = bool(frames.has_box[i])
        before = boxes[i] if has_box else before
        is_key = not (is_manual and has_box and frames.provenance[i] == Provenance.INTERPOLATED)
        occluded = has_box and frames.presence[i] == Presence.OCCLUDED
        yield _box(i, before, not has_box, bool(occluded), is_key, words)
    if said and said[-1] + 1 < length:  # ends the track: CVAT would go on showing the last box
        yield _box(said[-1] + 1, before, True, False, True, words)
    yield "  </track>\n"


def _box(frame: int, values: list[float], outside: bool, occluded: bool, is_key: bool, words: str) -> str:
    x, y, width, height = values
    edges = f'xtl="{x:.4f}" ytl="{y:.4f}" xbr="{x + width:.4f}" ybr="{y + height:.4f}"'
    flags = f'outside="{int(outside)}" occluded="{int(occluded)}" keyframe="{int(is_key)}"'
    return f'    <box frame="{frame}" {flags} {edges} z_order="0">{words}</box>\n'
