"""Colours, symbols and styles."""

import numpy as np
import pytest
import shapely

from govmap import catalog
from govmap.render import symbology


def lattice(wide: int, high: int) -> np.ndarray:
    return np.array([shapely.box(x, y, x + 1, y + 1) for y in range(high) for x in range(wide)], dtype=object)


def test_neighbours_never_share_a_colour():
    shapes = lattice(30, 20)
    colour = symbology.colours(shapes)
    one, other = shapely.STRtree(shapes).query(shapes, predicate="intersects")
    apart = one != other
    assert (colour[one[apart]] != colour[other[apart]]).all()
    assert colour.max() < symbology.USUAL_COLOURS


def test_all_usual_colours_are_used_about_alike():
    counts = np.bincount(symbology.colours(lattice(30, 20)), minlength=symbology.USUAL_COLOURS)
    assert counts[: symbology.USUAL_COLOURS].min() > 60


def test_units_without_ground_get_a_colour_too():
    shapes = np.array([shapely.box(0, 0, 1, 1), None, shapely.Polygon()], dtype=object)
    assert (symbology.colours(shapes) >= 0).all()
    assert len(symbology.colours(np.array([], dtype=object))) == 0


def test_every_category_of_the_layers_has_both_titles_a_colour_and_a_drawing():
    names = set(catalog.layers("resources"))
    if not (symbology.STATIC / "icons.json").is_file():
        pytest.skip("needs the built page: npm --prefix web run build")
    for one in symbology.categories(names):
        assert one["title"]["zh"]
        assert one["title"]["en"]
        assert one["colour"].startswith("#")
        assert symbology.drawings({one["icon"]}), f"{one['key']}: no drawing {one['icon']}"


def test_a_category_without_a_layer_is_shown_by_its_name():
    (one,) = symbology.categories({"tea_house"})
    assert one["title"] == {"en": "tea house", "zh": "tea house"}


def test_every_class_the_reader_knows_is_drawn_or_falls_back_to_its_kind():
    layer = catalog.layer("features")
    assert set(layer["areas"]) <= set(symbology.AREAS)
    assert set(layer["lines"]) <= set(symbology.WAYS)
