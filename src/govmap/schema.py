"""Every table and column of a project, once: name, type, unit, whether it is personal.

Column types: str, int, float, bool, json, time (UTC), date, blob, and the geometry kinds of the GeoPackage standard.
Shapes are in the project's metric CRS. A column marked `personal` never passes `publish.release`.
"""

from collections.abc import Iterator
from dataclasses import dataclass

SCHEMA_VERSION = 1


@dataclass(frozen=True)
class Column:
    """One column of a table."""

    name: str
    type: str = "str"
    unit: str | None = None
    personal: bool = False
    required: bool = False


@dataclass(frozen=True)
class Table:
    """One table: its columns, the key that makes a row unique, the geometry kind if it has one."""

    name: str
    columns: tuple[Column, ...]
    key: tuple[str, ...] = ()
    geometry: str | None = None

    @property
    def names(self) -> list[str]:
        """Names of all columns, `geometry` last."""
        return [column.name for column in self.columns] + (["geometry"] if self.geometry else [])

    @property
    def personal(self) -> frozenset[str]:
        """Names of the personal columns."""
        return frozenset(column.name for column in self.columns if column.personal)

    def __iter__(self) -> Iterator[Column]:
        return iter(self.columns)


def _table(name: str, text: str, *, key: str = "", geometry: str | None = None) -> Table:
    """Read `name:type[unit]!` words: `!` marks a personal column, no type means str, key columns are required."""
    keys = tuple(key.split())
    return Table(name, tuple(_column(word, keys) for word in text.split()), keys, geometry)


def _column(word: str, keys: tuple[str, ...]) -> Column:
    personal = word.endswith("!")
    name, _, rest = word.rstrip("!").partition(":")
    type_, _, unit = rest.rstrip("]").partition("[")
    return Column(name, type_ or "str", unit or None, personal, name in keys)


_IMPORTED = " import_id source_row:int"

