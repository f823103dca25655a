"""A report as one HTML file: nothing is loaded, no script is run, and no text of a file becomes markup."""

from __future__ import annotations

import base64
import html
import io
from collections.abc import Iterator

from matplotlib import rc_context
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure

from tracker.output.report.content import Block, Content, Curves, Facts, Pictures, Section, Shot, Table
from tracker.output.report.curves import PANELS, Theme, draw_curves

_INK, _FAINT = "#010203", "#010204"
"""Stand for the colours of the page, which the reader's light or dark mode decides."""

STYLE = """
:root { color-scheme: light dark; --ink: #1c1f24; --paper: #ffffff; --faint: #5f6773; --line: #d9dce1;
  --card: #f5f6f8; --link: #1363b5; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6e9ee; --paper: #14171c; --faint: #8b94a3; --line: #333a45;
  --card: #1c2128; --link: #7fb4f5; } }
@media print { :root { color-scheme: light; --ink: #1c1f24; --paper: #ffffff; --faint: #5f6773; --line: #d9dce1;
  --card: #f5f6f8; --link: #1c1f24; } section { break-before: page; } figure, tr { break-inside: avoid; }
  body { max-width: none; margin: 0; font-size: 13px; }
  .shots { grid-template-columns: repeat(3, 1fr); } }
* { box-sizing: border-box; }
body { font: 15px/1.5 system-ui, "Segoe UI", Roboto, "DejaVu Sans", sans-serif; max-width: 1080px; margin: 2rem auto;
  padding: 0 1.2rem; color: var(--ink); background: var(--paper); overflow-wrap: anywhere; }
h1 { font-size: 1.6rem; line-height: 1.25; margin: 0 0 .3rem; } h2 { font-size: 1.3rem; margin: 2.4rem 0 .2rem;
  padding-top: .8rem; border-top: 1px solid var(--line); } h3 { font-size: 1rem; margin: 1.6rem 0 .5rem; }
a { color: var(--link); } p { margin: .2rem 0 .8rem; }
.faint, figcaption, footer { color: var(--faint); font-size: 13px; }
.facts { display: grid; grid-template-columns: repeat(auto-fit, minmax(22rem, 1fr)); gap: 0 2rem; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .2rem 1.2rem; margin: .4rem 0; font-size: 14px;
  align-content: start; }
dt { color: var(--faint); } dd { margin: 0; }
.table { overflow-x: auto; } table { border-collapse: collapse; font-size: 13px; font-variant-numeric: tabular-nums; }
th, td { border-bottom: 1px solid var(--line); padding: .25rem .9rem .25rem 0; text-align: left; vertical-align: top; }
th, td { overflow-wrap: normal; }
th { border-bottom: 2px solid var(--faint); font-weight: 600; }
figure { margin: 0; } svg { width: 100%; height: auto; display: block; }
img { max-width: 100%; height: auto; display: block; border-radius: 4px; }
.shots { display: grid; grid-template-columns: repeat(auto-fill, minmax(14rem, 1fr)); gap: 1rem; align-items: start; }
.one { max-width: 52rem; } footer { margin-top: 2.5rem; border-top: 1px solid var(--line); padding-top: .6rem; }
"""


def page(content: Content) -> Iterator[str]:
    """The parts of the file, in order."""
    title = html.escape(content.title)
    yield (
        "<!doctype html>\n<html lang='en'><head><meta charset='utf-8'>"
        "<meta name='viewport' content='width=device-width, initial-scale=1'>"
        "<meta http-equiv='Content-Security-Policy' content=\"default-src 'none'; img-src data:; "
        "style-src 'unsafe-inline'\">"
        f"<title>{title}</title><style>{STYLE}</style></head><body>\n<h1>{title}</h1>\n"
    )
    if len(content.sections) > 1:
        yield _contents(content.sections)
    facts = [block for block in content.head if isinstance(block, Facts)]
    yield "<div class='facts'>" + "".join(f"<div>{_facts(block)}</div>" for block in facts) + "</div>\n"
    for block in content.head:
        if not isinstance(block, Facts):
            yield _block(block) + "\n"
    for number, section in enumerate(content.sections):
        yield f"<section id='track-{number}'><h2>{html.escape(section.title)}</h2>"
        yield f"<p class='faint'>{html.escape(section.summary)}</p>\n"
        for block in section.blocks:
            yield _block(block) + "\n"
        yield "</section>\n"
    yield f"<footer>{html.escape(content.foot)}</footer></body></html>\n"


def _contents(sections: tuple[Section, ...]) -> str:
    entries = "".join(
        f"<li><a href='#track-{number}'>{html.escape(section.title)}</a> "
        f"<span class='faint'>{html.escape(section.summary)}</span></li>"
        for number, section in enumerate(sections)
    )
    return f"<nav><h3>Contents</h3><ul>{entries}</ul></nav>\n"


def _block(block: Block) -> str:
    match block:
        case Facts():
            return _facts(block)
        case Table():
            return _table(block)
        case Pictures():
            return _pictures(block)
        case Curves():
            return _heading(block.title) + _curves(block) + _note(block.note)


def _heading(title: str) -> str:
    return f"<h3>{html.escape(title)}</h3>" if title else ""


def _note(note: str) -> str:
    return f"<p class='faint'>{html.escape(note)}</p>" if note else ""


def _facts(facts: Facts) -> str:
    rows = "".join(f"<dt>{html.escape(name)}</dt><dd>{html.escape(value)}</dd>" for name, value in facts.rows)
    return f"{_heading(facts.title)}<dl>{rows}</dl>"


def _table(table: Table) -> str:
    head = "".join(f"<th scope='col'>{html.escape(name)}</th>" for name in table.head)
    rows = "".join(
        "<tr>" + "".join(f"<td>{html.escape(cell)}</td>" for cell in row) + "</tr>" for row in table.rows
    )
    body = f"<div class='table'><table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></div>"
    return _heading(table.title) + body + _note(table.note)


def _pictures(pictures: Pictures) -> str:
    kind = "one" if len(pictures.shots) == 1 else "shots"
    shots = "".join(map(_shot, pictures.shots))
    return f"{_heading(pictures.title)}<div class='{kind}'>{shots}</div>{_note(pictures.note)}"


def _shot(shot: Shot) -> str:
    data, text = base64.b64encode(shot.png).decode("ascii"), html.escape(shot.caption)
    width, height = shot.size
    return (
        f"<figure><img alt='{text}' width='{width}' height='{height}' src='data:image/png;base64,{data}'>"
        f"<figcaption>{text}</figcaption></figure>"
    )


def _curves(curves: Curves) -> str:
    figure = Figure(figsize=(8.8, 6.4))
    figure.subplots_adjust(left=0.075, right=0.99, top=0.955, bottom=0.075, hspace=0.2)
    FigureCanvasSVG(figure)
    draw_curves(list(figure.subplots(PANELS, 1, sharex=True)), curves.series, Theme(_INK, _FAINT))
    buffer = io.StringIO()
    # A fixed salt makes the same picture the same text.
    with rc_context({"svg.hashsalt": "thermark", "svg.fonttype": "none"}):
        figure.savefig(buffer, format="svg", metadata={"Date": None, "Creator": None}, transparent=True)
    text = buffer.getvalue()
    text = text[text.index("<svg") :].replace(_INK, "currentColor").replace(_FAINT, "var(--faint)")
    return f"<figure>{text}</figure>"
