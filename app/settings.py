"""What the window remembers between sessions: typed, versioned, and never a reason not to start."""

from __future__ import annotations

import json
import logging
import os
import tempfile
from pathlib import Path
from typing import Literal

import platformdirs
from pydantic import BaseModel, Field, ValidationError

from tracker.address import is_there
from tracker.output.choices import ClipChoices, ReportChoices, StillChoices

log = logging.getLogger(__name__)

VERSION = 1
RECENT_FILES = 10


class Settings(BaseModel):
    """Everything that is remembered; unknown keys are left out with a warning.

    Attributes:
        version: Version of this schema.
        theme: "dark", "light" or "system".
        recent: Paths of clips and projects, latest first.
        geometry: Place and size of the window, as Qt saves it, base64.
        layout: Places of the docks and tool bars, as Qt saves them, base64.
        merge_mode: Name of the `MergeMode` that a finished tracking run is merged with.
        lost_for: Frames for which a target must be lost for a run to stop; 0 to wait until it comes back.
        follow: Whether the shown frame follows a tracking run.
        device: "auto", "cpu", "cuda" or "mps".
        model: "default", or the path of a weights file.
        sensor_events: Whether sensor events are marked on the timeline.
        preset: Shortcuts after which tool: "thermark", "cvat" or "darklabel".
        shortcuts: The user's changes to them: action id -> keys.
        clip_output: How annotated clips were made last.
        still_output: How stills were made last.
        report_output: How reports were made last.
        guide_seen: Whether the guide through the first steps has been shown.
        overlay: Similarity map painted over the frame: "none", "semantic", "structural" or "fused".
        look: The look of the clip that was changed last, as JSON of `tracker.thermal.look.Look`; new clips begin so.
        palettes: The user's own palettes: name -> colours, coldest first.
        colour_bar: Whether a bar beside the frame says what its colours mean.
        temperature_unit: Name of the `Unit` of temperatures.
        regions_follow: Whether new regions follow the selected target.
        peaks: Whether hottest pixels are marked.
    """

    version: int = VERSION
    theme: Literal["dark", "light", "system"] = "dark"
    recent: list[str] = Field(default_factory=list)
    geometry: str = ""
    layout: str = ""
    merge_mode: str = "FILL_GAPS"
    lost_for: int = Field(default=0, ge=0)
    follow: bool = True
    device: Literal["auto", "cpu", "cuda", "mps"] = "auto"
    model: str = "default"
    overlay: str = "none"
    look: str = ""
    palettes: dict[str, list[str]] = Field(default_factory=dict)
    colour_bar: bool = True
    temperature_unit: Literal["CELSIUS", "FAHRENHEIT", "KELVIN"] = "CELSIUS"
    regions_follow: bool = True
    peaks: bool = True
    guide_seen: bool = False
    sensor_events: bool = True
    preset: Literal["thermark", "cvat", "darklabel"] = "thermark"
    shortcuts: dict[str, list[str]] = Field(default_factory=dict)
    clip_output: ClipChoices = ClipChoices()
    still_output: StillChoices = StillChoices()
    report_output: ReportChoices = ReportChoices()

    def remember(self, path: Path) -> None:
        """Put `path` first among the recent files."""
        others = [entry for entry in self.recent if entry != str(path)]
        self.recent = [str(path), *others][:RECENT_FILES]

    def recent_paths(self) -> list[Path]:
        """The recent files that still exist, latest first."""
        return [path for path in map(Path, self.recent) if is_there(path)]


def config_dir() -> Path:
    """Folder of the settings; THERMARK_CONFIG_DIR overrides the system's."""
    return Path(os.environ.get("THERMARK_CONFIG_DIR") or platformdirs.user_config_dir("thermark"))


def log_dir() -> Path:
    """Folder of the log; THERMARK_LOG_DIR overrides the system's."""
    return Path(os.environ.get("THERMARK_LOG_DIR") or platformdirs.user_log_dir("thermark"))


def settings_path() -> Path:
    """The settings file."""
    return config_dir() / "settings.json"


def load_settings(path: Path) -> Settings:
    """Read settings; defaults where there are none, or where they are damaged (then kept aside as .bad)."""
    try:
        values = json.loads(path.read_text("utf-8"))
        if not isinstance(values, dict):
            raise ValueError("not a table of settings")
        unknown = sorted(set(values) - set(Settings.model_fields))
        if unknown:
            log.warning("%s: ignoring unknown settings %s", path, ", ".join(unknown))
        return Settings.model_validate(values)
    except FileNotFoundError:
        return Settings()
    except (OSError, ValueError, ValidationError) as error:
        log.warning("%s: starting with default settings: %s", path, error)
        _keep_aside(path)
        return Settings()


def _keep_aside(path: Path) -> None:
    try:
        path.replace(path.with_name(path.name + ".bad"))
    except OSError as error:
        log.warning("%s: cannot keep the damaged settings aside: %s", path, error)


def save_settings(settings: Settings, path: Path) -> None:
    """Write settings so that a crash leaves the old file or the new one, never half of one.

    A folder that cannot be written to is logged and otherwise ignored: settings are a convenience.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile("w", encoding="utf-8", dir=path.parent, delete=False) as file:
            file.write(settings.model_dump_json(indent=2))
            file.flush()
            os.fsync(file.fileno())
        Path(file.name).replace(path)
    except OSError as error:
        log.warning("%s: settings are not saved: %s", path, error)
