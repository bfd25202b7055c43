"""From drawn pages to one PDF, or to pictures: set by Typst some pages at a time, joined with bookmarks and a title.

The same project gives the same bytes: no date of making is written, and the file's own name is made of what it holds.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from govmap.errors import InputError
from govmap.render.atlas import fonts, furniture
from govmap.render.atlas.desk import Desk, Leaf
from govmap.render.georeference import Ground, mark
from govmap.render.svg import Drawing

AT_ONCE = 16  # pages: all of a chapter are held while it is set
INCH_MM = 25.4
PAGE = "#page(width: {wide:.3f}mm, height: {high:.3f}mm, margin: 0pt, fill: white)[#image(bytes(sys.inputs.p{at}), "
PAGE += 'format: "svg", width: 100%)]\n'
HEAD = '#set document(date: none)\n#set text(lang: "{language}", font: "{family}")\n'


def pdf(
    desk: Desk,
    leaves: Sequence[Leaf],
    target: Path,
    *,
    title: str,
    crs: Any = None,
    progress: Callable[[float], None] = lambda _: None,
) -> None:
    """
    Set pages chapter by chapter and join them into one document.

    No more than one chapter is held at a time: each is a file of its own in a folder beside the target until all are
    joined, so that thousands of pages need hardly more memory than a few. Where residents are named no chapter lies on
    a disk at any moment.

    Parameters
    ----------
    target
        The file to be written; it is for the caller to see that nobody meets it half done.
    crs
        The system of the maps where the pages may say where on earth they lie; they say nothing without it.

    Raises
    ------
    InputError
        There is no page, the machine has no font to write with, or no font that has a sign.
    """
    if not leaves:
        raise InputError("atlas_no_pages")
    with ExitStack() as held:
        folder = None
        if not desk.by_name:
            kept = TemporaryDirectory(prefix=".", dir=target.parent, ignore_cleanup_errors=True)
            folder = Path(held.enter_context(kept))
        chapters: list[Path | BytesIO] = []
        for at, part in enumerate(_parts(desk, leaves, progress)):
            chapters.append(_kept(part, folder, at))
            progress(min(1.0, (at + 1) * AT_ONCE / len(leaves)))
        _join(chapters, target, desk, leaves, title, crs)


def _kept(part: bytes, folder: Path | None, at: int) -> Path | BytesIO:
    """Put a chapter into a file, or keep it in memory where it may lie on no disk."""
    if folder is None:
        return BytesIO(part)
    chapter = folder / f"{at}.pdf"
    chapter.write_bytes(part)
    return chapter


def _join(
    chapters: Sequence[Path | BytesIO], target: Path, desk: Desk, leaves: Sequence[Leaf], title: str, crs: Any
) -> None:
    """Join chapters into one document; what they hold is copied from file to file when it is written."""
    import pikepdf

    with ExitStack() as held:
        made = held.enter_context(pikepdf.new())
        for one in chapters:
            made.pages.extend(held.enter_context(pikepdf.open(one)).pages)
        _describe(made, desk, title)
        _bookmarks(made, leaves)
        if crs is not None:
            mark(made, grounds(leaves), crs)
        streams = pikepdf.ObjectStreamMode.generate
        made.save(target, deterministic_id=True, min_version="1.7", object_stream_mode=streams, compress_streams=True)


def png(desk: Desk, drawing: Drawing, *, ppi: float) -> bytes:
    """Turn a drawing into a picture."""
    made = _compiled(desk, [drawing], format="png", ppi=ppi)
    return bytes(made[0] if isinstance(made, list) else made)


def grounds(leaves: Sequence[Leaf]) -> list[Ground]:
    """Say of every page with a map where on the page it stands and what ground it shows."""
    held = [(at, leaf.page.map, leaf.sheet) for at, leaf in enumerate(leaves)]
    return [Ground(at, (box.x, box.y, box.wide, box.high), one.window) for at, box, one in held if one is not None]


def _parts(desk: Desk, leaves: Sequence[Leaf], progress: Callable[[float], None]) -> Iterator[bytes]:
    for start in range(0, len(leaves), AT_ONCE):
        painted = []
        for at, leaf in enumerate(leaves[start : start + AT_ONCE], start):
            progress(at / len(leaves))  # of each page: whoever calls it off does not wait for a chapter
            painted.append(_painted(desk, leaf, at + 1, len(leaves)))
        yield bytes(_compiled(desk, painted))


def _painted(desk: Desk, leaf: Leaf, at: int, of: int) -> Drawing:
    made = leaf.paint()
    furniture.number(made, leaf.page, desk, at, of)
    return made


def _compiled(desk: Desk, drawings: Sequence[Drawing], **more: Any) -> Any:
    import typst

    family = fonts.family()
    if family is None:
        raise InputError("atlas_no_font", known=list(fonts.WANTED))
    for one in drawings:
        fonts.check(one.texts, one.title)
    source = HEAD.format(language=desk.voice.language, family=family)
    for at, one in enumerate(drawings):
        source += PAGE.format(wide=one.width_mm, high=one.height_mm, at=at)
    inputs = {f"p{at}": one.svg() for at, one in enumerate(drawings)}
    wanted: dict[str, Any] = {"format": "pdf", "timestamp": 0, "pdf_tags": False} | more
    return typst.compile(source.encode(), font_paths=fonts.machine(), sys_inputs=inputs, **wanted)


def _describe(made: Any, desk: Desk, title: str) -> None:
    """Say what the document is called and in which language it is."""
    import pikepdf

    made.Root.Lang = pikepdf.String("zh-CN" if desk.voice.language == "zh" else desk.voice.language)
    made.Root.ViewerPreferences = pikepdf.Dictionary(DisplayDocTitle=True)
    with made.open_metadata(set_pikepdf_as_editor=False, update_docinfo=True) as facts:
        facts["dc:title"] = title
        facts["pdf:Producer"] = "govmap"
        facts["dc:language"] = {made.Root.Lang.__str__()}


def _bookmarks(made: Any, leaves: Sequence[Leaf]) -> None:
    """List the sheets, and under each the pages that belong to it."""
    from pikepdf import OutlineItem

    with made.open_outline() as outline:
        for at, leaf in enumerate(leaves):
            item = OutlineItem(leaf.title, at)
            if leaf.first or not outline.root:
                outline.root.append(item)
            else:
                outline.root[-1].children.append(item)
