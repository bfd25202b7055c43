"""Places that may become exclusive units: malls, campuses, parks and the like, from compounds, zones and features."""

from collections.abc import Collection, Iterator, Mapping

import pandas as pd
import shapely

from govmap import catalog
from govmap.errors import InputError

PLACED = ("compounds", "zones")


def with_places(atoms: pd.DataFrame, tables: Mapping[str, pd.DataFrame], kinds: Collection[str]) -> pd.DataFrame:
    """
    Say of each part which place of these kinds it lies in, and of which kind that is.

    A compound is known by its own kind or by that of `layers/exclusive.toml`, a zone by its kind. A part lies in the
    place that it is of, or in which a point on its cell lies; in the first of several.

    Raises
    ------
    InputError
        There is no place of one of the kinds.
    """
    if not kinds:
        return atoms
    known = _known(tables)
    for kind in kinds:
        if kind not in known:
            raise InputError("levels_no_place", given=kind, known=sorted(known))
    place, of_kind = pd.Series(None, index=atoms.index, dtype=object), pd.Series(None, index=atoms.index, dtype=object)
    x, y = atoms["x"].to_numpy(), atoms["y"].to_numpy()
    for kind in sorted(kinds):
        for name, shape in known[kind].items():
            inside = (atoms["compound_id"] == name) | shapely.intersects_xy(shape, x, y)
            place[inside & place.isna()], of_kind[inside & of_kind.isna()] = name, kind
    return atoms.assign(place_id=place, place_kind=of_kind)


def _known(tables: Mapping[str, pd.DataFrame]) -> dict[str, dict[str, shapely.Geometry]]:
    """Give the places of every kind, by id."""
    found: dict[str, dict[str, shapely.Geometry]] = {}
    for kind, name, shape in _rows(tables):
        found.setdefault(kind, {})[name] = shape
    return found


def _rows(tables: Mapping[str, pd.DataFrame]) -> Iterator[tuple[str, str, shapely.Geometry]]:
    compounds, zones = (tables[name] for name in PLACED)
    also = _also()
    for name, kind, shape in zip(compounds["compound_id"], compounds["kind"], compounds["geometry"], strict=True):
        for one in (kind, *also.get(kind, ())):
            if isinstance(one, str):
                yield one, str(name), shape
    for name, kind, shape in zip(zones["zone_id"], zones["kind"], zones["geometry"], strict=True):
        if isinstance(kind, str):
            yield kind, str(name), shape


def _also() -> dict[str, list[str]]:
    """Give the kinds of exclusive units that compounds of a kind usually are."""
    found: dict[str, list[str]] = {}
    for kind in catalog.layer("exclusive")["kinds"]:
        for compound in kind["compounds"]:
            found.setdefault(compound, []).append(kind["name"])
    return found
