"""Distances where there are no streets at all: straight lines lengthened by a detour, always marked as estimated."""

from typing import Any

import numpy as np
import shapely

from govmap import catalog
from govmap.geometry import Floats, Ints, lengths
from govmap.network.stops import Stops
from govmap.network.ways import NM

SIDES = 16


def factor() -> float:
    """Give how much longer than the straight line a way is taken to be."""
    return float(catalog.layer("walking")["detour"]["factor"])


def doors(points: Floats, owner: Ints, count: int) -> Stops:
    """Give stops that meet no street but stand where they are."""
    order = np.argsort(owner, kind="stable")
    first = np.concatenate([[0], np.cumsum(np.bincount(owner, minlength=count))]).astype(np.int64)
    nothing = np.zeros(len(order), np.int64)
    return Stops(first, nothing - 1, nothing, nothing, points[order], np.full((len(order), 2), np.nan))


def _owner(stops: Stops) -> Ints:
    return np.repeat(np.arange(len(stops)), np.diff(stops.first))


def _nm(metres: Any) -> Ints:
    return np.rint(np.asarray(metres, np.float64) * factor() * NM).astype(np.int64)


def pairs(origins: Stops, sites: Stops, limit: int) -> tuple[Ints, Ints, Ints]:
    """Give every pair within a limit in nm: rows of both, and nm, sorted."""
    from scipy.spatial import cKDTree

    nothing = np.zeros(0, np.int64)
    if not len(origins.door) or not len(sites.door):
        return nothing, nothing, nothing
    radius = min(limit / NM / factor() + 1e-6, 1e9)
    near = cKDTree(origins.door).sparse_distance_matrix(cKDTree(sites.door), radius, output_type="ndarray")
    far = _nm(lengths(origins.door[near["i"]], sites.door[near["j"]]))
    one, other = _owner(origins)[near["i"]], _owner(sites)[near["j"]]
    order = np.lexsort((far, other, one))
    order = order[far[order] <= limit]
    first = np.unique(one[order] * len(sites) + other[order], return_index=True)[1]
    return one[order][first], other[order][first], far[order][first]


def nearest(origins: Stops, sites: Stops, limit: int, none: int) -> tuple[Ints, Ints]:
    """Give of each origin the nearest site (-1: none within the limit) and nm."""
    from scipy.spatial import cKDTree

    who, far = np.full(len(origins), -1), np.full(len(origins), none)
    if not len(origins.door) or not len(sites.door):
        return who, far
    places, first = np.unique(sites.door, axis=0, return_index=True)
    at = cKDTree(places).query(origins.door)[1]
    door_far, door_who = _nm(lengths(origins.door, places[at])), _owner(sites)[first[at]]
    owner = _owner(origins)
    order = np.lexsort((door_who, door_far, owner))
    order = order[door_far[order] <= limit]
    best = np.unique(owner[order], return_index=True)[1]
    who[owner[order][best]], far[owner[order][best]] = door_who[order][best], door_far[order][best]
    return who, far


def path(origin: Stops, destination: Stops) -> shapely.LineString:
    """Give the straight line between the two nearest doors."""
    if not len(origin.door) or not len(destination.door):
        return shapely.LineString()
    far = np.hypot(*(origin.door[:, None, :] - destination.door[None, :, :]).transpose(2, 0, 1))
    one, other = np.unravel_index(int(np.argmin(far)), far.shape)
    return shapely.LineString([origin.door[one], destination.door[other]])


def around(sites: Stops, limit_m: float) -> shapely.MultiLineString:
    """Give circles of the distance that a limit allows."""
    circles: Any = shapely.buffer(shapely.points(sites.door), limit_m / factor(), quad_segs=SIDES)
    return shapely.MultiLineString([shapely.get_coordinates(circle) for circle in circles])
