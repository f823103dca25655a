"""Renders thermal-infrared clips with true boxes: for the sample clip, for tests, and to learn from."""

from tracker.training.rendering.display import GainControl, automatic_gain, to_eight_bit
from tracker.training.rendering.sampling import random_scene
from tracker.training.rendering.scene import Rendered, Scene, SceneConfig, Truth

__all__ = [
    "GainControl",
    "Rendered",
    "Scene",
    "SceneConfig",
    "Truth",
    "automatic_gain",
    "random_scene",
    "to_eight_bit",
]
