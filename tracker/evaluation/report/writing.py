"""Writes a report; what is asked for by the ending of its name."""

from __future__ import annotations

import base64
import html
import io
import textwrap
from collections.abc import Iterator
from pathlib import Path

from matplotlib import rc_context
from matplotlib.backends.backend_pdf import PdfPages
from matplotlib.figure import Figure

from tracker.errors import EvaluationError
from tracker.evaluation.comparing import Comparison, ShownFailure
from tracker.evaluation.report.failure_pictures import failure_figures
from tracker.evaluation.report.plots import figures
from tracker.evaluation.report.tables import Table, all_tables
from tracker.jobs import Job

SUFFIXES = (".html", ".pdf")
ROWS_A_PAGE = 42
CHARACTERS_A_LINE = 130

_STYLE = """
body { font: 15px/1.45 system-ui, sans-serif; max-width: 1180px; margin: 2rem auto; padding: 0 1rem; color: #1c1f24; }
table { border-collapse: collapse; margin: .6rem 0 1.6rem; font-size: 13px; }
th, td { border-bottom: 1px solid #d9dce1; padding: .25rem .7rem; text-align: right; }
th:first-child, td:first-child { text-align: left; }
th { border-bottom: 2px solid #8b94a3; font-weight: 600; vertical-align: bottom; }
svg, img { max-width: 100%; height: auto; }
figure { margin: 0 0 1.4rem; } figcaption { color: #5a6270; font-size: 13px; }
.plots { display: flex; flex-wrap: wrap; gap: 1rem; } .plots figure { flex: 1 1 32rem; }
"""


def require_report(path: Path) -> None:
    """Refuse the name of a report that cannot be written, before any work is done.

    Raises:
        EvaluationError: Its ending says no known kind, or its folder is missing.
    """
    if path.suffix.lower() not in SUFFIXES:
        raise EvaluationError(
            "a report is .html or .pdf.", where=path, todo="Choose a name that ends with one of them."
        )
    if not path.absolute().parent.is_dir():
        raise EvaluationError("its folder does not exist.", where=path, todo="Make the folder first.")


def write_report(comparison: Comparison, path: Path) -> Job[None]:
    """Write a report, replaced whole.

    Raises:
        EvaluationError: It cannot be written.
        MediaError: A clip with a failure cannot be read any more.
    """
    require_report(path)
    failures = yield from failure_figures(comparison)
    part = path.with_name(f".part-{path.name}")
    try:
        if path.suffix.lower() == ".pdf":
            _write_pdf(comparison, failures, part)
        else:
            part.write_text(_page(comparison, failures), encoding="utf-8")
        part.replace(path)
    except OSError as error:
        raise EvaluationError(f"it cannot be written ({error.strerror}).", where=path) from error
    finally:
        part.unlink(missing_ok=True)


def _heading(comparison: Comparison) -> tuple[str, list[str]]:
    """Title, and the lines below it."""
    frames = sum(len(sequence) for sequence in comparison.sequences)
    starts = "" if comparison.starts.value == "ope" else f", {comparison.starts.value.upper()}"
    lines = [
        f"{len(comparison.sequences)} sequences, {frames} frames{starts}",
        f"Protocol: {comparison.protocol.source}",
        *comparison.notes,
    ]
    return f"Trackers on {comparison.protocol.title}", lines


def _page(comparison: Comparison, failures: list[tuple[ShownFailure, Figure]]) -> str:
    title, lines = _heading(comparison)
    parts = [
        "<!doctype html><html lang='en'><head><meta charset='utf-8'>",
        f"<title>{html.escape(title)}</title><style>{_STYLE}</style></head><body>",
        f"<h1>{html.escape(title)}</h1>",
        *(f"<p>{html.escape(line)}</p>" for line in lines),
        "<div class='plots'>",
        *(_as_svg(figure, name) for name, figure in figures(comparison).items()),
        "</div>",
    ]
    for name, table in all_tables(comparison).items():
        parts += [f"<h2>{html.escape(name)}</h2>", _as_html(table)]
    if failures:
        parts.append("<h2>Where targets were lost</h2>")
        parts += [_as_picture(figure, _caption(shown)) for shown, figure in failures]
    return "\n".join([*parts, "</body></html>\n"])


def _caption(shown: ShownFailure) -> str:
    return f"{shown.tracker} on {shown.sequence.name}, frame {shown.failure.frame}"


def _as_html(table: Table) -> str:
    head, *rows = (
        "".join(f"<{tag}>{html.escape(cell)}</{tag}>" for cell in row)
        for tag, row in zip(["th"] + ["td"] * (len(table) - 1), table, strict=True)
    )
    body = "".join(f"<tr>{row}</tr>" for row in rows)
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def _as_svg(figure: Figure, name: str) -> str:
    buffer = io.StringIO()
    # A fixed salt makes the same picture the same text.
    with rc_context({"svg.hashsalt": name, "svg.fonttype": "none"}):
        figure.savefig(buffer, format="svg", metadata={"Date": None})
    text = buffer.getvalue()
    return f"<figure>{text[text.index('<svg') :]}</figure>"


def _as_picture(figure: Figure, caption: str) -> str:
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=80, facecolor=figure.get_facecolor())
    data = base64.b64encode(buffer.getvalue()).decode("ascii")
    text = html.escape(caption)
    return f"<figure><img alt='{text}' src='data:image/png;base64,{data}'><figcaption>{text}</figcaption></figure>"


def _write_pdf(comparison: Comparison, failures: list[tuple[ShownFailure, Figure]], path: Path) -> None:
    title, lines = _heading(comparison)
    with PdfPages(path, metadata={"Title": title, "CreationDate": None}) as pages:
        pages.savefig(_text_page(title, lines))
        for figure in figures(comparison).values():
            pages.savefig(figure)
        for name, table in all_tables(comparison).items():
            for page in _table_pages(name, table):
                pages.savefig(page)
        for shown, figure in failures:
            figure.suptitle(_caption(shown), color="white", fontsize=9)
            pages.savefig(figure, facecolor=figure.get_facecolor())


def _text_page(title: str, lines: list[str]) -> Figure:
    rows = [row for line in lines for row in textwrap.wrap(line, CHARACTERS_A_LINE)]
    height = 1.4 + 0.28 * len(rows)  # inches
    figure = Figure(figsize=(11.7, height), facecolor="white")
    figure.text(0.05, 1 - 0.7 / height, title, fontsize=18)
    for number, row in enumerate(rows, 1):
        figure.text(0.05, 1 - (0.9 + 0.28 * number) / height, row, fontsize=9)
    return figure


def _table_pages(name: str, table: Table) -> Iterator[Figure]:
    head, rows = table[0], table[1:]
    for first in range(0, len(rows), ROWS_A_PAGE):
        part = rows[first : first + ROWS_A_PAGE]
        figure = Figure(figsize=(11.7, 1.0 + 0.22 * (len(part) + 1)), facecolor="white", layout="constrained")
        axes = figure.subplots()
        axes.set_axis_off()
        axes.set_title(name, fontsize=10, loc="left")
        drawn = axes.table(
            cellText=part, colLabels=head, loc="upper left", cellLoc="left", edges="horizontal"
        )
        drawn.auto_set_font_size(False)
        drawn.set_fontsize(7)
        drawn.auto_set_column_width(list(range(len(head))))
        yield figure
