"""What encloses and opens, drawn by hand: walls, gates, compounds, and the boundary of a community.

A boundary may be traced over a scanned map: the page sets the image by three points and sends the traced outline alone;
the image never leaves the page.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
import shapely

from govmap import catalog
from govmap.errors import InputError
from govmap.messages import note
from govmap.pipeline import handmade
from govmap.pipeline.handmade import Degrees, Hand, hand, row_of
from govmap.pipeline.report import Report
from govmap.project import Project

STANDING = ("standing", "new")
LONGEST = 60
M2_A_KM2 = 1e6
DRAWN = {"barrier": "barriers", "entrance": "entrances", "compound": "compounds"}


def wall(project: Project, corners: Sequence[Degrees], kind: str = "wall") -> Report:
    """
    Draw a wall, fence, street or other barrier, of the strength that `layers/barriers.toml` gives its kind.

    Raises
    ------
    InputError
        It has no length, or the kind is not one of `layers/drawing.toml`.
    """
    facts = catalog.layer("drawing")
    if kind not in facts["walls"]["kinds"]:
        raise InputError("base_kind_unknown", given=kind[:40], known=list(facts["walls"]["kinds"]))
    strength = next(float(one["strength"]) for one in catalog.layer("barriers")["kinds"] if one["name"] == kind)
    with hand(project, "wall", {"kind": kind}) as made:
        drawn = handmade.line(project, corners)
        _inside(made, drawn)
        if drawn.length < facts["bounds"]["wall_shortest_m"]:
            raise InputError("base_no_line")
        new = made.new_id("b", "barriers", drawn)
        row = {"barrier_id": new, "kind": kind, "strength": strength, "on_ground": True, "edited_by_hand": True}
        made.put("barriers", row_of("barriers", made.crs, drawn, **row))
        made.stale = True
    told = [note("base_done_wall", metres=round(drawn.length), kind=_title("barriers", kind)), note("base_stale")]
    return Report(figures={"barrier_id": new, "length_m": round(drawn.length, 1), "stale": True}, notes=told)


def gate(project: Project, at: Degrees, compound_id: str | None = None) -> Report:
    """
    Draw a gate: of the compound that is named, else of the one whose edge is nearest.

    Raises
    ------
    InputError
        There is no such compound, or none near.
    """
    near_m = catalog.layer("drawing")["bounds"]["gate_near_m"]
    with hand(project, "gate", {"compound": compound_id}) as made:
        place = handmade.point(project, at)
        rows = made.read("compounds", **({"compound_id": [compound_id]} if compound_id else {}))
        if compound_id and rows.empty:
            raise InputError("base_no_compound", compound=compound_id[:40])
        far = shapely.distance(shapely.boundary(rows["geometry"].to_numpy()), place) if len(rows) else np.zeros(0)
        if not len(far) or (compound_id is None and far.min() > near_m):
            raise InputError("base_no_compound_near", metres=near_m)
        belongs = str(rows["compound_id"].to_numpy()[int(far.argmin())])
        new = made.new_id("g", "entrances", place)
        row = {"entrance_id": new, "compound_id": belongs, "kind": "gate"}
        made.put("entrances", row_of("entrances", made.crs, place, **row))
        made.stale = True
    told = [note("base_done_gate", compound=belongs), note("base_stale")]
    return Report(figures={"entrance_id": new, "compound_id": belongs, "stale": True}, notes=told)


def compound(
    project: Project, ring: Sequence[Degrees], name: str, *, kind: str = "residential", households: int | None = None
) -> Report:
    """
    Draw a compound; the buildings that stand in it belong to it.

    Raises
    ------
    InputError
        It is too small, lies outside, has no name, or the kind is not one of `layers/compounds.toml`.
    """
    bounds = catalog.layer("drawing")["bounds"]
    known = sorted({str(one["name"]) for one in catalog.layer("compounds")["kinds"]})
    if kind not in known:
        raise InputError("base_kind_unknown", given=kind[:40], known=known)
    if households is not None and not 0 <= households <= bounds["households_most"]:
        raise InputError("base_fact_wrong", fact=note("base_fact_households"), given=str(households))
    with hand(project, "compound", {"kind": kind}) as made:
        shape = handmade.polygon(project, ring)
        _inside(made, shape)
        if shape.area < bounds["compound_smallest_m2"]:
            raise InputError("base_compound_small", area=round(shape.area), least=bounds["compound_smallest_m2"])
        new = made.new_id("c", "compounds", shape)
        called = _called(name)
        row = {"compound_id": new, "name": called, "kind": kind, "households": households, "edited_by_hand": True}
        made.put("compounds", row_of("compounds", made.crs, shape, **row))
        held = _stand_in(made, shape)
        if held:
            made.put("buildings", pd.DataFrame({"building_id": held, "compound_id": new}))
        made.stale = True
    told = [note("base_done_compound", name=called, count=len(held)), note("base_stale")]
    return Report(figures={"compound_id": new, "buildings": len(held), "stale": True}, notes=told)


def boundary(project: Project, ring: Sequence[Degrees], name: str, *, community_id: str | None = None) -> Report:
    """
    Draw the boundary of a community: of a new one, or in the place of the one that is named.

    Raises
    ------
    InputError
        It is too small or large, or lies over another community.
    """
    bounds = catalog.layer("drawing")["bounds"]
    with hand(project, "boundary", {"community": community_id}) as made:
        shape = handmade.polygon(project, ring)
        if not bounds["boundary_smallest_m2"] <= shape.area <= bounds["boundary_largest_km2"] * M2_A_KM2:
            raise InputError("base_boundary_size", hectares=round(shape.area / 1e4, 1))
        rows = made.read("communities")
        if community_id is not None and community_id not in set(rows["community_id"]):
            raise InputError("base_no_community", community=community_id[:40])
        others = rows[rows["community_id"] != community_id]
        over = shapely.area(shapely.intersection(others["geometry"].to_numpy(), shape))
        if len(over) and over.max() > bounds["smallest_m2"]:
            raise InputError("base_boundary_over", name=str(others["name"].to_numpy()[int(over.argmax())]))
        wanted = community_id or made.new_id("k", "communities", shape)
        made.put("communities", row_of("communities", made.crs, shape, community_id=wanted, name=_called(name)))
        made.stale = True
    told = [note("base_done_boundary", name=_called(name), hectares=round(shape.area / 1e4, 1)), note("base_stale")]
    return Report(figures={"community_id": wanted, "area_m2": round(shape.area), "stale": True}, notes=told)


def remove(project: Project, what: str, key: str) -> Report:
    """
    Take out a wall, gate or compound that was drawn by hand.

    Raises
    ------
    InputError
        There is no such thing, or it comes from the map or a list.
    """
    if what not in DRAWN:
        raise InputError("base_kind_unknown", given=what[:40], known=sorted(DRAWN))
    table = DRAWN[what]
    with hand(project, "remove", {"what": what, "id": key}) as made:
        rows = made.read(table, **{f"{what}_id": [key]})
        own = rows["edited_by_hand"].fillna(value=False).astype(bool) if "edited_by_hand" in rows else rows.index >= 0
        ours = rows[own & (rows[f"{what}_id"].str.match(r"^[bgc][0-9a-f]{8,}$"))] if len(rows) else rows
        if ours.empty:
            raise InputError("base_not_drawn", what=note(f"base_what_{what}"))
        made.remove(table, [key])
        held = made.read("buildings", compound_id=[key]) if what == "compound" else rows.iloc[:0]
        if len(held):
            made.put("buildings", pd.DataFrame(held)[["building_id"]].assign(compound_id=None))
        made.stale = True
    return Report(figures={"id": key, "stale": True}, notes=[note("base_done_remove"), note("base_stale")])


# below ---------------------------------------------------------------------------------------------------------------
def _inside(made: Hand, shape: Any) -> None:
    """Refuse what lies outside every community."""
    grounds = made.read("communities")["geometry"].to_numpy()
    if not len(grounds) or not shapely.intersects(grounds, shape).any():
        raise InputError("base_outside")


def _stand_in(made: Hand, shape: Any) -> list[str]:
    rows = made.read("buildings")
    rows = rows[rows["status"].isin(STANDING) & rows["geometry"].notna()]
    shapely.prepare(shape)
    inside = shapely.intersects(shape, shapely.point_on_surface(rows["geometry"].to_numpy()))
    return sorted(rows["building_id"].to_numpy()[inside])


def _called(name: str) -> str:
    """Give a name without what names or reaches a person."""
    from govmap.sources import masking

    plain = " ".join(name.split())
    if not plain or len(plain) > LONGEST:
        raise InputError("base_name_wrong", longest=LONGEST)
    return masking.mask(plain)


def _title(layer: str, kind: str) -> Mapping[str, str]:
    found: Mapping[str, str] = next(one["title"] for one in catalog.layer(layer)["kinds"] if one["name"] == kind)
    return found
