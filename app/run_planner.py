"""From what the user asks for to the plan of a tracking run."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from app.run_plan import (
    RunPlan,
    anchors_beyond,
    audit_target,
    choose_tracker,
    no_track,
    none_here,
    target_of,
)
from app.tracker_loading import TrackerChoice
from tracker.annotation.track import Track
from tracker.media.source import FrameSource
from tracker.store.project import Project
from tracker.tracking.pattern_correction import SETTING, Correction, corrected

if TYPE_CHECKING:
    from app.session import Session


class RunPlanner:
    """Plans runs on what is open, as the settings say; a `ThermarkError` tells why there is nothing to do."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def means(self) -> tuple[Project, FrameSource, TrackerChoice]:
        """What every run needs: where its result goes, the clip and the tracker."""
        project, source = self._session.require_project(), self._session.source
        settings = self._session.settings
        assert source is not None
        source = corrected(source, Correction.named(project.setting(SETTING)))
        return project, source, choose_tracker(project, settings.model, settings.device)

    def one(self, direction: int, through: bool, until: int | None) -> RunPlan:
        """The selected track from the current frame; see `Runs.start`."""
        track, frame = self._selected(), self._session.frame
        target = target_of(track, frame, until, self._lost_for())
        beyond = anchors_beyond(track, frame, direction) if through else ()
        return RunPlan(*self.means(), direction, (target,), beyond)

    def all_here(self, direction: int) -> RunPlan:
        """Every usable track with a box on the current frame; see `Runs.start_all`."""
        frame = self._session.frame
        tracks = [track for track in self._usable() if track.at(frame).box is not None]
        if not tracks:
            raise none_here(frame)
        return self.going_on(direction, {track.id: frame for track in tracks})

    def between(self) -> RunPlan:
        """The gaps between the selected track's anchors, from both sides."""
        target, gaps = audit_target(self._selected())
        direction, _, _ = next(gaps[0].sides())
        return RunPlan(*self.means(), direction.value, (target,), gaps=gaps)

    def going_on(self, direction: int, starts: Mapping[int, int]) -> RunPlan:
        """Some tracks, each from the frame that it is given here."""
        tracks = self._session.require_project().document.tracks
        targets = [target_of(tracks[id_], frame, lost_for=self._lost_for()) for id_, frame in starts.items()]
        return RunPlan(*self.means(), direction, tuple(targets))

    def _lost_for(self) -> int | None:
        return self._session.settings.lost_for or None

    def _selected(self) -> Track:
        track = self._session.track
        if track is None:
            raise no_track()
        return track

    def _usable(self) -> list[Track]:
        chosen, hidden = self._session.chosen, self._session.hidden
        tracks = self._session.require_project().document.tracks.values()
        usable = [track for track in tracks if not track.locked and track.id not in hidden]
        return [track for track in usable if track.id in chosen] if len(chosen) > 1 else usable
