"""Makes the bundled sample clip anew: python -m tracker.training.rendering --output resources/sample."""

from __future__ import annotations

import argparse
from pathlib import Path

from tracker.jobs import finish
from tracker.training.rendering.sample import write_sample


def main() -> None:
    """Parse and render."""
    parser = argparse.ArgumentParser(prog="python -m tracker.training.rendering", description=__doc__)
    parser.add_argument("--output", type=Path, required=True, help="folder for the clip and its true boxes")
    finish(write_sample(parser.parse_args().output))


if __name__ == "__main__":
    main()
