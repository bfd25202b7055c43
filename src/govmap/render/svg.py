"""Drawings as SVG: lengths in hundredths of a millimetre of paper, styles as attributes only, texts always escaped.

The same drawing stands in a page (no style attribute, so that its policy can forbid all but its own), in a printed
sheet and, by Typst, in a picture.
"""

import html
import re
import unicodedata
from base64 import b64encode
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import numpy as np
import shapely
from numpy.typing import NDArray

FONTS = "'Noto Sans CJK SC','Source Han Sans SC','Microsoft YaHei','PingFang SC','WenQuanYi Micro Hei',sans-serif"
INK, SOFT, FAINT = "#222222", "#5b6770", "#c9ced3"
PER_MM = 100
NO_SIGNS = "\ufffe\uffff"
WRITTEN = re.compile(r">([^<>]+)</text>")
LENGTHS = ("stroke_width", "rx", "stroke_dasharray")
WIDE, NARROW = 1.0, 0.56  # of the size of the letters: how wide a Chinese sign and a Latin letter are, about

Shapes: TypeAlias = NDArray[np.object_]
Points: TypeAlias = NDArray[np.float64]


def clean(text: Any) -> str:
    """Give a text in one line, without signs that no page and no document may hold, nor such as turn its direction."""
    told = f"{text}".replace("\t", " ").replace("\n", " ")
    return "".join(one for one in told if one not in NO_SIGNS and unicodedata.category(one) not in {"Cc", "Cf", "Cs"})


def escaped(text: Any) -> str:
    """Give a text that means nothing but itself in a page."""
    return html.escape(clean(text))


def width_mm(text: str, size_mm: float) -> float:
    """Say about how wide a text is; a little more rather than less."""
    wide = sum(unicodedata.east_asian_width(one) in "WF" for one in text)
    return size_mm * (WIDE * wide + NARROW * (len(text) - wide))


def shortened(text: str, size_mm: float, room_mm: float) -> str:
    """Cut a text to the room there is, with dots for what is left out."""
    if width_mm(text, size_mm) <= room_mm:
        return text
    kept = text
    while kept and width_mm(f"{kept}…", size_mm) > room_mm:
        kept = kept[:-1]
    return f"{kept}…"


@dataclass
class Drawing:
    """A drawing on paper; y grows downward."""

    width_mm: float
    height_mm: float
    title: str
    parts: list[str] = field(default_factory=list)

    def rect(self, x: float, y: float, wide: float, high: float, fill: str, **more: Any) -> None:
        """Draw a rectangle."""
        place = f'x="{_n(x)}" y="{_n(y)}" width="{_n(max(wide, 0))}" height="{_n(max(high, 0))}"'
        self.parts.append(f'<rect {place} fill="{fill}"{_more(more)}/>')

    def line(
        self, x: float, y: float, to_x: float, to_y: float, stroke: str = INK, wide: float = 0.2, **more: Any
    ) -> None:
        """Draw a straight line."""
        place = f'x1="{_n(x)}" y1="{_n(y)}" x2="{_n(to_x)}" y2="{_n(to_y)}"'
        self.parts.append(f'<line {place} stroke="{stroke}" stroke-width="{_n(wide)}"{_more(more)}/>')

    def circle(self, x: float, y: float, radius: float, fill: str, **more: Any) -> None:
        """Draw a circle."""
        self.parts.append(f'<circle cx="{_n(x)}" cy="{_n(y)}" r="{_n(radius)}" fill="{fill}"{_more(more)}/>')

    def text(self, x: float, y: float, told: Any, size: float = 2.6, fill: str = INK, **more: Any) -> None:
        """Write a text, its base line at y; `anchor` is start, middle or end, `halo` a colour around it."""
        anchor, halo, bold = more.pop("anchor", "start"), more.pop("halo", None), more.pop("bold", False)
        more |= {"text_anchor": anchor} if anchor != "start" else {}
        more |= {"font_weight": 700} if bold else {}
        if halo:
            more |= {
                "stroke": halo,
                "stroke_width": size * 0.22,
                "paint_order": "stroke",
                "stroke_linejoin": "round",
            }
        place = f'x="{_n(x)}" y="{_n(y)}" font-size="{_n(size)}" fill="{fill}"'
        self.parts.append(f"<text {place}{_more(more)}>{escaped(told)}</text>")

    def picture(self, x: float, y: float, wide: float, high: float, jpeg: bytes) -> None:
        """Show a photo; it stands in the drawing itself."""
        place = f'x="{_n(x)}" y="{_n(y)}" width="{_n(wide)}" height="{_n(high)}" preserveAspectRatio="xMidYMid slice"'
        self.parts.append(f'<image {place} href="data:image/jpeg;base64,{b64encode(jpeg).decode()}"/>')

    def path(self, d: str, fill: str = "none", **more: Any) -> None:
        """Draw a path given in hundredths of a millimetre."""
        if d:
            self.parts.append(f'<path d="{d}" fill="{fill}"{_more(more)}/>')

    def add(self, part: str) -> None:
        """Add a part that is SVG already."""
        self.parts.append(part)

    @property
    def texts(self) -> list[str]:
        """Give all that is written."""
        return [html.unescape(one) for part in self.parts for one in WRITTEN.findall(part)]

    def svg(self, *, before: str = "") -> str:
        """Give the whole as one SVG; `before` are parts shared with other drawings that must stand in it."""
        box = f"0 0 {_n(self.width_mm)} {_n(self.height_mm)}"
        size = f'width="{self.width_mm:g}mm" height="{self.height_mm:g}mm"'
        head = f'<svg xmlns="http://www.w3.org/2000/svg" {size} viewBox="{box}" role="img" font-family="{FONTS}">'
        return f"{head}<title>{escaped(self.title)}</title>{before}{''.join(self.parts)}</svg>"


