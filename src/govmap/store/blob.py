"""Shapes to the bytes of a GeoPackage or of PostGIS and back, a whole column at once."""

import struct
from collections.abc import Sequence
from typing import Any, TypeAlias

import numpy as np
import shapely

_LITTLE_ENDIAN_WITH_BOX = 0b00000011
_LITTLE_ENDIAN_EMPTY = 0b00010001
Shapes: TypeAlias = "Sequence[Any] | np.ndarray[Any, Any]"

_HEAD_BYTES = 8
_BOX_BYTES = (0, 32, 48, 48, 64)  # by the envelope code that other writers may have used
_MULTI = {"MULTIPOINT": 4, "MULTILINESTRING": 5, "MULTIPOLYGON": 6}
_SINGLE_OF = {4: 0, 5: 1, 6: 3}


def to_geopackage(shapes: Shapes, srs_id: int) -> list[bytes | None]:
    """Code shapes as GeoPackage blobs with their box."""
    column = np.asarray(shapes, dtype=object)
    with_box, empty = (
        struct.pack("<2sBBi", b"GP", 0, flags, srs_id) for flags in (_LITTLE_ENDIAN_WITH_BOX, _LITTLE_ENDIAN_EMPTY)
    )
    boxes = shapely.bounds(column)[:, [0, 2, 1, 3]].astype("<f8")
    void = shapely.is_empty(column)
    coded = zip(shapely.to_wkb(column, byte_order=1), boxes, void, strict=True)
    return [wkb and (empty + wkb if nothing else with_box + box.tobytes() + wkb) for wkb, box, nothing in coded]


def from_geopackage(blobs: Sequence[bytes | None]) -> np.ndarray[Any, Any]:
    """Read shapes from GeoPackage blobs, whatever box their writer added."""
    wkb = [blob and blob[_HEAD_BYTES + _BOX_BYTES[blob[3] >> 1 & 7] :] for blob in blobs]
    return np.asarray(shapely.from_wkb(np.array(wkb, dtype=object)), dtype=object).reshape(len(wkb))


def edge(index: int, blob: bytes | None) -> float | None:
    """Give one edge of a blob's box (0 west, 1 east, 2 south, 3 north): what the R-tree's triggers ask."""
    if blob is None or blob[3] >> 4 & 1:
        return None
    if blob[3] >> 1 & 7:
        return float(struct.unpack_from("<d" if blob[3] & 1 else ">d", blob, _HEAD_BYTES + 8 * index)[0])
    return float(shapely.bounds(shapely.from_wkb(blob[_HEAD_BYTES:]))[(0, 2, 1, 3)[index]])


def is_empty(blob: bytes | None) -> int | None:
    """Tell whether a blob holds an empty shape."""
    return None if blob is None else blob[3] >> 4 & 1


def promote(shapes: Shapes, kind: str) -> np.ndarray[Any, Any]:
    """Make single shapes into the MULTI kind that a column declares."""
    column = np.asarray(shapes, dtype=object).copy()
    if kind in _MULTI:
        multi = _MULTI[kind]
        single = np.flatnonzero(shapely.get_type_id(column) == _SINGLE_OF[multi])
        if len(single):
            built = (shapely.multipoints, shapely.multilinestrings, shapely.multipolygons)[multi - 4]
            column[single] = built(column[single], indices=np.arange(len(single)))
    return column


def demote(shapes: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """Make a MULTI shape of one member into that member, as the steps know it."""
    kinds = shapely.get_type_id(shapes)
    alone = np.flatnonzero(np.isin(kinds, list(_SINGLE_OF)) & (shapely.get_num_geometries(shapes) == 1))
    column = shapes.copy()
    if len(alone):
        column[alone] = shapely.get_geometry(shapes[alone], 0)
    return column
