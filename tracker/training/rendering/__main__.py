"""Renders the bundled sample clip anew, or with --corpus a corpus of random scenes to learn from.

python -m tracker.training.rendering --output resources/sample
python -m tracker.training.rendering --corpus 400 --output corpus --workers 2 --seed 1
"""

from __future__ import annotations

import argparse
import logging
from pathlib import Path

from tracker.errors import ThermarkError
from tracker.jobs import Event, Progress, finish
from tracker.training.rendering.corpus import render_corpus
from tracker.training.rendering.sample import write_sample

_log = logging.getLogger("tracker.training.rendering")


def main() -> None:
    """Parse and render."""
    parser = _parser()
    arguments = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    try:
        if arguments.corpus is None:
            finish(write_sample(arguments.output))
        else:
            job = render_corpus(arguments.output, arguments.corpus, arguments.seed, workers=arguments.workers)
            count = finish(job, _Reporter())
            _log.info("rendered %d scenes into %s", count, arguments.output)
    except ThermarkError as error:
        parser.exit(1, f"{error}\n")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m tracker.training.rendering",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--output", type=Path, required=True, help="folder for what is rendered")
    parser.add_argument(
        "--corpus", type=_positive, metavar="N", help="render N random scenes, not the sample"
    )
    parser.add_argument("--workers", type=_positive, default=1, help="processes for the corpus (%(default)s)")
    parser.add_argument("--seed", type=int, default=1, help="of the corpus (%(default)s)")
    return parser


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("must be at least 1")
    return number


class _Reporter:
    """A line of the log for each twentieth of the work."""

    def __init__(self) -> None:
        self._said = -1

    def __call__(self, event: Event) -> None:
        if not isinstance(event, Progress) or not event.total:
            return
        share = event.done * 20 // event.total
        if share > self._said:
            self._said = share
            _log.info("%s: %d of %d, %.1f per second", event.stage, event.done, event.total, event.rate)


if __name__ == "__main__":
    main()
