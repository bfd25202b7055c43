"""A boundary told by its sides: "N=中山路;E=人民路;S=护城河;W=铁路", or in prose: 东至人民路，南至护城河."""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from govmap.errors import BoundaryError
from govmap.sources import rings

if TYPE_CHECKING:
    from govmap.sources.extract import Extract

_LETTERS = {"n": "N", "e": "E", "s": "S", "w": "W", "北": "N", "东": "E", "東": "E", "南": "S", "西": "W"}
_LETTERS |= {"north": "N", "east": "E", "south": "S", "west": "W"}
_TOLD = re.compile(r"^\s*(north|east|south|west|[nesw北东東南西])\s*[=:]\s*(.+?)\s*$", re.IGNORECASE)
_PROSE = re.compile(r"([北东東南西])\s*(?:至|到|临|邻|靠|抵|以)\s*([^,;。、]+?)(?:为界)?\s*(?=[,;。、]|$)")
_TOWARDS = {"N": (0.0, 1.0), "E": (1.0, 0.0), "S": (0.0, -1.0), "W": (-1.0, 0.0)}
_CORNERS = (("N", "E"), ("E", "S"), ("S", "W"), ("W", "N"))
_RAIL_WORDS = frozenset({"铁路", "铁路线", "鐵路", "railway", "railroad", "rail", "train"})
_LEAST_SIDES = 3
_SHARED_M = 1.0
_SAME_LINE_M = 0.1
_WIDER_M = (60.0, 120.0, 250.0, 500.0, 1000.0)


@dataclass(frozen=True)
class Face:
    """The ground between the sides, the gaps that were closed in metres, and what each side was taken for."""

    area: Any
    gaps_m: list[float]
    names: dict[str, str]


def read(text: str) -> dict[str, str] | None:
    """Read sides from a text; None where it tells no sides."""
    plain = unicodedata.normalize("NFKC", text)
    told = [_TOLD.match(piece) for piece in re.split(r"[;\n]", plain) if piece.strip()]
    if told and all(told):
        return {_LETTERS[one[1].lower()]: one[2] for one in told if one}
    prose = {_LETTERS[side]: name.strip() for side, name in _PROSE.findall(plain)}
    return prose if len(prose) >= _LEAST_SIDES else None


def face(extract: "Extract", sides: Mapping[str, str], *, gap_m: float) -> Face:
    """
    Give the ground that the named lines enclose.

    Raises
    ------
    BoundaryError
        Fewer than three sides, a name that no line has, sides that do not meet.
    """
    if len(sides) < _LEAST_SIDES:
        raise BoundaryError("fetch_too_few_sides", given=len(sides))
    known = _named_lines(extract)
    lines = {side: _lines_of(name, known) for side, name in sides.items()}
    found = _enclosed(lines, gap_m)
    if found is None:
        raise _open_sides(lines, sides, gap_m)
    area, gaps = found
    return Face(area, gaps, dict(sides))


def _named_lines(extract: "Extract") -> dict[str, list[Any]]:
    """Collect roads, rails, waters and walls by every name they have; rails also under one common name."""
    known: dict[str, list[Any]] = {}
    features, barriers = extract.tables["features"], extract.tables["barriers"]
    for kind, id_, name, shape in zip(
        features["kind"], features["feature_id"], features["name"], features.geometry, strict=True
    ):
        if kind in {"road", "rail", "water"}:
            line = shape if shapely.get_dimensions(shape) == 1 else shapely.boundary(shape)
            _put(known, _names(extract, id_, name), line)
            if kind == "rail":
                _put(known, ["铁路"], line)
    for id_, name, shape in zip(barriers["barrier_id"], barriers["name"], barriers.geometry, strict=True):
        _put(known, _names(extract, id_, name), shape)
    return known


def _names(extract: "Extract", id_: str, name: str | None) -> list[str]:
    others = extract.other_names.get(("lines", id_.partition("/")[0]), ())
    return list(dict.fromkeys([*([name] if name else []), *others]))


