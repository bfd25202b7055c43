"""Drawings as PNG, by Typst: no browser, no network, the fonts of the machine; and whether those can write the text."""

from functools import cache

from govmap.render.report.paper import Picture
from govmap.render.svg import FONTS

SHARP = 200  # points an inch: enough for print at the width of a page
SOURCE = (
    "#set page(width: {wide:.2f}mm, height: {high:.2f}mm, margin: 0pt, fill: white)\n#image(bytes(sys.inputs.svg), "
)
SOURCE += 'format: "svg", width: 100%)\n'


class Press:
    """Turns drawings into pictures; looks for the fonts of the machine once."""

    def __init__(self) -> None:
        import typst

        self._compiler = typst.Compiler()

    def png(self, picture: Picture) -> bytes:
        """Turn a drawing into a picture."""
        page = SOURCE.format(wide=picture.width_mm, high=picture.height_mm).encode()
        made = self._compiler.compile(page, format="png", ppi=SHARP, sys_inputs={"svg": picture.svg})
        return bytes(made[0] if isinstance(made, list) else made or b"")


@cache
def writes_chinese() -> bool:
    """Tell whether the machine has one of the fonts in which we write Chinese."""
    import typst

    known = {one.lower() for one in typst.Fonts().families()}
    wanted = [one.strip("' ").lower() for one in FONTS.split(",")]
    return any(one in known for one in wanted if one != "sans-serif")
