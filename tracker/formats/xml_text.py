"""XML files of data sets, read by expat with limits; document types and entities are refused.

A document type declaration is where the attacks on XML readers begin (entities that expand a billionfold, files
named from outside). No annotation format needs one.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any
from xml.etree.ElementTree import Element, TreeBuilder
from xml.parsers import expat
from xml.sax.saxutils import escape, quoteattr

from tracker.errors import FormatError
from tracker.formats.text import at_line, read_text

MAX_DEPTH = 32

__all__ = ["Element", "XmlFile", "escape", "quoteattr"]


class XmlFile:
    """An XML file that has been read.

    Attributes:
        path: The file.
        root: Its root element.

    Args:
        path: The file.

    Raises:
        FormatError: It is missing, damaged, or tries something.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lines: dict[Element, int] = {}
        self._builder, self._depth = TreeBuilder(), 0
        self._parser: Any = expat.ParserCreate()
        self._parser.buffer_text = True
        self._parser.StartElementHandler = self._on_start
        self._parser.EndElementHandler = self._on_end
        self._parser.CharacterDataHandler = self._builder.data
        self._parser.StartDoctypeDeclHandler = self._on_doctype
        self._parser.EntityDeclHandler = self._on_doctype
        self.root = self._parse(read_text(path))

    def _parse(self, text: str) -> Element:
        try:
            self._parser.Parse(text, True)
        except expat.ExpatError as error:
            what = f"it is cut off or no XML ({expat.ErrorString(error.code)})."
            raise FormatError(what, where=at_line(self.path, error.lineno)) from None
        return self._builder.close()

    def _on_start(self, tag: str, attributes: dict[str, str]) -> None:
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise FormatError("it is nested too deeply.", where=self._here())
        self._lines[self._builder.start(tag, attributes)] = self._parser.CurrentLineNumber

    def _on_end(self, tag: str) -> None:
        self._depth -= 1
        self._builder.end(tag)

    def _on_doctype(self, *_: object) -> None:
        raise FormatError(
            "it has a document type or entities, which annotation has no use for.",
            where=self._here(),
            todo="Remove the <!DOCTYPE ...> if you trust the file.",
        )

    def _here(self) -> str:
        return at_line(self.path, self._parser.CurrentLineNumber)

    def where(self, element: Element) -> str:
        """File and line of an element."""
        return at_line(self.path, self._lines.get(element, 1))

    def text(self, parent: Element, tag: str, default: str | None = None) -> str:
        """The text of a child.

        Raises:
            FormatError: There is no such child and no default.
        """
        found = parent.find(tag)
        if found is None:
            if default is None:
                raise FormatError(f"<{tag}> is missing.", where=self.where(parent))
            return default
        return (found.text or "").strip()

    def attribute(self, element: Element, name: str) -> str:
        """An attribute of an element.

        Raises:
            FormatError: It has none of the name.
        """
        if name not in element.attrib:
            raise FormatError(f"<{element.tag}> has no {name}.", where=self.where(element))
        return element.attrib[name]
