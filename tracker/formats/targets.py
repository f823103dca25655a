"""What formats of one target a sequence have in common: a folder each, images in it, a line for each frame."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from pathlib import Path

from tracker.annotation.track import Presence, Provenance
from tracker.errors import FormatError
from tracker.formats.building import TrackBuilder
from tracker.formats.format import (
    AnnotatedClip,
    Carries,
    ImageRule,
    MediaHint,
    ReadOptions,
    Stretch,
    Unit,
    WriteOptions,
)
from tracker.formats.text import (
    MAX_FRAMES,
    at_line,
    each,
    numbered_lines,
    one_name,
    require_clip_size,
    whole_number,
)
from tracker.geometry import Box
from tracker.jobs import Job, ProgressMeter
from tracker.media.images import IMAGE_SUFFIXES, is_image, natural_key

VIDEO_SUFFIXES = frozenset({".mp4", ".avi", ".mkv", ".mov", ".m4v", ".mpg", ".mpeg", ".webm"})


@dataclass(frozen=True)
class Found:
    """A sequence that was found.

    Attributes:
        name: Of the sequence.
        folder: Where its images should be.
        truth: The file with its boxes.
    """

    name: str
    folder: Path
    truth: Path


@dataclass(frozen=True)
class Statement:
    """What is said about one frame: a box or none, and a presence where that is known."""

    box: Box | None
    presence: Presence | None = None


class TargetFolders(ABC):
    """A format whose sequences are folders, each about one target from its first box on.

    Attributes:
        truths: Names of the file with the boxes, the first of them is written.
        image_folders: Where images may lie inside a sequence; "" for the sequence's folder itself.
    """

    title: str
    unit = Unit.TARGET
    images = ImageRule.COPY
    carries: Carries
    is_zero_based: bool
    truths: tuple[str, ...]
    image_folders: tuple[str, ...] = ("img",)

    def home(self, stretch: Stretch) -> str:
        """The sequence's folder."""
        return stretch.name

    def image_path(self, stretch: Stretch, number: int) -> str:
        """In the first of `image_folders`, with eight digits."""
        name = f"{number:08d}"
        return "/".join(part for part in (stretch.name, self.image_folders[0], name) if part)

    @abstractmethod
    def labels(self, stretch: Stretch, options: WriteOptions) -> dict[str, str]:
        """The label files of a sequence: name inside its folder, and text."""

    def index(self, stretches: list[Stretch], options: WriteOptions) -> dict[str, str]:
        """Files beside the sequences: name inside the output, and text."""
        del stretches, options
        return {}

    def write(self, folder: Path, stretches: list[Stretch], options: WriteOptions) -> Job[None]:
        """Write all label files."""

        def one(stretch: Stretch) -> None:
            write_texts(folder / stretch.name, self.labels(stretch, options))

        yield from each(stretches, f"Writing labels of {self.title}", one)
        write_texts(folder, self.index(stretches, options))

    def recognise(self, path: Path) -> bool:
        """Whether sequences with the signs of this format are there."""
        try:
            found = self.find(path)
        except (FormatError, OSError):
            return False
        return bool(found) and found[0].truth.is_file() and self.has_signs(path, found[0])

    @abstractmethod
    def has_signs(self, path: Path, first: Found) -> bool:
        """Whether the first sequence that was found has what tells this format from similar ones."""

    def find(self, path: Path) -> list[Found]:
        """The sequences of a folder, a folder of one, or a file of boxes.

        Raises:
            FormatError: `list.txt` names something outside.
        """
        if path.is_file():
            return [Found(path.parent.name, path.parent, path)] if path.name in self.truths else []
        own = self._truth_of(path)
        if own is not None:
            return [Found(path.resolve().name, path, own)]
        if not path.is_dir():
            return []
        listed = listed_names(path)
        if listed is not None:
            return [self._listed(path, name) for name in listed]
        folders = sorted((p for p in path.iterdir() if p.is_dir()), key=lambda p: natural_key(p.name))
        truths = [(folder, self._truth_of(folder)) for folder in folders]
        return [Found(folder.name, folder, truth) for folder, truth in truths if truth is not None]

    def _listed(self, path: Path, name: str) -> Found:
        folder = path / name
        return Found(name, folder, self._truth_of(folder) or folder / self.truths[0])

    def _truth_of(self, folder: Path) -> Path | None:
        return first_file(folder, self.truths)

    def read(self, path: Path, options: ReadOptions) -> Job[list[AnnotatedClip]]:
        """Read all sequences.

        Raises:
            FormatError: A file is damaged, or there is none.
        """
        found = self.find(path)
        if not found:
            raise FormatError(
                f"there is no {self.truths[0]}.", where=path, todo="Choose the data set's folder."
            )
        meter = ProgressMeter(f"Reading {self.title}", len(found))
        clips = []
        for done, sequence in enumerate(found):
            if meter.due():
                yield meter.at(done)
            clips.append(
                self.sequence(
                    sequence, self.is_zero_based if options.zero_based is None else options.zero_based
                )
            )
        yield meter.at(len(found))
        return clips

    @abstractmethod
    def sequence(self, found: Found, zero_based: bool) -> AnnotatedClip:
        """Read one sequence.

        Raises:
            FormatError: A file is damaged.
        """

    def clip(
        self,
        found: Found,
        said: list[Statement],
        *,
        label: str = "",
        attributes: tuple[str, ...] = (),
        notes: tuple[str, ...] = (),
        size: tuple[int, int] | None = None,
        fps: float | None = None,
    ) -> AnnotatedClip:
        """A clip with one target, from a statement about each frame.

        Raises:
            FormatError: There are none, or too many.
        """
        if not said:
            raise FormatError("it is empty.", where=f"{found.truth}, line 1")
        frames, start = frames_in(found.folder, self.image_folders), 0
        if frames is None:
            frames, start = referenced(found.folder), first_referenced(found.folder)
        require_clip_size(found.truth, start + len(said), 1)
        builder = TrackBuilder(1, label, attributes)
        for frame, one in enumerate(said, start):
            builder.say(frame, one.box, one.presence, Provenance.IMPORTED)
        media = MediaHint(frames, size, None, fps)
        return AnnotatedClip(found.name, (builder.build(start + len(said)),), media, found.truth, notes=notes)


