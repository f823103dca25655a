"""The window: Qt only here, everything else is in `tracker`."""

__version__ = "0.1.0"
