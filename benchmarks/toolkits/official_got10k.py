"""What got10k's own experiments say of result files; runs in the toolkit's environment, prints JSON.

Called by `got10k_agreement.py`: `python official_got10k.py ROOT NAME...`. ROOT has `val/` in GOT-10k's layout
and `results/GOT-10k/NAME/...` and `results/OTB/NAME/...` in the layouts that got10k writes.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import matplotlib

matplotlib.use("Agg")

from got10k.experiments import ExperimentGOT10k, ExperimentOTB


class Annotations:
    """The sequences as got10k's OTB experiment wants them: names, and pairs of images and boxes."""

    def __init__(self, dataset: Any) -> None:
        self.seq_names = list(dataset.seq_names)
        self._dataset = dataset

    def __len__(self) -> int:
        return len(self.seq_names)

    def __getitem__(self, index: Any) -> Any:
        images, boxes = self._dataset[index][:2]
        return images, boxes


def main() -> None:
    """Print the performance of all trackers by both experiments."""
    root, names = Path(sys.argv[1]), sys.argv[2:]
    output, sys.stdout = sys.stdout, sys.stderr  # the experiments talk
    got = ExperimentGOT10k(str(root), "val", str(root / "results"), str(root / "reports"))
    found = {"got10k": got.report(names)}
    # The OTB experiment would download OTB; it is given these sequences instead.
    otb = object.__new__(ExperimentOTB)
    otb.dataset = Annotations(got.dataset)
    otb.result_dir, otb.report_dir = str(root / "results" / "OTB"), str(root / "reports" / "OTB")
    otb.nbins_iou, otb.nbins_ce = 21, 51
    found["otb"] = otb.report(names)
    json.dump(found, output)


if __name__ == "__main__":
    main()
