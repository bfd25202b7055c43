"""A workbook as an archive of parts: read with care, its sheets named, written again part by part."""

import io
import posixpath
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeAlias
from xml.parsers.expat import ExpatError

from defusedxml.common import DefusedXmlException
from defusedxml.minidom import parseString

from govmap.errors import InputError

Element: TypeAlias = Any  # of xml.dom.minidom, which is read through defusedxml
Document: TypeAlias = Any

ENDINGS = (".xlsx", ".xlsm", ".xltx")
OLD = b"\xd0\xcf\x11\xe0"
MOST_BYTES, MOST_PARTS = 200_000_000, 5_000
TYPES = "[Content_Types].xml"
BEFORE_CALC = ("sheets", "definedNames", "externalReferences", "functionGroups")
ZIP_DAY = (1980, 1, 1, 0, 0, 0)
SHEET, STRINGS, CHAIN, STYLES = "/worksheet", "/sharedStrings", "/calcChain", "/styles"


@dataclass
class Book:
    """The parts of a workbook by name, in their order, and which of them are its sheets: (name, part)."""

    parts: dict[str, bytes]
    workbook: str = ""
    sheets: list[tuple[str, str]] = field(default_factory=list)

    def xml(self, part: str) -> Document:
        """Read one part."""
        parsed: Document = parseString(self.parts[part])
        return parsed

    def put(self, part: str, document: Document) -> None:
        """Write one part."""
        self.parts[part] = document.toxml(encoding="UTF-8", standalone=True)

    def related(self, part: str) -> Iterator[tuple[Element, str, str]]:
        """Give the relations of a part: the element, the kind, the part it leads to."""
        if rels_of(part) not in self.parts:
            return
        for one in elements(self.xml(rels_of(part)), "Relationship"):
            if one.getAttribute("TargetMode") != "External":
                yield one, one.getAttribute("Type"), resolved(part, one.getAttribute("Target"))

    def related_part(self, part: str, kind: str) -> str | None:
        """Name the part of one kind that a part leads to."""
        return next((to for _, said, to in self.related(part) if said.endswith(kind) and to in self.parts), None)

    def strings(self) -> list[str]:
        """Give the texts that the cells share."""
        part = self.related_part(self.workbook, STRINGS)
        return [] if part is None else [text_of(one) for one in elements(self.xml(part), "si")]

    def forget_results(self) -> None:
        """Have formulas calculated anew when the workbook is opened."""
        chain = self.related_part(self.workbook, CHAIN)
        if chain is not None:
            self.drop(chain)
        document = self.xml(self.workbook)
        found = elements(document, "calcPr")
        calc = found[0] if found else None
        if calc is None:
            calc = document.createElement(prefix_of(document.documentElement) + "calcPr")
            root = document.documentElement
            root.insertBefore(calc, _behind_names(root))
        calc.setAttribute("fullCalcOnLoad", "1")
        self.put(self.workbook, document)

    def drop(self, part: str) -> None:
        """Take a part out, with what is said of it elsewhere."""
        del self.parts[part]
        types, rels = self.xml(TYPES), self.xml(rels_of(self.workbook))
        for one in elements(types, "Override"):
            if one.getAttribute("PartName") == f"/{part}":
                one.parentNode.removeChild(one)
        for one in elements(rels, "Relationship"):
            if resolved(self.workbook, one.getAttribute("Target")) == part:
                one.parentNode.removeChild(one)
        self.put(TYPES, types)
        self.put(rels_of(self.workbook), rels)

    def packed(self) -> bytes:
        """Give the workbook as bytes that do not tell when they were made."""
        page = io.BytesIO()
        with zipfile.ZipFile(page, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, content in self.parts.items():
                archive.writestr(zipfile.ZipInfo(name, ZIP_DAY), content, zipfile.ZIP_DEFLATED)
        return page.getvalue()


class Wrapped:
    """Styles of cells whose text breaks into lines, made of those that do not where they are needed."""

    def __init__(self, book: Book) -> None:
        self.book = book
        self.part = book.related_part(book.workbook, STYLES)
        self.made: dict[str, str] = {}

    def __call__(self, style: str) -> str:
        """Give the number of a style that is like another and breaks its text into lines."""
        if style not in self.made:
            self.made[style] = style if self.part is None else self._make(self.part, int(style))
        return self.made[style]

    def _make(self, part: str, style: int) -> str:
        document = self.book.xml(part)
        groups = elements(document, "cellXfs")
        known = elements(groups[0], "xf") if groups else []
        if style >= len(known):
            return str(style)
        made = known[style].cloneNode(deep=True)
        found = elements(made, "alignment")
        if found and found[0].getAttribute("wrapText") in ("1", "true"):
            return str(style)
        alignment = found[0] if found else document.createElement(prefix_of(made) + "alignment")
        alignment.setAttribute("wrapText", "1")
        if not found:
            made.insertBefore(alignment, made.firstChild)
        made.setAttribute("applyAlignment", "1")
        groups[0].appendChild(made)
        groups[0].setAttribute("count", str(len(known) + 1))
        self.book.put(part, document)
        return str(len(known))


def read(path: Path) -> Book:
    """
    Read a workbook.

    Raises
    ------
    InputError
        It is no workbook that can be filled: of another kind, locked by a password, damaged, or there is none.
    """
    if path.suffix.lower() not in ENDINGS:
        raise InputError("office_ending", where=str(path), ending=path.suffix or "?")
    try:
        content = path.read_bytes()
    except OSError as error:
        raise InputError("office_not_there", where=str(path)) from error
    if content.startswith(OLD):
        raise InputError("office_locked", where=str(path))
    try:
        return _opened(_unpacked(content))
    except (zipfile.BadZipFile, KeyError, IndexError, ValueError, ExpatError, DefusedXmlException, OSError) as error:
        raise InputError("office_damaged", where=str(path)) from error


def _unpacked(content: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        infos = [one for one in archive.infolist() if not one.is_dir()]
        if len(infos) > MOST_PARTS or sum(one.file_size for one in infos) > MOST_BYTES:
            raise ValueError("too large")
        parts, left = {}, MOST_BYTES
        for one in infos:
            with archive.open(one) as file:
                content = file.read(left + 1)
            parts[one.filename.replace("\\", "/").lstrip("/")] = content
            left -= len(content)
            if left < 0:
                raise ValueError("too large")
    return parts


def _opened(parts: dict[str, bytes]) -> Book:
    book = Book(parts)
    start = next(to for _, kind, to in book.related("") if kind.endswith("/officeDocument"))
    book.workbook = start
    targets = {one.getAttribute("Id"): to for one, kind, to in book.related(start) if kind.endswith(SHEET)}
    for one in elements(book.xml(start), "sheet"):
        link = next(value for name, value in one.attributes.items() if name.endswith(":id"))
        if link in targets and targets[link] in parts:
            book.sheets.append((one.getAttribute("name"), targets[link]))
    if not book.sheets:
        raise ValueError("no sheet")
    return book


def rels_of(part: str) -> str:
    """Name the part that holds the relations of a part."""
    folder, name = posixpath.split(part)
    return posixpath.join(folder, "_rels", f"{name}.rels")


def resolved(part: str, target: str) -> str:
    """Name the part that a relation leads to."""
    if target.startswith("/"):
        return target[1:]
    return posixpath.normpath(posixpath.join(posixpath.dirname(part), target))


def elements(parent: Any, name: str) -> list[Element]:
    """Give the elements of a name, whatever their prefix."""
    return [one for one in parent.getElementsByTagName("*") if one.tagName.rpartition(":")[2] == name]


def text_of(element: Element) -> str:
    """Give the text of a shared or inline string, without what tells how it is read aloud."""
    return "".join(
        node.data
        for one in elements(element, "t")
        if one.parentNode.tagName.rpartition(":")[2] != "rPh"
        for node in one.childNodes
        if node.nodeType in (node.TEXT_NODE, node.CDATA_SECTION_NODE)
    )


def prefix_of(element: Element) -> str:
    """Give the prefix of an element, with its colon."""
    head, colon, _ = element.tagName.rpartition(":")
    return str(head + colon)


def _behind_names(root: Element) -> Element | None:
    """Find the place of `calcPr`: behind the defined names, or behind the sheets."""
    names = [one for one in root.childNodes if one.nodeType == one.ELEMENT_NODE]
    local = [one.tagName.rpartition(":")[2] for one in names]
    at = max((place for place, name in enumerate(local) if name in BEFORE_CALC), default=-1)
    return names[at + 1] if at + 1 < len(names) else None
