from __future__ import annotations

import numpy as np
import pytest

from tests.tracker.thermal.scenes import FOLDER, looks, painted
from tracker.opencv import cv2
from tracker.thermal.look import Agc
from tracker.thermal.palettes import PALETTES

MOST_BYTES = 100_000


@pytest.mark.parametrize("name", looks())
def test_that_a_look_is_painted_as_its_golden_image(name: str) -> None:
    kept = cv2.imread(str(FOLDER / f"{name}.png"), cv2.IMREAD_COLOR)
    assert kept is not None
    golden = np.asarray(kept)[..., ::-1].astype(int)
    assert np.abs(painted(looks()[name]).astype(int) - golden).max() <= 1


def test_that_there_is_a_golden_image_of_every_palette_and_gain_control_and_no_other() -> None:
    wanted = {f"palette-{name}" for name in PALETTES} | {f"agc-{agc.value}" for agc in Agc}
    assert wanted <= looks().keys() == {path.stem for path in FOLDER.glob("*.png")}
    assert sum(path.stat().st_size for path in FOLDER.glob("*.png")) < MOST_BYTES
