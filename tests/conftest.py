"""For all tests: no screen, and no trace in the user's own folders."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

FOLDERS = {
    "THERMARK_CONFIG_DIR": "config",
    "THERMARK_DATA_DIR": "data",
    "THERMARK_LOG_DIR": "log",
    "XDG_CACHE_HOME": "cache",
    "XDG_CONFIG_HOME": "config",
    "XDG_DATA_HOME": "data",
    "XDG_STATE_HOME": "state",
}

# The same examples in every run, so that a test fails for what was changed alone, however busy the machine is.
# `--hypothesis-profile search` draws others. Fixtures made once for all examples of a test (folders) are meant to be.
settings.register_profile(
    "search",
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
settings.register_profile("steady", settings.get_profile("search"), derandomize=True, database=None)
settings.load_profile("steady")


@pytest.fixture(autouse=True)
def home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder in which settings, caches and logs end up during the test."""
    folder = tmp_path_factory.mktemp("home")
    for variable, name in FOLDERS.items():
        monkeypatch.setenv(variable, str(folder / name))
    return folder
