"""Undo and redo: Qt keeps the list of steps, the project applies them."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QUndoCommand, QUndoStack

from tracker.annotation.edits import Edit
from tracker.errors import ProjectError
from tracker.store.project import Project


class EditCommand(QUndoCommand):
    """A step; holds the edit that takes it the other way.

    The edit is applied before the stack moves, not by `undo` and `redo`, which cannot refuse: an edit that
    cannot be saved leaves the stack where it is.
    """

    def __init__(self, opposite: Edit) -> None:
        super().__init__(opposite.name)
        self.edit = opposite


class History(QObject):
    """The steps since the project was opened, without limit.

    Signals:
        applied: (frozenset of track ids) An edit was done, undone or redone.
    """

    applied = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.stack = QUndoStack(self)
        self._project: Project | None = None

    def set_project(self, project: Project | None) -> None:
        """Begin with another project, and no steps."""
        self._project = project
        self.stack.clear()

    def do(self, edit: Edit) -> None:
        """Apply an edit as a step.

        Raises:
            ThermarkError: It is impossible or could not be saved; nothing has changed.
        """
        self.add(self._apply(edit))

    def add(self, opposite: Edit) -> None:
        """Take up, as a step, an edit that has been applied."""
        self.stack.push(EditCommand(opposite))
        self.applied.emit(opposite.touched())

    def touched_by_undo(self) -> frozenset[int]:
        """The tracks that `undo` would change."""
        return self._touched(self.stack.index() - 1)

    def touched_by_redo(self) -> frozenset[int]:
        """The tracks that `redo` would change."""
        return self._touched(self.stack.index())

    def undo(self) -> None:
        """Take the last step back.

        Raises:
            ThermarkError: It could not be saved; nothing has changed.
        """
        command = self._command(self.stack.index() - 1)
        if command is not None:
            command.edit = self._apply(command.edit)
            self.stack.undo()
            self.applied.emit(command.edit.touched())

    def redo(self) -> None:
        """Do the step taken back last again.

        Raises:
            ThermarkError: It could not be saved; nothing has changed.
        """
        command = self._command(self.stack.index())
        if command is not None:
            command.edit = self._apply(command.edit)
            self.stack.redo()
            self.applied.emit(command.edit.touched())

    def _apply(self, edit: Edit) -> Edit:
        if self._project is None:
            raise ProjectError("no clip is open.", todo="Open one first.")
        return self._project.apply(edit)

    def _command(self, position: int) -> EditCommand | None:
        command = self.stack.command(position)
        return command if isinstance(command, EditCommand) else None

    def _touched(self, position: int) -> frozenset[int]:
        command = self._command(position)
        return frozenset() if command is None else command.edit.touched()
