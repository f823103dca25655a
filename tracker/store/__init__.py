"""Project files: one edit, one transaction."""

from tracker.store.media import media_record
from tracker.store.project import SUFFIX, Project
from tracker.store.writer import ProposalWriter

__all__ = ["SUFFIX", "Project", "ProposalWriter", "media_record"]
