"""A report as a PDF, set by Typst: headings, tables that repeat their head, page numbers; words go in as text."""

from govmap.errors import InputError
from govmap.render.atlas import fonts
from govmap.render.report.paper import Block, Cell, Paper, Picture, Table, Tile, Words, heading
from govmap.render.svg import clean

PAPERS = {"A4": "a4", "A3": "a3", "Letter": "us-letter"}
HEAD = """#set document(title: {title}, date: none)
#set page(paper: {paper}, margin: 18mm, header: align(right, text(9pt, fill: rgb("#b2182b"), weight: "bold", {stamp})),
  footer: context text(8pt, fill: rgb("#4d5860"), {foot} + h(1fr) + counter(page).display()))
#set text(lang: {language}, font: {family}, size: 10pt)
#set par(leading: 0.7em)
#show heading: set text(fill: rgb("#1d4469"))
#show heading.where(level: 1): set text(14pt)
#show table.cell.where(y: 0): strong
#set table(stroke: 0.5pt + rgb("#b8c0c6"), inset: 4pt, fill: (_, y) => if y == 0 {{ rgb("#eaf0f5") }})
"""
SOFT = 'text(fill: rgb("#4d5860"), '
STATES = {"red": "#fdf3f2", "ok": "#f1f6fa", "unknown": "#f4f6f7"}


def build(paper: Paper) -> bytes:
    """
    Write the document.

    Raises
    ------
    InputError
        The machine has no font to write with, or none that has a sign.
    """
    import typst

    family = fonts.family()
    if family is None:
        raise InputError("atlas_no_font", known=list(fonts.WANTED))
    fonts.check(_texts(paper), paper.title)
    facts = {
        "title": paper.title,
        "paper": PAPERS.get(paper.paper, "a4"),
        "stamp": paper.stamp or "",
        "foot": paper.foot,
    }
    facts |= {"language": paper.language, "family": family}
    source = HEAD.format(**{name: _said(text) for name, text in facts.items()})
    source += f'#text(20pt, weight: "bold", fill: rgb("#1d4469"), {_said(paper.title)})\n\n'
    source += "".join(f"#{SOFT}{_said(line)})\n\n" for line in paper.lines)
    source += _tiles(paper)
    for section in paper.sections:
        source += f"= #{_said(section.title)}\n" + "".join(_block(one) for one in section.blocks)
    made = typst.compile(source.encode(), format="pdf", timestamp=0)
    return bytes(made[0] if isinstance(made, list) else made or b"")


def _said(text: str) -> str:
    """Give a text as a literal of Typst, in which nothing is read as markup."""
    plain = clean(text).replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\t", " ")
    return f'"{plain}"'


def _block(block: Block) -> str:
    if isinstance(block, Words):
        return _words(block)
    return _picture(block) if isinstance(block, Picture) else _table(block)


def _words(words: Words) -> str:
    if words.kind == "point":
        return f"- #{_said(words.text)}\n"
    return f"#{_said(words.text)}\n\n" if words.kind == "text" else f"#{SOFT}size: 8.5pt, {_said(words.text)})\n\n"


def _picture(picture: Picture) -> str:
    svg = f"bytes({_said(picture.svg)})"
    return f'#figure(image({svg}, format: "svg", width: {picture.width_mm}mm), caption: {_said(picture.title)})\n\n'


def _table(table: Table) -> str:
    columns = ", ".join(f"{one}fr" for one in (table.widths or (1,) * len(table.head)))
    align = ", ".join("right" if at in table.numbers else "left" for at in range(len(table.head)))
    head = ", ".join(f"[#{_said(heading(one))}]" for one in table.head)
    rows = "".join("  " + ", ".join(_cell(one) for one in row) + ",\n" for row in table.rows)
    title = f'#text(9pt, weight: "bold", {_said(table.title)})\n'
    body = f"#text(8pt, table(columns: ({columns},), align: ({align},),\n  table.header({head}),\n{rows}))\n\n"
    return title + body


def _cell(cell: Cell) -> str:
    told = f"#{_said(cell.text)}"
    return f'[#text(fill: rgb("#b2182b"), weight: "bold")[{told}]]' if cell.red else f"[{told}]"


def _tiles(paper: Paper) -> str:
    if not paper.tiles:
        return ""
    boxes = ",\n".join(_tile(one) for one in paper.tiles)
    across = min(4, len(paper.tiles))
    return f"= #{_said(paper.tiles_title)}\n#grid(columns: (1fr,) * {across}, gutter: 4mm,\n{boxes})\n\n"


def _tile(tile: Tile) -> str:
    lines = f'#text(8.5pt, {_said(heading(tile.title))}) \\ #text(16pt, weight: "bold", {_said(tile.value)}) \\ '
    lines += f"#text(8pt, {_said(tile.told)})"
    return f'  block(width: 100%, inset: 3mm, radius: 1mm, fill: rgb("{STATES[tile.state]}"))[{lines}]'


def _texts(paper: Paper) -> list[str]:
    """Give every text of a document, to be held against the signs of the fonts."""
    found = [paper.title, paper.stamp or "", *paper.lines, paper.tiles_title, paper.foot]
    found += [text for tile in paper.tiles for text in (tile.title, tile.value, tile.told)]
    for section in paper.sections:
        found.append(section.title)
        for block in section.blocks:
            found += [block.text] if isinstance(block, Words) else [block.title]
            if isinstance(block, Table):
                found += [*block.head, *(cell.text for row in block.rows for cell in row)]
    return [clean(one) for one in found]
