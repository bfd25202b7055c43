"""A report as one offline page: no script, nothing asked of the network, A4 in print; every text escaped."""

import base64
import hashlib
from collections.abc import Sequence
from importlib.resources import files

from govmap.render.report.desk import GROUND
from govmap.render.report.paper import Block, Cell, Paper, Picture, Section, Table, Tile, Words, heading
from govmap.render.svg import escaped

LONG_TABLE = 30


def build(paper: Paper) -> bytes:
    """Write the page."""
    style = (files("govmap.render.report") / "report.css").read_text("utf-8").replace("@PAPER@", paper.paper)
    tongue = "zh-CN" if paper.language == "zh" else "en"
    head = [
        f'<!DOCTYPE html>\n<html lang="{tongue}">\n<head>\n<meta charset="utf-8">',
        _policy(style),
        '<meta name="referrer" content="no-referrer">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        f"<title>{escaped(paper.title)}</title>\n<style>{style}</style>\n</head>\n<body>",
    ]
    body = [_shared(paper), _opening(paper), *map(_section, paper.sections), f"<footer>{escaped(paper.foot)}</footer>"]
    return "\n".join([*head, *body, "</body>\n</html>\n"]).encode("utf-8")


def _policy(style: str) -> str:
    """Write the content security policy: this one style by its hash, no script, no connection, nothing else."""
    digest = base64.b64encode(hashlib.sha256(style.encode("utf-8")).digest()).decode("ascii")
    rules = f"default-src 'none'; style-src 'sha256-{digest}'; form-action 'none'; base-uri 'none'"
    return f'<meta http-equiv="Content-Security-Policy" content="{rules}">'


def _shared(paper: Paper) -> str:
    """Hold what several drawings refer to, once and unseen."""
    if not paper.shared:
        return ""
    ground = f'<defs><g id="{GROUND}">{paper.shared}</g></defs>'
    return f'<svg class="shared" width="0" height="0" aria-hidden="true">{ground}</svg>'


def _opening(paper: Paper) -> str:
    stamp = f'<p class="stamp">{escaped(paper.stamp)}</p>' if paper.stamp else ""
    lines = "".join(f"<p>{escaped(one)}</p>" for one in paper.lines)
    links = "".join(f'<li><a href="#{escaped(one.key)}">{escaped(one.title)}</a></li>' for one in paper.sections)
    tiles = "".join(_tile(one) for one in paper.tiles)
    head = f'<header>{stamp}<h1>{escaped(paper.title)}</h1><div class="lines">{lines}</div></header>'
    eight = f'<section class="eight"><h2>{escaped(paper.tiles_title)}</h2><div class="tiles">{tiles}</div></section>'
    return f'{head}\n{eight}\n<nav aria-label="{escaped(paper.contents)}"><ul>{links}</ul></nav>'


def _tile(tile: Tile) -> str:
    return (
        f'<div class="tile {tile.state}"><p class="of">{escaped(heading(tile.title))}</p>'
        f'<p class="value">{escaped(tile.value)}</p><p class="state">{escaped(tile.state_word)}</p>'
        f'<p class="told">{escaped(tile.told)}</p><p class="source">{escaped(tile.source)}</p></div>'
    )


def _section(section: Section) -> str:
    blocks = "\n".join(_block(one) for one in section.blocks)
    return f'<section id="{escaped(section.key)}"><h2>{escaped(section.title)}</h2>\n{blocks}\n</section>'


def _block(block: Block) -> str:
    if isinstance(block, Words):
        return f'<p class="{block.kind}">{escaped(block.text)}</p>'
    if isinstance(block, Picture):
        return f"<figure>{block.inline or block.svg}<figcaption>{escaped(block.title)}</figcaption></figure>"
    return _table(block)


def _table(table: Table) -> str:
    head = "".join(
        f'<th scope="col"{_side(at, table)}>{escaped(heading(one))}</th>' for at, one in enumerate(table.head)
    )
    rows = "\n".join(f"<tr>{_row(row, table)}</tr>" for row in table.rows)
    widths = "".join(f'<col width="{one:.1%}">' for one in table.widths or ())
    long_ = ' class="long"' if len(table.rows) > LONG_TABLE else ""
    return (
        f"<div{long_}><table><caption>{escaped(table.title)}</caption><colgroup>{widths}</colgroup>"
        f"<thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></div>"
    )


def _row(row: Sequence[Cell], table: Table) -> str:
    return "".join(f"<td{_side(at, table, one)}>{escaped(one.text)}</td>" for at, one in enumerate(row))


def _side(at: int, table: Table, cell: Cell | None = None) -> str:
    names = ["n"] if at in table.numbers else []
    names += [name for name in ("red", "faint") if cell is not None and getattr(cell, name)]
    return f' class="{" ".join(names)}"' if names else ""
