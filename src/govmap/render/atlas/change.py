"""The notice of change: for each building the unit it was in, the one it is in now, and who answers, by compound."""

from collections.abc import Mapping, Sequence

from govmap.render.atlas import furniture
from govmap.render.atlas.desk import Desk, Leaf
from govmap.render.atlas.furniture import Column, Line, Table
from govmap.render.atlas.one_unit import building_of
from govmap.render.atlas.paper import layout


def leaves(desk: Desk, former: Mapping[tuple[str, str], str], former_name: str, units: Sequence[str]) -> list[Leaf]:
    """Give one notice for each compound or street that a person would hang up, the buildings in walking order."""
    codes = dict(zip(desk.units["unit_id"], desk.units["unit_code"], strict=True))
    rows = desk.rows[desk.rows["unit_id"].isin(list(units))]
    notices: dict[str, list[Line]] = {}
    for row in rows.to_dict("records"):
        told = building_of(row)
        if told is None:
            continue
        group = str(row.get("compound") or row.get("street") or desk.say("atlas_other_buildings"))
        before = former.get((str(row["building_id"]), str(row["unit_id"])), "–")
        now = str(codes[row["unit_id"]])
        people = desk.people.get(str(row["unit_id"]), ())
        who = "、".join(one.name for one in people[:2]) or desk.say("atlas_blank")
        phone = people[0].phone if people else ""
        notices.setdefault(group, []).append(
            (told, before, now if now != before else desk.say("atlas_unchanged"), who, phone)
        )
    page = layout(desk.paper, wide=False, panel="none", room=0)
    about = desk.say("atlas_change_about", before=former_name, after=desk.plan)
    found = []
    for group in sorted(notices, key=list(notices).index):
        wanted = Table(_columns(desk), notices[group], desk.type_mm * (1.0 if desk.large else 1.25), least_mm=400)
        title = f"{group}　{desk.say('atlas_change_title')}"
        found += furniture.listing(desk, page, "change", title, about, wanted, None, first=True)
    return found


def _columns(desk: Desk) -> list[Column]:
    return [
        Column(desk.say("atlas_col_building"), 0.36),
        Column(desk.say("atlas_col_former"), 0.14),
        Column(desk.say("atlas_col_now"), 0.14, bold=True),
        Column(desk.say("atlas_col_worker"), 0.2),
        Column(desk.say("atlas_col_phone"), 0.16),
    ]
