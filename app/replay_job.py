"""What a replay is about, and the job that builds both trackers and runs it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from app.tracker_loading import ReadyTracker
from tracker.annotation.track import Frames
from tracker.jobs import Event, Job, Progress
from tracker.media.source import FrameSource
from tracker.tracking.replay import replay
from tracker.tracking.replay_record import Comparison
from tracker.tracking.through import Anchor
from tracker.tracking.variant import Variant


@dataclass(frozen=True)
class VariantChoice:
    """A tracker to build.

    Attributes:
        variant: Model and settings.
        device: "auto", "cpu", "cuda" or "mps".
        normalisation: (low, high) counts that become 0 and 255 for the network.
    """

    variant: Variant
    device: str
    normalisation: tuple[float, float]


VariantFactory = Callable[[VariantChoice], ReadyTracker]


def build(choice: VariantChoice) -> ReadyTracker:
    """Build a tracker; the first time this imports torch, which takes seconds.

    Raises:
        WeightsError: There are no such weights, they fit no network, or their architecture has none of a setting.
        DeviceError: The device does not exist or has no room.
    """
    from tracker.tracking.normalisation import Normalisation
    from tracker.tracking.variant_build import build_variant

    normalisation = Normalisation(*choice.normalisation)
    built = build_variant(choice.variant, device=choice.device, normalisation=normalisation)
    return ReadyTracker(built.tracker, built.device.name, built.device.note)


@dataclass(frozen=True, eq=False)
class Replay:
    """What is compared.

    Attributes:
        source: The clip; the job opens a reader of its own.
        track_id: Whose boxes it starts from.
        variants: A and B.
        anchors: Where it starts, and starts afresh; the first has a box.
        last: Last frame, inclusive.
        truth: What the track says about all frames, not changed meanwhile.
        device: "auto", "cpu", "cuda" or "mps".
        normalisation: (low, high) counts that become 0 and 255 for the networks.
    """

    source: FrameSource
    track_id: int
    variants: tuple[Variant, Variant]
    anchors: tuple[Anchor, ...]
    last: int
    truth: Frames
    device: str
    normalisation: tuple[float, float]

    @property
    def first(self) -> int:
        """First frame."""
        return self.anchors[0].frame


@dataclass(frozen=True)
class Began(Event):
    """Both trackers are there.

    Attributes:
        length: Frames of the clip.
        models: Ids of A's and B's model.
    """

    length: int
    models: tuple[str, str]


def replay_job(factory: VariantFactory, wanted: Replay) -> Job[Comparison]:
    """Build both trackers afresh, and replay.

    Raises:
        ThermarkError: A tracker cannot be built, or the clip cannot be read.
    """
    yield Progress("Loading the trackers", 0, None, 0.0, None)
    a, b = (
        factory(VariantChoice(variant, wanted.device, wanted.normalisation)).tracker
        for variant in wanted.variants
    )
    yield Began(len(wanted.source), (a.model_id, b.model_id))
    return (yield from replay(wanted.source.reopen(), (a, b), wanted.anchors, wanted.last, wanted.truth))
