"""Shapes to the bytes of a GeoPackage or of PostGIS and back, a whole column at once."""

import struct
from collections.abc import Sequence
from typing import Any, TypeAlias

import numpy as np
import shapely

Shapes: TypeAlias = "Sequence[Any] | np.ndarray[Any, Any]"

_LITTLE_ENDIAN_WITH_BOX = 0b00000011
_LITTLE_ENDIAN_EMPTY = 0b00010001
_HEAD_BYTES = 8
_BOX_BYTES = (0, 32, 48, 48, 64)  # by the envelope code that other writers may have used
_POINT, _LINE, _RING, _POLYGON, _MULTIPOINT, _MULTILINE, _MULTIPOLYGON = range(7)
_MISSING = -1
_MULTI = {"MULTIPOINT": _MULTIPOINT, "MULTILINESTRING": _MULTILINE, "MULTIPOLYGON": _MULTIPOLYGON}
_SINGLE_OF = {_MULTIPOINT: _POINT, _MULTILINE: _LINE, _MULTIPOLYGON: _POLYGON}
_ALONE = tuple(  # how the WKB of a MULTI shape with one member begins, before that member
    struct.pack(f"{order}BII", order == "<", kind + heights, 1)
    for order in "<>"
    for kind in _SINGLE_OF
    for heights in (0, 1000, 2000, 3000)
)
_POINT_ROW = np.dtype(
    [("head", f"V{_HEAD_BYTES}"), ("box", "<f8", 4), ("order", "u1"), ("kind", "<u4"), ("at", "<f8", 2)]
)
_HELD_BY = {"POINT": _POINT, "LINESTRING": _LINE, **_MULTI}


def to_geopackage(shapes: Shapes, srs_id: int) -> list[bytes | None]:
    """
    Code shapes as GeoPackage blobs with their box, in two dimensions: we declare no heights.

    Raises
    ------
    TypeError
        A shape has a coordinate that is no number: a fault of ours.
    """
    column = np.asarray(shapes, dtype=object)
    if len(column) and (shapely.get_type_id(column) == _POINT).all() and not shapely.is_empty(column).any():
        return _points_to_geopackage(column, srs_id)
    with_box, empty = (
        struct.pack("<2sBBi", b"GP", 0, flags, srs_id) for flags in (_LITTLE_ENDIAN_WITH_BOX, _LITTLE_ENDIAN_EMPTY)
    )
    boxes = shapely.bounds(column)[:, [0, 2, 1, 3]].astype("<f8")
    void = shapely.is_empty(column)
    if not np.isfinite(shapely.get_coordinates(column)).all():
        raise TypeError("a shape with a coordinate that is no number")
    wkb = shapely.to_wkb(column, byte_order=1, output_dimension=2, flavor="iso")
    return [
        one and (empty + one if nothing else with_box + box.tobytes() + one)
        for one, box, nothing in zip(wkb, boxes, void, strict=True)
    ]


def _points_to_geopackage(points: np.ndarray[Any, Any], srs_id: int) -> list[bytes | None]:
    """Code points: all are of one length, so that they are written as one table of bytes."""
    at = shapely.get_coordinates(points)
    if not np.isfinite(at).all():
        raise TypeError("a shape with a coordinate that is no number")
    rows = np.zeros(len(at), dtype=_POINT_ROW)
    rows["head"] = struct.pack("<2sBBi", b"GP", 0, _LITTLE_ENDIAN_WITH_BOX, srs_id)
    rows["box"] = at[:, [0, 0, 1, 1]]
    rows["order"], rows["kind"], rows["at"] = 1, 1, at
    coded: list[bytes | None] = rows.view(f"V{_POINT_ROW.itemsize}").tolist()
    return coded


def from_geopackage(blobs: Sequence[bytes | None], *, demoted: bool = False) -> np.ndarray[Any, Any]:
    """
    Read shapes from GeoPackage blobs, whatever box, byte order or heights their writer added.

    Parameters
    ----------
    demoted
        A MULTI shape of one member comes as that member, as the steps know it.
    """
    wkb = [blob and blob[_start(blob, demoted=demoted) :] for blob in blobs]
    shapes = np.asarray(shapely.from_wkb(np.array(wkb, dtype=object)), dtype=object).reshape(len(wkb))
    high = np.flatnonzero(shapely.has_z(shapes))
    shapes[high] = shapely.force_2d(shapes[high])
    return shapes


def _start(blob: bytes, *, demoted: bool) -> int:
    head = _HEAD_BYTES + _BOX_BYTES[blob[3] >> 1 & 7]
    return head + len(_ALONE[0]) if demoted and blob.startswith(_ALONE, head) else head


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
    """
    Make shapes into the kind that a column declares: single ones into MULTI, rings into lines.

    Raises
    ------
    TypeError
        A shape is of another kind: a fault of ours, which other programs would stumble over.
    """
    column = np.asarray(shapes, dtype=object).copy()
    if kind == "GEOMETRY":
        return column
    kinds = shapely.get_type_id(column)
    rings = np.flatnonzero(kinds == _RING)
    column[rings], kinds[rings] = shapely.from_wkb(shapely.to_wkb(column[rings])), _LINE
    held = _HELD_BY[kind]
    single = np.flatnonzero(kinds == _SINGLE_OF.get(held, _MISSING - 1))
    if len(single):
        column[single], kinds[single] = _multi(column[single], held), held
    stray = (kinds != held) & (kinds != _MISSING)
    if stray.any():
        raise TypeError(f"a {column[stray][0].geom_type} is no {kind}")
    return column


def _multi(single: np.ndarray[Any, Any], kind: int) -> np.ndarray[Any, Any]:
    """Put each shape into a MULTI of its own; an empty one becomes an empty MULTI."""
    full = np.flatnonzero(~shapely.is_empty(single))
    column = np.full(len(single), shapely.from_wkb(struct.pack("<BII", 1, kind, 0)), dtype=object)
    built = (shapely.multipoints, shapely.multilinestrings, shapely.multipolygons)[kind - _MULTIPOINT]
    column[full] = built(single[full], indices=np.arange(len(full)))
    return column