TABLES: dict[str, Table] = {
    table.name: table
    for table in (
        _table("project", "key value", key="key"),
        _table(
            "communities", "community_id name name_zh code" + _IMPORTED, key="community_id", geometry="MULTIPOLYGON"
        ),
        _table(
            "buildings",
            "building_id community_id cell_id reason osm_id name use levels:float height_m:float[m]"
            " floor_area_m2:float[m2] dwellings:int"
            " households:int households_low:int households_high:int residents:int shops:int workplaces:int"
            " number mark stairwells:int homes_a_floor:int households_given:int residents_given:int shops_given:int"
            " workplaces_given:int"
            " households_source outline_source compound_id status edited_by_hand:bool" + _IMPORTED,
            key="building_id",
            geometry="MULTIPOLYGON",
        ),
        _table(
            "addresses",
            "address_id building_id street house_number entrance full source" + _IMPORTED,
            key="address_id",
            geometry="POINT",
        ),
        _table(
            "entrances", "entrance_id building_id compound_id kind" + _IMPORTED, key="entrance_id", geometry="POINT"
        ),
        _table(
            "compounds",
            "compound_id name name_zh kind households:int edited_by_hand:bool" + _IMPORTED,
            key="compound_id",
            geometry="MULTIPOLYGON",
        ),
        _table(
            "barriers",
            "barrier_id kind name strength:float on_ground:bool edited_by_hand:bool" + _IMPORTED,
            key="barrier_id",
            geometry="MULTILINESTRING",
        ),
        _table(
            "streets",
            "street_id from_node to_node length_m:float[m] kind name walkable:bool",
            key="street_id",
            geometry="LINESTRING",
        ),
        _table("features", "feature_id kind class name name_zh", key="feature_id", geometry="GEOMETRY"),
        _table(
            "boundaries",
            "boundary_id name name_zh admin_level:int complete:bool area_m2:float[m2]",
            key="boundary_id",
            geometry="MULTIPOLYGON",
        ),
        _table(
            "cells",
            "cell_id edition:int community_id building_id compound_id block_id area_m2:float[m2] straddles:bool",
            key="cell_id",
            geometry="MULTIPOLYGON",
        ),
        _table(
            "cells_past",
            "edition:int cell_id community_id building_id compound_id block_id area_m2:float[m2] straddles:bool",
            key="edition cell_id",
            geometry="MULTIPOLYGON",
        ),
        _table(
            "parts",
            "part_id building_id cell_id entrance floor_from:int floor_to:int households:int residents:int"
            " households_low:int households_high:int households_given:int residents_given:int source load_min:int[min]"
            + _IMPORTED,
            key="part_id",
        ),
        _table(
            "parts_past",
            "edition:int part_id building_id cell_id entrance floor_from:int floor_to:int households:int residents:int"
            " source",
            key="edition part_id",
        ),
        _table(
            "plans",
            "plan_id name base_plan_id edition:int criteria:json status created_at:time head_revision",
            key="plan_id",
        ),
        _table("plan_parts", "plan_id part_id unit_id", key="plan_id part_id"),
        _table(
            "revisions",
            "revision_id plan_id parent_id action detail:json author! at:time",
            key="revision_id",
        ),
        _table("revision_parts", "revision_id part_id unit_before unit_after", key="revision_id part_id"),
        _table(
            "units",
            "plan_id unit_id community_id code parent_unit_id level kind exclusive_kind name households:int"
            " residents:int buildings:int area_m2:float[m2] compactness:float locked:bool responsible_org meeting_place"
            " bounds_text valid_from:date valid_to:date out_of_band_reason",
            key="plan_id unit_id",
            geometry="MULTIPOLYGON",
        ),
        _table(
            "unit_lineage",
            "plan_id unit_id former_plan_id former_unit_id edition:int households:int came:json went:json",
            key="plan_id unit_id former_plan_id former_unit_id edition",
        ),
        _table("zones", "zone_id kind name stakeholders", key="zone_id", geometry="MULTIPOLYGON"),
        _table(
            "residents",
            "place_kind place_id base households:int people:int age_0_6:int age_7_14:int age_15_59:int age_60_plus:int"
            " age_80_plus:int living_alone_60:int households_registered:int people_registered:int rooms_rented:int"
            " people_rented:int shops:int workplaces:int building_id part_id unit_hint reason placed_by"
            " place_score:float" + _IMPORTED,
            key="import_id source_row",
            geometry="MULTIPOLYGON",
        ),
        _table(
            "resources",
            "resource_id category name provider_type provider_seat serves terms reach_min:float[min] capacity:float"
            " capacity_unit hours contact_role shared:bool address building_id part_id cell_id reason placed_by"
            " place_score:float osm_id duplicate_of edited_by_hand:bool" + _IMPORTED,
            key="resource_id",
            geometry="POINT",
        ),
        _table(
            "incidents",
            "incident_id external_no kind category sensitive:bool severity lifecycle stage stage_said! reported_at:time"
            " due_at:time due_by closed_at:time responsible! satisfied_resident:bool satisfied_office:bool duplicate_of"
            " against! amount_needed:float"
            " community_id address! building_id part_id cell_id street_id reason placed_by place_score:float"
            + _IMPORTED,
            key="incident_id",
            geometry="POINT",
        ),
        _table("incident_log", "incident_id stage at:time actor_id! note!", key="incident_id stage at"),
        _table(
            "repeats",
            "incident_id duplicate_of score:float distance_m:float[m] hours:float[h] likeness:float state by! at:time",
            key="incident_id",
        ),
        _table(
            "twins",
            "resource_id duplicate_of score:float distance_m:float[m] likeness:float state by! at:time",
            key="resource_id",
        ),
        _table(
            "workers",
            "worker_id name! office_phone! role organisation capacity_hours_month:float[h] skills! languages!"
            + _IMPORTED,
            key="worker_id",
            geometry="POINT",
        ),
        _table(
            "duties",
            "worker_id plan_id unit_id role share:float from:date to:date said_id followed_from state reason:json!",
            key="worker_id plan_id unit_id role",
        ),
        _table(
            "duties_said",
            "said_id worker_id name! office_phone! role share:float from:date to:date unit_said plan_id units:json"
            " building_said" + _IMPORTED,
            key="said_id",
        ),
        _table("leaders", "said_id worker_id building_id entrance role", key="said_id building_id"),
        _table(
            "projects",
            "project_id title category unit_id origin budget:float spent:float fund_id beneficiaries:int stage",
            key="project_id",
            geometry="GEOMETRY",
        ),
        _table(
            "project_stages",
            "project_id stage entered_at:time actor_id! votes_for:int votes_against:int eligible:int quorum:int note",
            key="project_id stage",
        ),
        _table("funds", "fund_id year:int unit_id source amount:float rule cap_per_project:float", key="fund_id"),
        _table(
            "evaluations",
            "evaluation_id target_type target_id step rater_type rater_unit score:float max:float at:date",
            key="evaluation_id",
        ),
        _table("groups", "group_id name category members:int unit_id", key="group_id"),
        _table("activities", "activity_id name place at:time turnout:int", key="activity_id"),
        _table(
            "deliberations", "deliberation_id project_id at:time unit_id attended:int decision", key="deliberation_id"
        ),
        _table(
            "votes",
            "vote_id deliberation_id votes_for:int votes_against:int eligible:int quorum:int",
            key="vote_id",
        ),
        _table("conventions", "convention_id unit_id version:int adopted_at:date text", key="convention_id version"),
        _table("contributions", "contribution_id project_id provider kind amount:float", key="contribution_id"),
        _table("services", "service_id incident_id resource_id worker_id at:time", key="service_id"),
        _table(
            "reach",
            "cell_id category site_id distance_m:float[m] walk_min:float[min]",
            key="cell_id category",
        ),
        _table(
            "gaps",
            "plan_id unit_id level category standard people:int households:int people_short:int households_short:int"
            " elders_short:int children_short:int share_short:float share_estimated:float reason site_id"
            " distance_m:float[m] walk_min:float[min] fixes:json rank:int by_reason:json people_unsure:int"
            " places_a_thousand:float",
            key="plan_id unit_id category standard",
        ),
        _table(
            "norms",
            "community_id category standard people:int have:float need:float short:float unit source",
            key="community_id category standard",
        ),
        _table(
            "sites",
            "plan_id category standard place_id place_kind name rank:int people_covered:int gain:int bound:float"
            " reason",
            key="plan_id category standard place_id",
            geometry="POINT",
        ),
        _table(
            "rates",
            "plan_id unit_id level category count:int households:int rate:float low:float high:float raw:float"
            " too_small:bool share_estimated:float since:date until:date",
            key="plan_id unit_id category",
        ),
        _table(
            "spots",
            "plan_id unit_id level category z:float p:float q:float kind stable_levels:int quarter grounds:json"
            " since:date until:date",
            key="plan_id unit_id category",
        ),
        _table(
            "answered",
            "plan_id unit_id level category cases:int open:int overdue:int responded:float resolved:float"
            " satisfied_resident:float satisfied_office:float hours_median:float[h] satisfied_gap:float"
            " rated_resident:int rated_office:int responded_low:float responded_high:float"
            " resolved_low:float resolved_high:float satisfied_resident_low:float"
            " satisfied_resident_high:float satisfied_office_low:float satisfied_office_high:float"
            " since:date until:date",
            key="plan_id unit_id category",
        ),
        _table(
            "months",
            "community_id category month:date count:int expected:float low:float high:float notable whole:bool",
            key="community_id category month",
        ),
        _table(
            "recurring",
            "street_id category incidents:int days:int first:date last:date expected:float q:float",
            key="street_id category",
        ),
        _table(
            "loads",
            "plan_id unit_id level item amount:float amount_unit minutes_each:float[min] hours:float[h]"
            " share_estimated:float source",
            key="plan_id unit_id item",
        ),
        _table("fits", "plan_id unit_id level measure value:float", key="plan_id unit_id measure"),
        _table(
            "tallies",
            "plan_id unit_id theme category count:int people:int",
            key="plan_id unit_id theme category",
        ),
        _table("matches", "need_id resource_id amount:float cost_m:float[m] reason:json", key="need_id resource_id"),
        _table(
            "imports",
            "import_id table file sha256 mapping:json rows_in:int rows_kept:int rows_rejected:int at:time turn:int",
            key="import_id",
        ),
        _table("rejects", "import_id row:int reason_code their_column raw:json", key="import_id row"),
        _table("former_rows", "import_id row_table row_key row:json!", key="import_id row_table row_key"),
        _table("aliases", "text building_id meaning by! at:time", key="text"),
        _table(
            "publications",
            "publication_id at:time audience plan_id edition:int statistic area value:json",
            key="publication_id statistic area",
        ),
        _table(
            "comments",
            "comment_id plan_id unit_id by! at:time state text",
            key="comment_id",
            geometry="POINT",
        ),
        _table(
            "base_edits",
            "edit_id turn:int action detail:json author! at:time base_before base_after undone:bool",
            key="edit_id",
        ),
        _table(
            "offers",
            "offer_id kind table row_key before:json after:json at:time state",
            key="offer_id",
            geometry="GEOMETRY",
        ),
        _table(
            "agreements",
            "plan_id turn:int step by! at:time begins:date ends:date document_no effective:date reason",
            key="plan_id turn",
        ),
        _table(
            "objections",
            "plan_id number:int unit_id received:date channel text! by! at:time late:bool outcome answer! answered_by!"
            " answered_at:time",
            key="plan_id number",
            geometry="POINT",
        ),
        _table("attachments", "attachment_id type sha256 content:blob", key="attachment_id"),
        _table(
            "audit",
            "audit_id at:time author! command arguments:json read:json written:json dropped:json suppressed:json",
            key="audit_id",
        ),
    )
}
