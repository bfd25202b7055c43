"""Who answers for a report: the unit's worker, a contact by category; a complaint never reaches whom it names."""

import pandas as pd
import shapely
from hypothesis import given
from hypothesis import strategies as st

from govmap.govern import routing, spans

PARENTS = {"m1": "g1", "m2": "g1", "g1": None, "g2": None}
DUTIES = pd.DataFrame(
    [
        ("g1", "head", "chief"), ("g1", "worker", "li"), ("g2", "worker", "wu"), ("m1", "micro_head", "mi"),
        ("g1", "police", "po"),
    ],
    columns=["unit_id", "post", "worker_id"],
)  # fmt: skip


def asked(unit: str | None, category: str = "noise", *, sensitive: bool = False, against: str | None = None):
    row = {"incident_id": "i", "unit_id": unit, "category": category, "sensitive": sensitive, "against": against}
    found = routing.answers(pd.DataFrame([row], dtype=object), DUTIES, PARENTS).iloc[0]
    return found["worker_id"], found["why"]


def test_the_nearest_worker_of_the_unit_answers_and_above_whom_nobody_is_the_next_does() -> None:
    assert asked("m1") == ("mi", "unit")
    assert asked("m2") == ("li", "unit")
    assert asked("g2") == ("wu", "unit")
    assert asked(None) == (None, "no_unit")


def test_some_categories_go_to_their_contact() -> None:
    assert asked("m1", "盗窃") == ("po", "category")
    assert asked("g2", "盗窃") == ("wu", "unit")


def test_a_complaint_goes_one_level_up_and_never_to_whom_it_names() -> None:
    assert asked("g1", against="li") == ("chief", "one_up")
    assert asked("m1", against="mi") == ("chief", "one_up")
    assert asked("g1", against="chief") == (None, "one_up")
    assert asked("g2", against="wu") == (None, "one_up")


def test_sensitive_kinds_go_to_the_office_alone() -> None:
    assert asked("g1", sensitive=True) == (None, "sensitive")


@given(st.sampled_from(["m1", "m2", "g1", "g2"]), st.sampled_from(["chief", "li", "wu", "mi", "po"]))
def test_nobody_answers_for_a_complaint_about_himself(unit: str, against: str) -> None:
    assert asked(unit, against=against)[0] != against


def test_lists_leave_out_complaints_about_their_reader() -> None:
    rows = pd.DataFrame({"incident_id": ["a", "b", "c"], "against": ["li", None, "wu"]})
    assert routing.open_to(rows, "li")["incident_id"].tolist() == ["b", "c"]
    assert routing.open_to(rows)["incident_id"].tolist() == ["b"]
    assert len(routing.open_to(rows.drop(columns="against"))) == 3


def test_spans_count_what_each_leads_in_the_order_of_codes() -> None:
    units = pd.DataFrame({"unit_id": ["g1", "g2", "m1"], "code": ["U2", "U1", "U201"], "households": [300, 200, 50]})
    found = spans.spans(DUTIES, units)
    assert found[["worker_id", "units", "households"]].to_numpy().tolist() == [
        ["wu", 1, 200], ["chief", 1, 300], ["mi", 1, 50],
    ]  # fmt: skip
    many = pd.DataFrame({"unit_id": [f"u{at}" for at in range(9)], "post": "head", "worker_id": "chief"})
    wide = units.iloc[:0].reindex(range(9)).assign(unit_id=many["unit_id"], code=many["unit_id"], households=1)
    assert spans.spans(many, wide)["wide"].tolist() == [True]


def test_spider_lines_lead_from_the_centre_over_each_leader_to_every_unit() -> None:
    boxes = [shapely.box(x, 0, x + 2, 2) for x in (0, 10)]
    units = pd.DataFrame({"unit_id": ["a", "b"], "code": ["U1", "U2"], "geometry": boxes})
    duties = pd.DataFrame({"unit_id": ["a", "b"], "post": "head", "worker_id": "chief"})
    lines = spans.spider(duties, units, shapely.Point(6, 20))
    assert lines["kind"].tolist() == ["centre", "leader", "leader"]
    assert lines["geometry"].iloc[0].wkt == "LINESTRING (6 20, 6 1)"
    assert [line.coords[-1] for line in lines["geometry"].iloc[1:]] == [(1.0, 1.0), (11.0, 1.0)]
