"""One sheet of a form once more: for forms that are filled once a unit."""

import posixpath
import re

from govmap.exports.office.book import TYPES, Book, Document, Element, elements, rels_of
from govmap.exports.office.moving import rewritten

SHARED = ("/image", "/printerSettings", "/hyperlink")
CHART = re.compile(r"/charts/chart[^/]*\.xml$")
FORBIDDEN, LONGEST = re.compile(r"[\[\]:*?/\\']"), 31


def rename(book: Book, old: str, new: str) -> None:
    """Give a sheet another name, also where others speak of it."""
    document = book.xml(book.workbook)
    for one in elements(document, "sheet"):
        if one.getAttribute("name") == old:
            one.setAttribute("name", new)
    for one in elements(document, "definedName"):
        if one.firstChild is not None:
            one.firstChild.data = _renamed(str(one.firstChild.data), old, new)
    book.put(book.workbook, document)
    _speak(book, [*(part for _, part in book.sheets), *(part for part in book.parts if CHART.search(part))], old, new)
    book.sheets = [(new if name == old else name, part) for name, part in book.sheets]


def duplicate(book: Book, name: str, new: str) -> str:
    """Put a copy of a sheet, with its pictures and remarks, behind all others, and give the part that it is."""
    done: dict[str, str] = {}
    made = _copied(book, dict(book.sheets)[name], done)
    _speak(book, [part for part in done.values() if CHART.search(part)], name, new)
    sheet = book.xml(made)
    for one in elements(sheet, "tableParts"):
        one.parentNode.removeChild(one)
    for one in elements(sheet, "sheetView"):
        if one.hasAttribute("tabSelected"):
            one.removeAttribute("tabSelected")
    book.put(made, sheet)
    _listed(book, name, new, made)
    book.sheets.append((new, made))
    return made


def names_for(called: list[str]) -> list[str]:
    """Give sheets names that a workbook can hold, each its own."""
    taken: set[str] = set()
    names = []
    for one in called:
        base = FORBIDDEN.sub(" ", one).strip()[:LONGEST] or "-"
        name, number = base, 2
        while name.casefold() in taken:
            name, number = f"{base[: LONGEST - 4]} {number}", number + 1
        taken.add(name.casefold())
        names.append(name)
    return names


def _copied(book: Book, part: str, done: dict[str, str]) -> str:
    """Copy a part and all that belongs to it alone; pictures are shared."""
    if part in done:
        return done[part]
    stem, ending = posixpath.splitext(part)
    base = re.sub(r"\d+$", "", stem)
    number = 1
    while f"{base}{number}{ending}" in book.parts:
        number += 1
    made = done[part] = f"{base}{number}{ending}"
    book.parts[made] = book.parts[part]
    _typed(book, part, made)
    if rels_of(part) in book.parts:
        document = book.xml(rels_of(part))
        for one, kind, to in [*_relations(book, part, document)]:
            if kind.endswith("/table"):
                one.parentNode.removeChild(one)
            elif to in book.parts:
                one.setAttribute("Target", "/" + (to if kind.endswith(SHARED) else _copied(book, to, done)))
        book.put(rels_of(made), document)
    return made


def _relations(book: Book, part: str, document: Document) -> list[tuple[Element, str, str]]:
    known = {one.getAttribute("Id"): (kind, to) for one, kind, to in book.related(part)}
    rows = [(one, known.get(one.getAttribute("Id"))) for one in elements(document, "Relationship")]
    return [(one, *found) for one, found in rows if found is not None]


def _typed(book: Book, part: str, made: str) -> None:
    """Say of what kind a copied part is."""
    document = book.xml(TYPES)
    for one in elements(document, "Override"):
        if one.getAttribute("PartName") == f"/{part}":
            fresh = one.cloneNode(deep=True)
            fresh.setAttribute("PartName", f"/{made}")
            one.parentNode.appendChild(fresh)
    book.put(TYPES, document)


def _listed(book: Book, name: str, new: str, made: str) -> None:
    """Enter a copied sheet among the sheets, with the names that belong to it, such as its print area."""
    rels = book.xml(rels_of(book.workbook))
    model = next(one for one, kind, to in _relations(book, book.workbook, rels) if to == dict(book.sheets)[name])
    ids = {one.getAttribute("Id") for one in elements(rels, "Relationship")}
    fresh_id = next(f"rIdCopy{number}" for number in range(1, len(ids) + 2) if f"rIdCopy{number}" not in ids)
    relation = model.cloneNode(deep=True)
    relation.setAttribute("Id", fresh_id)
    relation.setAttribute("Target", f"/{made}")
    model.parentNode.appendChild(relation)
    book.put(rels_of(book.workbook), rels)
    document = book.xml(book.workbook)
    sheets = elements(document, "sheet")
    place = next(at for at, one in enumerate(sheets) if one.getAttribute("name") == name)
    sheet = sheets[place].cloneNode(deep=True)
    sheet.setAttribute("name", new)
    sheet.setAttribute("sheetId", str(max(int(one.getAttribute("sheetId")) for one in sheets) + 1))
    for key in [name for name, _ in sheet.attributes.items() if name.endswith(":id")]:
        sheet.setAttribute(key, fresh_id)
    sheets[place].parentNode.appendChild(sheet)
    for one in elements(document, "definedName"):
        if one.getAttribute("localSheetId") == str(place):
            own = one.cloneNode(deep=True)
            own.setAttribute("localSheetId", str(len(sheets)))
            own.firstChild.data = _renamed(str(own.firstChild.data), name, new)
            one.parentNode.appendChild(own)
    book.put(book.workbook, document)


def _speak(book: Book, parts: list[str], old: str, new: str) -> None:
    """Let the formulas of parts speak of a sheet by its new name."""
    for part in parts:
        document, changed = book.xml(part), False
        for one in elements(document, "f"):
            if one.firstChild is not None:
                text = str(one.firstChild.data)
                one.firstChild.data = _renamed(text, old, new)
                changed |= text != one.firstChild.data
        if changed:
            book.put(part, document)


def _renamed(text: str, old: str, new: str) -> str:
    def change(reference: str) -> str:
        sheet, mark, cells = reference.rpartition("!")
        ours = mark and sheet.strip("'").replace("''", "'").casefold() == old.casefold()
        return f"'{new}'!{cells}" if ours else reference

    return rewritten(text, change)
