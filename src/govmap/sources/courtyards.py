"""Courtyards: areas whose hole stands on a relation while the tags stand on the outline way, as was once the custom."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import shapely

from govmap.sources.osm.elements import Things, name_of_id

_LEAST_DEGREES2 = 1e-12


def pierced(
    areas: Things, bare: Mapping[int, str], bare_outers: Mapping[int, list[int]], outers: Mapping[int, list[int]]
) -> tuple[Things, list[int], list[tuple[int, Any]]]:
    """
    Give the areas of ways the holes that their relations know.

    Parameters
    ----------
    areas
        Areas of ways and relations.
    bare, bare_outers
        Relations without tags of their own: shape as WKB, and outline ways.
    outers
        Outline ways of relations that have tags of their own.

    Returns
    -------
    pierced, twins, lone
        The areas with holes; the numbers of relations whose outline ways are the same buildings; relations without
        tags none of whose outline ways is an area, with their shape.
    """
    place = {id_: number for number, id_ in enumerate(areas.ids)}
    shapes = areas.shapes.copy()
    lone = []
    for relation, wkb in sorted(bare.items()):
        shape, ways = shapely.from_wkb(wkb), _known(bare_outers[relation], place)
        if ways:
            _pierce(shapes, ways, shape)
        elif bare_outers[relation]:
            lone.append((relation, shape))
    twins = _twins(areas, shapes, place, outers)
    return Things(areas.ids, areas.tags, shapes), twins, lone


def _known(ways: Sequence[int], place: Mapping[str, int]) -> list[int]:
    names = [name_of_id("w", way) for way in ways]
    return [place[name] for name in names if name in place]


def _pierce(shapes: np.ndarray, ways: Sequence[int], shape: Any) -> None:
    """Put in the place of each outline what of the relation lies inside it."""
    for way in ways:
        inside = shape if len(ways) == 1 else shapely.intersection(shapes[way], shape)
        if shapely.area(inside) > _LEAST_DEGREES2 and shapely.get_dimensions(inside) == 2:  # noqa: PLR2004 -- an area
            shapes[way] = inside


def _twins(areas: Things, shapes: np.ndarray, place: Mapping[str, int], outers: Mapping[int, list[int]]) -> list[int]:
    """Find relations that repeat as one building what their outline ways are each for itself, and pierce these."""
    twins = []
    for relation, ways in sorted(outers.items()):
        number = place.get(name_of_id("r", relation))
        same = [way for way in _known(ways, place) if "building" in areas.tags[way]]
        if number is not None and "building" in areas.tags[number] and ways and len(same) == len(ways):
            _pierce(shapes, same, areas.shapes[number])
            twins.append(number)
    return twins
