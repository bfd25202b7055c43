"""The sections on what changed against the plan before, and on where the data come from and what they are worth."""

from typing import Any

import numpy as np
import shapely

from govmap.messages import note
from govmap.render.place import Frame, column, shapes_of
from govmap.render.report.desk import NOTHING, Desk, numbers, records
from govmap.render.report.paper import Cell, Section, Table, Writer, cells

ROWS_MOST = 60
SIMPLE_MAP_M2 = 25_000_000


def changes_section(desk: Desk) -> Section:
    """Write the section on what changed against the plan before."""
    made = desk.writer("changes")
    rows = _lineage(desk)
    if rows.empty:
        made.say(desk.say("report_changes_missing"), "missing")
        return made.done()
    stays, moved = _moved(rows)
    total = float(rows["households"].sum())
    share = f"{moved / total:.1%}" if total else NOTHING
    former = str(rows["former_plan_id"].iloc[0])
    facts = {"plan": desk.plan_names.get(former, former), "moved": int(moved), "share": share, "total": int(total)}
    made.say(desk.say("report_changes_told", **facts))
    listed = rows[~rows["stays"] & (rows["households"] > 0)] if len(stays) else rows
    if listed.empty:
        made.say(desk.say("report_changes_none"))
    else:
        made.add(_table(desk, listed))
    made.say(desk.say("report_changes_source"), "source")
    return made.done()


def _lineage(desk: Desk) -> Frame:
    """Give what the units of the lowest level have of those of the plan before."""
    rows = desk.table("unit_lineage")
    if rows.empty:
        return rows
    rows = rows[rows["unit_id"].isin(set(desk.base["unit_id"])) & (column(rows, "former_unit_id") != "")]
    base = column(desk.table("plans"), "base_plan_id").dropna()
    known = sorted(set(rows["former_plan_id"].dropna()))
    others = [one for one in known if one != desk.released.plan_id] or known
    if not others:
        return rows.iloc[:0]
    former = base.iloc[0] if len(base) and base.iloc[0] in known else others[-1]
    mine: Frame = rows[rows["former_plan_id"] == former].assign(
        households=numbers(rows, "households").fillna(0), stays=False
    )
    return mine.reset_index(drop=True)


def _moved(rows: Frame) -> tuple[dict[Any, Any], float]:
    """
    Match former units with new ones by the households they share, and count those that lie in another.

    A unit that only has another name is the same unit, as in `govmap compare`.
    """
    from scipy.optimize import linear_sum_assignment

    table = rows.pivot_table(
        index="former_unit_id", columns="unit_id", values="households", aggfunc="sum", fill_value=0
    )
    shared = table.to_numpy(dtype=float)
    before, after = linear_sum_assignment(shared, maximize=True)
    pairs = {
        table.index[one]: table.columns[other] for one, other in zip(before, after, strict=True) if shared[one, other]
    }
    rows["stays"] = [
        pairs.get(former) == unit for former, unit in zip(rows["former_unit_id"], rows["unit_id"], strict=True)
    ]
    return pairs, float(shared.sum() - shared[before, after].sum())


def _table(desk: Desk, listed: Frame) -> Table:
    order = listed.sort_values(
        ["households", "unit_id", "former_unit_id"], ascending=[False, True, True], kind="stable"
    )
    rows = [
        cells([str(one["former_unit_id"]), desk.unit(one["unit_id"]), desk.number(one["households"])])
        for one in records(order.head(ROWS_MOST))
    ]
    head = (desk.say("report_former_unit"), desk.say("report_unit"), desk.say("report_households"))
    title = desk.say("report_changes_table", shown=len(rows), count=len(order))
    return Table(title, head, tuple(rows), frozenset({2}))


# where the data come from ---------------------------------------------------------------------------------------------
def origin_section(desk: Desk) -> Section:
    """Write the section on data and sources."""
    made = desk.writer("origin")
    age = "report_data_date" if desk.data_date else "report_data_no_date"
    made.say(desk.say(age, date=desk.data_date or ""), "point")
    if desk.credit:
        made.say(desk.credit, "point")
    share = desk.released.estimated_share
    told = (
        desk.say("report_estimated", share=f"{share:.0%}") if share is not None else desk.say("report_nobody_counted")
    )
    made.say(told, "point")
    made.say(desk.say("report_marks"), "point")
    _withheld(desk, made)
    made.add(_imports(desk))
    if desk.table("imports").empty:
        made.say(desk.say("report_imports_missing"), "missing")
    _law(desk, made)
    return made.done()


def _withheld(desk: Desk, made: Writer) -> None:
    """Say what the gate kept back."""
    for one in desk.released.notes:
        made.say(desk.voice.tell(one), "caveat")
    key = "report_for_inside" if desk.released.internal else "report_for_public"
    made.say(desk.say(key, k=desk.released.k), "caveat")


def _imports(desk: Desk) -> Table | None:
    imports = desk.table("imports")
    if imports.empty:
        return None
    imports = imports.assign(_at=column(imports, "at").astype(str)).sort_values(["_at", "import_id"], kind="stable")
    inside = "rows_in" in imports
    names = ["table", "at"] + (["file", "rows_in", "rows_kept", "rows_rejected"] if inside else [])
    rows = []
    for one in records(imports.tail(ROWS_MOST)):
        told: list[Cell | str] = [desk.voice.tell(note(f"table_{one['table']}")), str(one["at"] or NOTHING)[:10]]
        if inside:
            rejected = one.get("rows_rejected") or 0
            told += [str(one.get("file") or ""), desk.number(one.get("rows_in")), desk.number(one.get("rows_kept"))]
            told += [Cell(desk.number(rejected), red=rejected > 0)]
        rows.append(cells(told))
    head = tuple(desk.say(f"report_import_{name}") for name in names)
    return Table(desk.say("report_imports"), head, tuple(rows), frozenset({3, 4, 5}) if inside else frozenset())


def _law(desk: Desk, made: Writer) -> None:
    """Say what to ask of the bureau; never that anything is lawful."""
    made.say(desk.say("report_law"), "caveat")
    communities = desk.table("communities")
    if len(communities) and "geometry" in communities:
        area = float(np.nansum(shapely.area(shapes_of(communities))))
        if area > SIMPLE_MAP_M2:
            made.say(desk.say("report_law_area", area=f"{area / 1e6:,.0f}"), "caveat")
    if not desk.released.internal:
        made.say(desk.say("report_law_number"), "point")
