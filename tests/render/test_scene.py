"""Maps on paper: true to scale, every unit drawn, the same bytes, nothing outside the sheet."""

import re

import pytest
import shapely

from govmap.messages import LANGUAGES, Voice
from govmap.render.scene import Entry, Show, draw, ground, sheet_of

WIDE = 170.0


def drawn(released, language="en", **facts):
    sheet = sheet_of(released, width_mm=WIDE, most_mm=150)
    how = {"key": "plan", "title": "Map", "show": Show(fills={"U001": "#77aadd"}), "below": ground(released, sheet)}
    return draw(released, sheet, Voice(language), **(how | facts)).svg()


def test_a_sheet_holds_everything_with_a_margin_and_is_no_higher_than_the_room(released):
    made = released()
    sheet = sheet_of(made, width_mm=WIDE, most_mm=60)
    west, south, east, north = shapely.total_bounds(made.tables["units"]["geometry"])
    assert sheet.window[0] < west < east < sheet.window[2]
    assert sheet.window[1] < south < north < sheet.window[3]
    assert (sheet.width_mm, sheet.height_mm) == (WIDE, 60)
    across = (sheet.window[2] - sheet.window[0]) / (sheet.window[3] - sheet.window[1])
    assert across == pytest.approx(WIDE / 60)


def test_the_scale_bar_carries_the_truth(released):
    made = released()
    sheet = sheet_of(made, width_mm=WIDE, most_mm=150)
    svg = drawn(made)
    metres = int(re.search(r">(\d+) m<", svg)[1])
    quarters = [int(one) for one in re.findall(r'width="(\d+)" height="100" fill', svg)]
    assert sum(quarters) / 100 == pytest.approx(metres * sheet.mm_per_m, abs=0.03)


def test_feet_are_told_where_the_profile_does(released):
    assert re.search(r">[\d,]+ ft<", drawn(released(), length="ft"))


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_unit_has_its_code_and_the_foot_says_age_and_owner(released, language):
    svg = drawn(released(), language, data_date="2026-01-15", credit="© OpenStreetMap")
    assert {f">U{at:03d}<" for at in range(1, 7)} <= set(re.findall(r">U\d+<", svg))
    assert "2026-01-15" in svg
    assert "© OpenStreetMap" in svg


def test_the_legend_stands_under_the_map_and_the_page_grows_with_it(released):
    entries = [Entry("fill", "#b2182b", f"class {at}") for at in range(4)]
    entries += [Entry("hatch", "", "too small"), Entry("disc", "#555555", "people")]
    show = Show(hatched=frozenset(["U002"]), discs={"U003": (3.0, "#b2182b")}, legend=entries)
    svg = drawn(released(), show=show)
    assert all(f">{entry.text}<" in svg for entry in entries)
    assert svg.count("url(#plan-hatched)") == 2
    height = [int(re.search(r'viewBox="0 0 \d+ (\d+)"', one)[1]) for one in (drawn(released()), svg)]
    assert height[1] > height[0]


def test_a_unit_without_an_outline_and_an_empty_base_map_are_no_trouble(released, town):
    tables = town()
    shapes = list(tables["units"]["geometry"])
    shapes[2], shapes[3] = None, shapely.MultiPolygon()
    tables["units"] = tables["units"].set_geometry(shapes, crs=tables["units"].crs)
    tables["features"] = tables["features"].iloc[:0]
    svg = drawn(released("official", tables), show=Show(fills={"U003": "#fff"}, discs={"U003": (1, "#000")}))
    assert ">U001<" in svg
    assert ">U003<" not in svg


def test_without_any_outline_there_is_no_sheet(released, town):
    tables = town()
    tables["communities"] = tables["communities"].iloc[:0]
    tables["units"] = tables["units"].iloc[:0]
    assert sheet_of(released("official", tables), width_mm=WIDE, most_mm=150) is None


def test_the_same_map_is_the_same_bytes_whatever_the_order_of_rows(released, town):
    mixed = {name: frame.sample(frac=1, random_state=2) for name, frame in town().items()}
    assert drawn(released("public", mixed)) == drawn(released("public"))
