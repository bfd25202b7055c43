"""Names with a slip of the pen."""

import pandas as pd
import pytest
from court import court
from hypothesis import given
from hypothesis import strategies as st

from govmap.attach.gazetteer import Gazetteer
from govmap.attach.similar import Similar, one_slip

NAMES = ["elmstreet", "oakstreet", "幸福小区", "和平小区", "建设路"]


@pytest.mark.parametrize(
    ("text", "name"),
    [("elmstret", "elmstreet"), ("elmstreett", "elmstreet"), ("emlstreet", "elmstreet"), ("elmstreeb", "elmstreet"),
     ("辛福小区", "幸福小区"), ("福幸小区", "幸福小区"), ("和平小小区", "和平小区"),
     ("幸运小区", None), ("新和平小区", None), ("elmstreet", None), ("emlstret", None), ("elm", None), ("建设", None)],
)  # fmt: skip
def test_one_slip_is_forgiven_and_two_are_not(text: str, name: str | None) -> None:
    assert Similar(NAMES).nearest(text) == name


def test_a_name_between_two_others_is_neither() -> None:
    assert Similar(["marktstreet", "parkstreet", "larkstreet"]).nearest("arkstreet") is None


def test_a_number_is_never_taken_for_a_slip() -> None:
    assert Similar(["1stavenue"]).nearest("2stavenue") is None


def edited(text: str, name: str) -> int:
    """Damerau's distance (optimal string alignment), the slow way."""
    rows = [[i + j if 0 in (i, j) else 0 for j in range(len(name) + 1)] for i in range(len(text) + 1)]
    for i in range(1, len(text) + 1):
        for j in range(1, len(name) + 1):
            rows[i][j] = min(rows[i - 1][j] + 1, rows[i][j - 1] + 1, rows[i - 1][j - 1] + (text[i - 1] != name[j - 1]))
            if i > 1 and j > 1 and text[i - 1] == name[j - 2] and text[i - 2] == name[j - 1]:
                rows[i][j] = min(rows[i][j], rows[i - 2][j - 2] + 1)
    return rows[-1][-1]


@given(st.text("abc", max_size=7), st.text("abc", max_size=7))
def test_a_slip_is_what_the_distance_says(text: str, name: str) -> None:
    assert one_slip(text, name) == (edited(text, name) == 1)


def test_an_address_with_a_slip_is_found_and_what_was_read_is_known() -> None:
    ground = court()
    gazetteer = Gazetteer(ground.buildings, ground.addresses, ground.compounds)
    found = gazetteer.find("7A Elm Stret")
    assert (found.building_id, found.instead_of) == ("w22", "elm street")
    assert gazetteer.find("辛福小区3号楼").building_id == "w13"
    assert gazetteer.find("幸福小区3号楼").instead_of is None
    assert gazetteer.find("建社路12号").building_id == "w11"
    assert gazetteer.find("建设路99号").building_id is None


def test_a_street_cut_short_is_found_where_one_alone_begins_so() -> None:
    ground = court()
    streets = [
        ("w11", "Saxogade", "5"),
        ("w12", "Saxovej", "5"),
        ("w13", "Saxogade", "7a"),
        ("w21", "Sankt Pauls Plads", "1"),
    ]
    addresses = pd.DataFrame(streets, columns=["building_id", "street", "house_number"])
    gazetteer = Gazetteer(ground.buildings, addresses, ground.compounds)
    found = gazetteer.find("Saxog. 5")
    assert (found.building_id, found.instead_of) == ("w11", "saxogade")
    assert gazetteer.find("Sax. 5").building_id is None
    assert gazetteer.find("Saxo. 7 A").building_id == "w13"
    assert gazetteer.find("Skt. Pauls Pl. 1").building_id is None
    assert gazetteer.find("St. Pauls Plads 1").building_id is None
    assert gazetteer.find("Sankt P. Pl. 1").building_id == "w21"
