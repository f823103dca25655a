"""Tuned weights become the user's own named models, or do not; loads torch only where weights are written."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from tracker.errors import ThermarkError
from tracker.tracking.user_models import model_path
from tracker.training.proof import Proof


def accept(proof: Proof, name: str) -> Path:
    """Keep the weights of a proof as a named model with a model card.

    Args:
        proof: In which nothing got worse.
        name: Of the new model; none of that name may exist.

    Returns:
        Where it lies.

    Raises:
        ThermarkError: The proof is refused, the name cannot be used, or the file cannot be written.
    """
    from tracker.network.checkpoints import load_checkpoint, save_checkpoint

    if not proof.is_accepted:
        raise ThermarkError(
            proof.verdict(), where=proof.weights, todo="Add clips, or learn for a shorter time."
        )
    path = model_path(name)
    if path.exists():
        raise ThermarkError("there is a model of this name.", where=name, todo="Choose another name.")
    found = load_checkpoint(proof.weights)
    if found.digest != proof.digest:
        raise ThermarkError("these are not the weights that were proved.", where=proof.weights)
    _make_folder(path.parent)
    card = {"name": name, "date": date.today().isoformat(), **proof.card()}
    save_checkpoint(path, found.architecture, found.config, found.tensors, card)
    return path


def roll_back(name: str) -> None:
    """Remove one of the user's models.

    Raises:
        ThermarkError: There is none of that name, or it cannot be removed.
    """
    path = model_path(name)
    try:
        path.unlink()
    except FileNotFoundError:
        raise ThermarkError("you have no model of this name.", where=name) from None
    except OSError as error:
        raise ThermarkError(f"the model cannot be removed ({error.strerror}).", where=path) from error


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ThermarkError(f"the folder cannot be made ({error.strerror}).", where=folder) from error
