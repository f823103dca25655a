"""The command line without the window: `python -m tracker.cli`, as torchrun starts it."""

from __future__ import annotations

import sys

from tracker.cli import cli


def main() -> int:
    """Run the command line; returns the exit status."""
    result = cli(standalone_mode=True, prog_name="thermark")
    return int(result or 0)


if __name__ == "__main__":
    sys.exit(main())
