"""Live curves of a run: TensorBoard event files, and the values kept in the run's state for the window."""

from __future__ import annotations

from pathlib import Path
from types import TracebackType
from typing import Any

from tracker.training.checkpoint import RunState


class CurveWriter:
    """Writes values while a run goes on; only the first of several processes does."""

    def __init__(self, folder: Path, *, enabled: bool = True, after: int = 0) -> None:
        """Write into `folder`/curves.

        Args:
            folder: Of the run.
            enabled: Whether this process writes.
            after: Steps done; what an interrupted run wrote beyond them is hidden.
        """
        self._folder, self._enabled, self._after = folder, enabled, after
        self._events: Any = None

    def __enter__(self) -> CurveWriter:
        if self._enabled:
            from tensorboardX import SummaryWriter  # loaded only where something is trained

            self._events = SummaryWriter(
                str(self._folder / "curves"), purge_step=self._after + 1 if self._after else None
            )
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._events is not None:
            self._events.close()

    def write(self, state: RunState, phase: str, values: dict[str, float]) -> None:
        """Add values at the state's step."""
        for name, value in values.items():
            state.curves.setdefault(f"{phase}/{name}", []).append([state.step, value])
            if self._events is not None:
                self._events.add_scalar(f"{phase}/{name}", value, state.step)
