"""Writes a report; what is asked for by the ending of its name."""

from __future__ import annotations

from pathlib import Path

from tracker.jobs import Job
from tracker.output.choices import REPORT_SUFFIXES, ReportChoices
from tracker.output.files import replaced_whole, require_output
from tracker.output.report.paper import write_pdf
from tracker.output.report.sections import content_of
from tracker.output.report.series import measure_subject
from tracker.output.report.web import page
from tracker.output.subject import Subject


def write_report(subject: Subject, path: Path, choices: ReportChoices | None = None) -> Job[None]:
    """Write a report of the subject's tracks as a job; at any moment `path` is what it was, or the whole new file.

    Args:
        subject: What it is about; its source is read from the thread of the job, and not closed.
        path: .html or .pdf.
        choices: How much of it.

    Raises:
        OutputError: It cannot be written.
        MediaError: The clip cannot be read any more.
        ProjectError: The evidence is damaged.
    """
    require_output(path, REPORT_SUFFIXES, subject.source.path)
    measured = yield from measure_subject(subject)
    content = yield from content_of(subject, measured, choices or ReportChoices())
    with replaced_whole(path) as part:
        if path.suffix.lower() == ".pdf":
            yield from write_pdf(content, part)
        else:
            with part.open("w", encoding="utf-8") as file:
                file.writelines(page(content))