def _put(known: dict[str, list[Any]], names: list[str], line: Any) -> None:
    for name in dict.fromkeys(folded(name) for name in names):
        known.setdefault(name, []).append(line)


def folded(name: str) -> str:
    """Give a name as names are compared: one width, no case, single spaces."""
    return " ".join(unicodedata.normalize("NFKC", name).casefold().split())


def _lines_of(name: str, known: Mapping[str, list[Any]]) -> np.ndarray:
    """Give the lines of one side; several names are joined by + or /."""
    found: list[Any] = []
    for piece in re.split(r"[+/]", name):
        wanted = "铁路" if folded(piece) in _RAIL_WORDS else folded(piece)
        if wanted not in known:
            raise BoundaryError("fetch_side_unknown", name=piece.strip(), candidates=_near(wanted, known))
        found += known[wanted]
    return rings.merged(np.array(found, dtype=object))


def _near(wanted: str, known: Mapping[str, list[Any]]) -> list[str]:
    alike = [name for name in sorted(known) if wanted in name or name in wanted]
    return list(dict.fromkeys([*alike[:4], *get_close_matches(wanted, sorted(known), n=4, cutoff=0.4)]))[:6]


def _enclosed(lines: Mapping[str, np.ndarray], gap_m: float) -> tuple[Any, list[float]] | None:
    """Give the best face that every side borders, and the gaps on its rim."""
    chains = np.concatenate(list(lines.values()))
    pieces = rings.join_ends(chains, gap_m)
    net = shapely.union_all(np.concatenate([chains, pieces]))
    faces = shapely.get_parts(shapely.polygonize(shapely.get_parts(net)))
    scored = [(score, number) for number, one in enumerate(faces) if (score := _score(one, lines)) is not None]
    if not scored:
        return None
    best = faces[max(scored)[1]]
    rim = shapely.buffer(shapely.boundary(best), _SAME_LINE_M)
    used = pieces[shapely.within(pieces, rim)]
    return best, [float(one) for one in np.round(shapely.length(used), 1)]


def _score(area: Any, lines: Mapping[str, np.ndarray]) -> tuple[int, float] | None:
    """Count the sides that lie where they should, then size; None where a side is no border."""
    rim = shapely.boundary(area)
    middle = shapely.get_coordinates(shapely.centroid(area))[0]
    right = 0
    for side, chains in lines.items():
        shared = shapely.intersection(rim, shapely.buffer(shapely.union_all(chains), _SAME_LINE_M))
        if shapely.length(shared) < _SHARED_M:
            return None
        way = shapely.get_coordinates(shapely.centroid(shared))[0] - middle
        right += float(way @ np.array(_TOWARDS[side])) > 0
    return right, float(shapely.area(area))


def _open_sides(lines: Mapping[str, np.ndarray], sides: Mapping[str, str], gap_m: float) -> BoundaryError:
    """Say which sides do not meet and how far they are apart."""
    whole = {side: shapely.union_all(chains) for side, chains in lines.items()}
    apart = [
        f"{sides[one]} – {sides[other]}: {distance:.0f} m"
        for one, other in _corners(whole)
        if (distance := float(shapely.distance(whole[one], whole[other]))) > gap_m
    ]
    if apart:
        return BoundaryError("fetch_sides_apart", corners=apart, gap=round(gap_m))
    needed = next((wider for wider in _WIDER_M if _enclosed(lines, wider) is not None), None)
    if needed is None:
        return BoundaryError("fetch_sides_open", sides=list(sides.values()))
    return BoundaryError("fetch_sides_gap", sides=list(sides.values()), needed=round(needed), gap=round(gap_m))


def _corners(whole: Mapping[str, Any]) -> list[tuple[str, str]]:
    if len(whole) == len(_CORNERS):
        return list(_CORNERS)
    left = sorted(whole, key="NESW".index)
    return list(zip(left, [*left[1:], left[0]], strict=True))
