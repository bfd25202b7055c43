"""Shapes and their bytes: the same shape comes back, to the last bit, whoever wrote it."""

import struct
from typing import Any

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from govmap.store import blob

COORDINATE = st.floats(-1e8, 1e8, width=64)
POINT = st.tuples(COORDINATE, COORDINATE)
LINE = st.lists(POINT, min_size=2, max_size=5).map(shapely.LineString)
POLYGON = st.lists(POINT, min_size=3, max_size=5).map(shapely.Polygon)
SHAPES = {
    "POINT": POINT.map(shapely.Point) | st.just(shapely.Point()),
    "LINESTRING": LINE | st.just(shapely.LineString()),
    "MULTIPOINT": st.lists(POINT, max_size=3).map(shapely.MultiPoint),
    "MULTILINESTRING": st.lists(LINE, max_size=3).map(shapely.MultiLineString),
    "MULTIPOLYGON": st.lists(POLYGON, max_size=3).map(shapely.MultiPolygon),
}
SHAPES["GEOMETRY"] = st.one_of(*SHAPES.values(), st.lists(LINE, max_size=2).map(shapely.GeometryCollection))
SINGLE_OF = {"MULTIPOINT": "POINT", "MULTILINESTRING": "LINESTRING", "MULTIPOLYGON": "POLYGON"}


def same(left: Any, right: Any) -> bool:
    return bool(np.all(shapely.equals_identical(left, right) | (shapely.is_missing(left) & shapely.is_missing(right))))


@pytest.mark.parametrize("kind", sorted(SHAPES))
@given(data=st.data())
def test_a_column_of_every_kind_comes_back_to_the_last_bit(kind: str, data: st.DataObject) -> None:
    shapes = np.array([None, *data.draw(st.lists(st.none() | SHAPES[kind], max_size=5))], dtype=object)
    back = blob.from_geopackage(blob.to_geopackage(blob.promote(shapes, kind), 32650))
    assert same(back, shapes)


@given(st.lists(st.none() | SHAPES["GEOMETRY"], max_size=5))
def test_the_head_of_a_blob_says_what_is_in_it(shapes: list[Any]) -> None:
    for shape, coded in zip(shapes, blob.to_geopackage(np.array(shapes, dtype=object), 4526), strict=True):
        if shape is None:
            assert coded is None
            continue
        assert coded[:3] == b"GP\0"
        assert struct.unpack_from("<i", coded, 4) == (4526,)
        assert blob.is_empty(coded) == int(shape.is_empty)
        west, south, east, north = shape.bounds
        edges = [blob.edge(index, coded) for index in range(4)]
        assert edges == ([None] * 4 if shape.is_empty else [west, east, south, north])


def test_no_rows_are_no_rows() -> None:
    assert blob.to_geopackage([], 1) == []
    assert blob.from_geopackage([]).shape == (0,)
    assert blob.promote([], "MULTIPOLYGON").shape == (0,)


@pytest.mark.parametrize("kind", sorted(SINGLE_OF))
@given(data=st.data())
def test_a_single_shape_becomes_a_multi_and_comes_back_single(kind: str, data: st.DataObject) -> None:
    single = {"POINT": SHAPES["POINT"], "LINESTRING": SHAPES["LINESTRING"], "POLYGON": POLYGON}[SINGLE_OF[kind]]
    shape = data.draw(single)
    [promoted] = blob.promote([shape], kind)
    assert promoted.geom_type.upper() == kind
    assert promoted.is_empty == shape.is_empty
    [back] = blob.from_geopackage(blob.to_geopackage([promoted], 1), demoted=True)
    assert same(back, promoted if shape.is_empty else shape)


def test_only_a_multi_of_one_member_is_demoted() -> None:
    one, two = shapely.box(0, 0, 1, 1), shapely.MultiPolygon([shapely.box(0, 0, 1, 1), shapely.box(2, 0, 3, 1)])
    mixed = [shapely.MultiPolygon([one]), two, shapely.MultiPolygon(), one, shapely.Point(1, 2), None]
    back = blob.from_geopackage(blob.to_geopackage(mixed, 1), demoted=True)
    assert same(back, np.array([one, two, shapely.MultiPolygon(), one, shapely.Point(1, 2), None], dtype=object))


