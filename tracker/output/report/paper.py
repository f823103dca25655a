"""A report as PDF on A4."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
from matplotlib import rc_context
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.backends.backend_pdf import PdfPages
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from numpy.typing import NDArray

from tracker.jobs import Job, ProgressMeter
from tracker.opencv import cv2
from tracker.output.lettering import Lettering, drawable, printable
from tracker.output.report.content import Block, Content, Curves, Facts, Pictures, Section, Shot, Table
from tracker.output.report.curves import PANELS, PAPER, draw_curves

WIDTH, HEIGHT, MARGIN = 8.27, 11.69, 0.7
"""Of a page, in inches."""

ROOM = WIDTH - 2 * MARGIN
BODY, SMALL, HEADING, TITLE = 8.5, 7.5, 10.5, 15.0
"""Sizes of letters in points."""

LEADING = 1.45
INCH = 72.0
SHOTS_A_ROW = 3
CURVES_HEIGHT = 3.9
PATH_WIDTH = 3.6

FAINT = "#5f6773"
"""Of letters that matter less; dark enough to be read on paper, unlike grids."""

Draw = Callable[[Figure], None]


class Measure:
    """Widths of text in inches, as it will be drawn."""

    def __init__(self) -> None:
        self._letters = {is_bold: Lettering(40, is_bold=is_bold) for is_bold in (False, True)}

    def width(self, text: str, points: float, *, is_bold: bool = False) -> float:
        """Inches that a line takes."""
        return self._letters[is_bold].width(text) / 40 * points / INCH

    def fitted(self, text: str, points: float, width: float) -> str:
        """The line, cut where it is wider."""
        return self._letters[False].fitted(text, int(width * INCH * 40 / points))

    def wrapped(self, text: str, points: float, width: float) -> list[str]:
        """Lines that are no wider; broken between words, and within those that are wider themselves."""
        lines, line = [], ""
        for word in printable(text).split():
            joined = f"{line} {word}".strip()
            if self.width(joined, points) <= width:
                line = joined
                continue
            if line:
                lines.append(line)
            while self.width(word, points) > width and len(word) > 1:
                cut = next(
                    n for n in range(len(word) - 1, 0, -1) if n == 1 or self.width(word[:n], points) <= width
                )
                lines.append(word[:cut])
                word = word[cut:]
            line = word
        return [*lines, line] if line else lines or [""]


class Flow:
    """Lays blocks out on pages, from top to bottom.

    Attributes:
        pages: What is drawn on each page.
    """

    def __init__(self, measure: Measure) -> None:
        self._measure = measure
        self.pages: list[list[Draw]] = []
        self._y = HEIGHT

    def new_page(self) -> None:
        """Go on at the top of another page."""
        self.pages.append([])
        self._y = MARGIN

    def need(self, height: float) -> float:
        """Make room for so many inches; returns how far from the top of the page they begin."""
        if self._y + height > HEIGHT - MARGIN and self._y > MARGIN:
            self.new_page()
        begin, self._y = self._y, self._y + height
        return begin

    def skip(self, height: float) -> None:
        """Leave some room free, unless a page has just begun."""
        if self._y > MARGIN:
            self._y += height

    def draw(self, draw: Draw) -> None:
        """Draw something on the present page."""
        self.pages[-1].append(draw)

    def line(
        self, text: str, points: float, *, left: float = 0.0, colour: str = PAPER.ink, is_bold: bool = False
    ) -> None:
        """A line of text."""
        top = self.need(points * LEADING / INCH)
        self.text(text, points, left, top, colour=colour, is_bold=is_bold)

    def text(
        self,
        text: str,
        points: float,
        left: float,
        top: float,
        *,
        colour: str = PAPER.ink,
        is_bold: bool = False,
    ) -> None:
        """Text at a place of the present page, in inches from the margin and from the top."""
        weight = "bold" if is_bold else "normal"
        shown, families = drawable(text)

        def put(figure: Figure) -> None:
            figure.text(
                (MARGIN + left) / WIDTH, 1 - top / HEIGHT, shown, fontsize=points, color=colour, va="top",
                weight=weight, parse_math=False, family=families,
            )  # fmt: skip

        self.draw(put)

    def rule(self, top: float, colour: str = FAINT) -> None:
        """A thin line across the page."""
        place, ends = 1 - top / HEIGHT, (MARGIN / WIDTH, 1 - MARGIN / WIDTH)

        def put(figure: Figure) -> None:
            figure.add_artist(Line2D(ends, (place, place), color=colour, linewidth=0.4))

        self.draw(put)

    def paragraph(self, text: str, points: float = BODY, colour: str = PAPER.ink) -> None:
        """Text over as many lines as it takes."""
        for line in self._measure.wrapped(text, points, ROOM):
            self.line(line, points, colour=colour)

    def heading(self, text: str, points: float = HEADING, keep: float = 1.0) -> None:
        """A heading, with so many inches of what follows on the same page."""
        if text:
            self.skip(0.16)
            if self._y + keep > HEIGHT - MARGIN:
                self.new_page()
            for line in self._measure.wrapped(text, points * 1.08, ROOM):
                self.line(line, points, is_bold=True)
            self.skip(0.05)

    def block(self, block: Block) -> None:
        """A part of the report."""
        match block:
            case Facts():
                self._facts(block)
            case Table():
                self._table(block)
            case Pictures():
                self._pictures(block)
            case Curves():
                self._curves(block)

    def _facts(self, facts: Facts) -> None:
        self.heading(facts.title)
        names = max((self._measure.width(name, BODY) for name, _ in facts.rows), default=0) + 0.2
        for name, value in facts.rows:
            lines = self._measure.wrapped(value, BODY, ROOM - names)
            top = self.need(len(lines) * BODY * LEADING / INCH)
            self.text(name, BODY, 0, top, colour=FAINT)
            for row, line in enumerate(lines):
                self.text(line, BODY, names, top + row * BODY * LEADING / INCH)

    def _table(self, table: Table) -> None:
        self.heading(table.title)
        lefts, widths = self._columns(table)
        self._row(table.head, lefts, widths, is_head=True)
        for row in table.rows:
            before = len(self.pages)
            top = self.need(0)
            if top + SMALL * LEADING / INCH + 0.03 > HEIGHT - MARGIN:
                self.new_page()
            if len(self.pages) > before:
                self._row(table.head, lefts, widths, is_head=True)
            self._row(row, lefts, widths)
        if table.note:
            self.paragraph(table.note, SMALL, FAINT)

    def _columns(self, table: Table) -> tuple[list[float], list[float]]:
        gap = 0.18
        wanted = [
            max(
                self._measure.width(row[column], SMALL, is_bold=not number) for number, row in enumerate(rows)
            )
            for rows in [(table.head, *table.rows)]
            for column in range(len(table.head))
        ]
        excess = sum(wanted) + gap * (len(wanted) - 1) - ROOM
        while excess > 1e-6:  # the widest column gives way
            widest = int(np.argmax(wanted))
            given = min(excess, max(wanted[widest] * 0.2, 0.01))
            wanted[widest] -= given
            excess -= given
        lefts = [sum(wanted[:column]) + gap * column for column in range(len(wanted))]
        return lefts, wanted

    def _row(
        self, row: tuple[str, ...], lefts: list[float], widths: list[float], *, is_head: bool = False
    ) -> None:
        height = SMALL * LEADING / INCH + 0.03
        top = self.need(height)
        for cell, left, width in zip(row, lefts, widths, strict=True):
            text = self._measure.fitted(cell, SMALL, width + 0.03)
            self.text(text, SMALL, left, top + 0.02, is_bold=is_head)
        self.rule(top + height - 0.025, PAPER.ink if is_head else "#d9dce1")

    def _pictures(self, pictures: Pictures) -> None:
        self.heading(pictures.title, keep=2.5)
        if len(pictures.shots) == 1:
            self._shots(pictures.shots, PATH_WIDTH)
        else:
            gap = 0.15
            width = (ROOM - gap * (SHOTS_A_ROW - 1)) / SHOTS_A_ROW
            for first in range(0, len(pictures.shots), SHOTS_A_ROW):
                self._shots(pictures.shots[first : first + SHOTS_A_ROW], width, gap)
        if pictures.note:
            self.paragraph(pictures.note, SMALL, FAINT)

    def _shots(self, shots: tuple[Shot, ...], width: float, gap: float = 0.0) -> None:
        """Pictures in a row, with their captions."""
        heights = [min(width * shot.size[1] / shot.size[0], 6.0) for shot in shots]
        captions = [self._measure.wrapped(shot.caption, SMALL, width) for shot in shots]
        step = SMALL * LEADING / INCH
        top = self.need(max(heights) + 0.05 + step * max(map(len, captions)) + 0.1)
        for column, (shot, height, lines) in enumerate(zip(shots, heights, captions, strict=True)):
            left = column * (width + gap)
            self._image(shot, left, top, height * shot.size[0] / shot.size[1], height)
            for row, line in enumerate(lines):
                self.text(line, SMALL, left, top + height + 0.05 + row * step, colour=FAINT)

    def _image(self, shot: Shot, left: float, top: float, width: float, height: float) -> None:
        place = ((MARGIN + left) / WIDTH, 1 - (top + height) / HEIGHT, width / WIDTH, height / HEIGHT)

        def put(figure: Figure) -> None:
            axes = figure.add_axes(place)
            axes.imshow(_decoded(shot), interpolation="none", aspect="auto")
            axes.set_axis_off()

        self.draw(put)

    def _curves(self, curves: Curves) -> None:
        self.heading(curves.title, keep=CURVES_HEIGHT + 0.3)
        top = self.need(CURVES_HEIGHT)
        each = CURVES_HEIGHT / PANELS

        def put(figure: Figure) -> None:
            left, width = (MARGIN + 0.5) / WIDTH, (ROOM - 0.5) / WIDTH
            panels = [
                figure.add_axes(
                    (left, 1 - (top + each * (n + 1) - 0.32) / HEIGHT, width, (each - 0.55) / HEIGHT)
                )
                for n in range(PANELS)
            ]
            draw_curves(panels, curves.series)

        self.draw(put)
        if curves.note:
            self.paragraph(curves.note, SMALL, FAINT)


def _decoded(shot: Shot) -> NDArray[np.uint8]:
    picture = cv2.imdecode(np.frombuffer(shot.png, np.uint8), cv2.IMREAD_COLOR)
    return np.asarray(picture, np.uint8)[..., ::-1]


def write_pdf(content: Content, path: Path) -> Job[None]:
    """Write a report.

    Raises:
        OSError: It cannot be written.
    """
    flow = _laid_out(content)
    meter = ProgressMeter("Writing pages", len(flow.pages))
    facts = {"Title": content.title, "Creator": content.foot}
    # Type 42 keeps text that can be searched and copied.
    with rc_context({"pdf.fonttype": 42}), PdfPages(path, metadata=facts) as file:
        for number, ops in enumerate(flow.pages):
            yield meter.at(number)
            figure = Figure(figsize=(WIDTH, HEIGHT), facecolor="white")
            FigureCanvasAgg(figure)
            for draw in ops:
                draw(figure)
            figure.text(
                1 - MARGIN / WIDTH, 0.4 / HEIGHT, f"{number + 1} of {len(flow.pages)}", fontsize=SMALL, ha="right",
                color=FAINT,
            )  # fmt: skip
            file.savefig(figure)
    yield meter.at(len(flow.pages))


def _laid_out(content: Content) -> Flow:
    """All pages: laid out twice, since the contents need the numbers of pages that come after them."""
    _, begins = _lay_out(content, [0] * len(content.sections))
    return _lay_out(content, begins)[0]


def _lay_out(content: Content, numbers: list[int]) -> tuple[Flow, list[int]]:
    flow = Flow(Measure())
    flow.new_page()
    flow.heading(content.title, TITLE)
    if len(content.sections) > 1:
        flow.heading("Contents")
        for section, number in zip(content.sections, numbers, strict=True):
            _entry(flow, section, number)
    for block in content.head:
        flow.block(block)
    flow.skip(0.2)
    flow.paragraph(content.foot, SMALL, FAINT)
    begins = []
    for section in content.sections:
        flow.new_page()
        begins.append(len(flow.pages))
        flow.heading(section.title, TITLE)
        flow.paragraph(section.summary, BODY, FAINT)
        for block in section.blocks:
            flow.block(block)
    return flow, begins


def _entry(flow: Flow, section: Section, number: int) -> None:
    top = flow.need(BODY * LEADING / INCH)
    measure = Measure()
    flow.text(measure.fitted(f"{section.title}   {section.summary}", BODY, ROOM - 0.5), BODY, 0, top)
    flow.text(str(number), BODY, ROOM - measure.width(str(number), BODY), top)
