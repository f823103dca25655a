"""What a folder of results was made with, so that an interrupted evaluation goes on and others are not mixed in."""

from __future__ import annotations

import hashlib
import json
import math
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from tracker.errors import EvaluationError
from tracker.evaluation.protocols import Protocol
from tracker.evaluation.sequences import BenchmarkSequence
from tracker.evaluation.starts import StartProtocol

NAME = "manifest.json"
VERSION = 1


@dataclass
class Manifest:
    """The manifest of one model's folder.

    Attributes:
        model: The model's id: name, version and weights.
        settings: What else the results depend on, as plain values.
        sequences: For each finished sequence a digest of its truth, and the tracker's frames per second.
    """

    model: str
    settings: dict[str, Any]
    sequences: dict[str, dict[str, Any]] = field(default_factory=dict)

    @staticmethod
    def open(folder: Path, model: str, settings: dict[str, Any]) -> Manifest:
        """The manifest of a folder, a new one where there is none.

        Raises:
            EvaluationError: The folder holds results of another model or with other settings.
        """
        path = folder / NAME
        if not path.is_file():
            return Manifest(model, settings)
        try:
            read = json.loads(path.read_text(encoding="utf-8"))
            found = Manifest(read["model"], read["settings"], dict(read["sequences"]))
            version = read["version"]
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise EvaluationError(
                f"it cannot be read ({error}).", where=path, todo="Delete the folder."
            ) from None
        for what, old, new in (
            ("version", version, VERSION),
            ("model", found.model, model),
            *((name, found.settings.get(name), value) for name, value in settings.items()),
        ):
            if old != new:
                raise EvaluationError(
                    f"the results in this folder were made with another {what} ({old}, now {new}).",
                    where=folder,
                    todo="Choose another --output, or delete the folder.",
                )
        return found

    def is_finished(self, sequence: BenchmarkSequence) -> bool:
        """Whether a sequence, with the truth it has now, is done."""
        return self.sequences.get(sequence.name, {}).get("truth") == digest(sequence)

    def finish(self, folder: Path, sequence: BenchmarkSequence, fps: float) -> None:
        """Note that a sequence is done; at any moment the file is what it was before or the whole new one."""
        self.sequences[sequence.name] = {
            "truth": digest(sequence),
            "fps": round(fps, 2) if math.isfinite(fps) else None,
        }
        self.write(folder)

    def write(self, folder: Path) -> None:
        """Write it."""
        folder.mkdir(parents=True, exist_ok=True)
        part = folder / f".part-{NAME}"
        part.write_text(json.dumps({"version": VERSION, **asdict(self)}, indent=1) + "\n", encoding="utf-8")
        part.replace(folder / NAME)


def settings_of(protocol: Protocol, starts: StartProtocol, most_frames: int | None) -> dict[str, Any]:
    """What results depend on besides model and sequences, as JSON has it."""
    rules = protocol.supervised
    return {
        "protocol": protocol.kind.value,
        "first_pixel": protocol.first_pixel,
        "skip": rules.skip,
        "failure_overlap": rules.failure_overlap,
        "starts": starts.value,
        "most_frames": most_frames,
    }


def digest(sequence: BenchmarkSequence) -> str:
    """Of a sequence's true regions."""
    sha = hashlib.sha256()
    for region in sequence.regions:
        sha.update(region.astype("<f8").tobytes() + b"|")
    return sha.hexdigest()[:16]