def test_promotion_leaves_its_input_alone() -> None:
    shapes = np.array([shapely.box(0, 0, 1, 1)], dtype=object)
    blob.promote(shapes, "MULTIPOLYGON")
    assert shapes[0].geom_type == "Polygon"


def test_a_ring_is_a_line() -> None:
    ring = shapely.LinearRing([(0, 0), (1, 0), (1, 1)])
    line = shapely.LineString(ring.coords)
    assert same(blob.promote([ring], "LINESTRING")[0], line)
    assert same(blob.promote([ring], "MULTILINESTRING")[0], shapely.MultiLineString([line]))
    assert same(blob.from_geopackage(blob.to_geopackage([ring], 1))[0], line)


@pytest.mark.parametrize(
    ("shape", "kind"),
    [
        (shapely.Point(1, 2), "MULTIPOLYGON"),
        (shapely.GeometryCollection([shapely.box(0, 0, 1, 1)]), "MULTIPOLYGON"),
        (shapely.LineString([(0, 0), (1, 1)]), "POINT"),
        (shapely.MultiLineString([[(0, 0), (1, 1)]]), "LINESTRING"),
        (shapely.MultiPoint([(0, 0)]), "POINT"),
    ],
)
def test_a_shape_of_another_kind_is_a_fault_that_rises(shape: Any, kind: str) -> None:
    with pytest.raises(TypeError, match=kind):
        blob.promote([None, shape], kind)


@pytest.mark.parametrize("wrong", [float("nan"), float("inf")])
def test_a_coordinate_that_is_no_number_is_a_fault_that_rises(wrong: float) -> None:
    with np.errstate(invalid="ignore"):
        shape = shapely.LineString([(0, 0), (wrong, 1), (2, 2)])
    with pytest.raises(TypeError, match="coordinate"):
        blob.to_geopackage([shape], 1)


def test_heights_are_left_out_for_we_declare_none() -> None:
    high = shapely.force_3d(shapely.box(0, 0, 1, 1), 5)
    [coded] = blob.to_geopackage([high], 1)
    assert struct.unpack_from("<BI", coded, 40) == (1, 3)
    assert same(blob.from_geopackage([coded])[0], shapely.box(0, 0, 1, 1))


def foreign(shape: Any, *, envelope: int, little_head: bool, little_wkb: bool) -> bytes:
    """A blob as another writer may make it: any box, any byte order, heights."""
    west, south, east, north = shape.bounds
    numbers = ([], [west, east, south, north], [west, east, south, north, 0, 9], [west, east, south, north, 0, 9], [])[
        envelope
    ]
    numbers = [west, east, south, north, 0, 9, 0, 9] if envelope == 4 else numbers
    order = "<" if little_head else ">"
    head = struct.pack(f"{order}2sBBi", b"GP", 0, envelope << 1 | little_head, 32650)
    return (
        head
        + struct.pack(f"{order}{len(numbers)}d", *numbers)
        + shapely.to_wkb(shape, byte_order=int(little_wkb), flavor="iso")
    )


@pytest.mark.parametrize("high", [False, True])
@pytest.mark.parametrize("little_wkb", [False, True])
@pytest.mark.parametrize("little_head", [False, True])
@pytest.mark.parametrize("envelope", range(5))
def test_blobs_of_other_writers_are_read(envelope: int, little_head: bool, little_wkb: bool, high: bool) -> None:  # noqa: FBT001 - a test's cases
    flat = shapely.MultiPolygon([shapely.box(10, 20, 30, 41)])
    shape = shapely.force_3d(flat, 9.0) if high else flat
    coded = foreign(shape, envelope=envelope, little_head=little_head, little_wkb=little_wkb)
    assert same(blob.from_geopackage([coded])[0], flat)
    assert same(blob.from_geopackage([coded], demoted=True)[0], shapely.box(10, 20, 30, 41))
    assert [blob.edge(index, coded) for index in range(4)] == [10, 30, 20, 41]
    assert blob.is_empty(coded) == 0