def listed_names(folder: Path) -> list[str] | None:
    """The names of the sequences in `list.txt`; None where there is no list.

    Raises:
        FormatError: One leads out of the folder.
    """
    path = folder / "list.txt"
    if not path.is_file():
        return None
    return [one_name(name, at_line(path, line)) for line, name in numbered_lines(path)]


def first_file(folder: Path, names: tuple[str, ...]) -> Path | None:
    """The first of some files that a folder has."""
    return next((folder / name for name in names if (folder / name).is_file()), None)


def media_in(folder: Path, image_folders: tuple[str, ...]) -> Path | None:
    """The clip of a sequence: in its folder, or where an export by Thermark left it."""
    found = frames_in(folder, image_folders)
    return found or (referenced(folder) if folder.is_dir() else None)


def frames_in(folder: Path, image_folders: tuple[str, ...]) -> Path | None:
    """The clip inside the folder of a sequence: a folder of images, a video, or images in the folder itself."""
    if not folder.is_dir():
        return None
    for name in image_folders:
        if name and (folder / name).is_dir():
            return folder / name
    files = sorted(path for path in folder.iterdir() if path.is_file())
    videos = [path for path in files if path.suffix.lower() in VIDEO_SUFFIXES]
    if videos:
        return videos[0]
    return folder if any(path.suffix.lower() in IMAGE_SUFFIXES for path in files) else None


def referenced(folder: Path, prefix: str = "") -> Path | None:
    """The clip that an export by Thermark left where it was, from `images.txt` or `video.txt`."""
    for name in (f"{prefix}images.txt", f"{prefix}video.txt"):
        path = folder / name
        if path.is_file():
            first = next((Path(line) for _, line in numbered_lines(path)), None)
            if first is not None and first.exists():
                return first.parent if name.endswith("images.txt") else first
    return None


def first_referenced(folder: Path) -> int:
    """The frame index, in the clip that `referenced` finds, at which the labels begin: an export is of a part of it.

    Raises:
        FormatError: `video.txt` is damaged.
    """
    source = referenced(folder)
    if source is None:
        return 0
    listed, path = folder / "images.txt", folder / "video.txt"
    if source.is_dir() and listed.is_file():
        first = next(natural_key(Path(line).name) for _, line in numbered_lines(listed))
        return sum(natural_key(file.name) < first for file in source.iterdir() if is_image(file))
    lines = [text.split() for _, text in numbered_lines(path)]
    return whole_number(lines[1][0], at_line(path, 2), 0, MAX_FRAMES) if len(lines) > 1 else 0


def write_texts(folder: Path, texts: dict[str, str]) -> None:
    """Write files below a folder."""
    for name, text in texts.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8", newline="\n")