def hatch(name: str, colour: str = SOFT) -> str:
    """Define a hatching for fills, as `url(#name)`."""
    inside = f'<path d="M-20 20L20 -20M0 160L160 0M140 180L180 140" stroke="{colour}" stroke-width="22" fill="none"/>'
    return (
        f'<defs><pattern id="{name}" width="160" height="160" patternUnits="userSpaceOnUse">{inside}</pattern></defs>'
    )


def path_of(shapes: Shapes, *, least_points: int = 2) -> str:
    """
    Give polygons and lines, in hundredths of a millimetre, as one path in whole numbers.

    Points that fall on the one before are left out, then paths of fewer points than `least_points`.
    """
    found: list[str] = []
    for ring, closed in _rings(shapes):
        points = np.rint(shapely.get_coordinates(ring)).astype(np.int64)
        steps = np.diff(points, axis=0)
        steps = steps[(steps != 0).any(axis=1)]
        if closed and len(steps):
            steps = steps[:-1]
        if len(steps) + 1 < max(least_points, 3 if closed else 2):
            continue
        moves = " ".join(f"{x} {y}" for x, y in steps.tolist()).replace(" -", "-")
        found.append(f"M{points[0][0]} {points[0][1]}l{moves}{'z' if closed else ''}")
    return "".join(found)


def _rings(shapes: Shapes) -> list[tuple[Any, bool]]:
    parts = shapely.get_parts(np.asarray(shapes, dtype=object))
    parts = shapely.get_parts(parts)  # collections hold multi-parts
    kind = shapely.get_dimensions(parts)
    found = [(one, True) for one in shapely.get_rings(parts[kind == 2])]  # noqa: PLR2004 - areas
    return found + [(one, False) for one in parts[kind == 1]]


def _n(value: float) -> str:
    """Give millimetres in hundredths."""
    return str(round(float(value) * PER_MM))


def _more(facts: dict[str, Any]) -> str:
    told = {name: _lengths(value) if name in LENGTHS else value for name, value in facts.items()}
    return "".join(f' {name.replace("_", "-")}="{html.escape(str(value))}"' for name, value in told.items())


def _lengths(value: Any) -> str:
    return " ".join(_n(one) for one in (value if isinstance(value, tuple) else (value,)))
