"""A small estate made from lists alone: twelve houses of one compound, divided into units; every number by eye."""

import csv
import io
import json
from pathlib import Path
from typing import Any

from govmap import pipeline
from govmap.config import from_machine
from govmap.delineate import Criteria
from govmap.messages import Voice
from govmap.project import open_project
from govmap.schema import TABLES

CONFIG, VOICE = from_machine("zh"), Voice("zh")
LON, LAT, EAST, NORTH = 120.1, 30.2, 0.0004, 0.0003
HOUSES = 12
# What grows by every command and is no part of what a project exports.
HISTORY = frozenset({"audit", "project"})


def shape(corners: list[list[float]], **facts: Any) -> dict[str, Any]:
    return {"type": "Feature", "properties": facts, "geometry": {"type": "Polygon", "coordinates": [corners]}}


def box(west: float, south: float, width: float, height: float) -> list[list[float]]:
    east, north = west + width, south + height
    return [[west, south], [east, south], [east, north], [west, north], [west, south]]


def place(number: int) -> tuple[float, float]:
    """The south-west corner of a house, in degrees."""
    return LON + (number - 1) % 4 * EAST * 1.2, LAT + (number - 1) // 4 * NORTH


def house(number: int, **facts: Any) -> dict[str, Any]:
    facts = {"building_id": f"h{number}", "name": f"幸福小区{number}号楼", "levels": 3, **facts}
    return shape(box(*place(number), EAST * 0.6, NORTH * 0.5), **facts)


def layer(path: Path, *shapes: dict[str, Any]) -> Path:
    path.write_text(json.dumps({"type": "FeatureCollection", "features": list(shapes)}), "utf-8")
    return path


def listed(path: Path, header: str, *rows: str, encoding: str = "utf-8") -> Path:
    """Write a list whose cells stand between commas."""
    path.write_bytes("\r\n".join([header, *rows, ""]).encode(encoding))
    return path


def cells_of(path: Path) -> list[list[str]]:
    """Read a file of rejects in CSV."""
    return list(csv.reader(io.StringIO(path.read_text("utf-8-sig"), newline="")))


def build(folder: Path) -> Path:
    """Make the estate: boundary, houses, units, all attached."""
    path = folder / "estate.gpkg"
    ground = shape(box(LON - EAST, LAT - NORTH, 7 * EAST, 5 * NORTH), name="幸福社区")
    take(path, "communities", layer(folder / "ground.geojson", ground))
    take(path, "buildings", layer(folder / "houses.geojson", *(house(n + 1) for n in range(HOUSES))))
    with open_project(path) as project:
        pipeline.delineate(project, Criteria(size=(20, 60)), config=CONFIG)
    attach(path)
    return path


def take(
    path: Path, table: str, file: Path, reading: pipeline.Reading | None = None, **taking: bool
) -> pipeline.Report:
    report = pipeline.import_table(
        path, table, file, reading or pipeline.Reading(), pipeline.Taking(**taking), config=CONFIG, voice=VOICE
    )
    for voice in (VOICE, Voice("en")):  # every sentence stands in both languages
        for told in (*report.shown, *report.notes, *report.warnings):
            assert voice.tell(told)
    json.dumps(report.figures, default=str)
    return report


def attach(path: Path) -> pipeline.Report:
    with open_project(path) as project:
        return pipeline.attach(project, config=CONFIG)


def take_back(path: Path, which: str = "last") -> pipeline.Report:
    with open_project(path) as project:
        return pipeline.take_back(project, which, config=CONFIG)


def forget(path: Path, table: str, import_id: str | None = None) -> pipeline.Report:
    with open_project(path) as project:
        return pipeline.forget(project, table, import_id)


def tables(path: Path) -> dict[str, str]:
    """Every table as it would be exported, byte for byte."""
    with open_project(path) as project:
        return {table: project.read(table).to_csv() for table in TABLES if table not in HISTORY}


def differ(before: dict[str, str], after: dict[str, str]) -> list[str]:
    return [table for table in before if before[table] != after[table]]


def told(report: pipeline.Report) -> set[str]:
    return {one.key for one in (*report.shown, *report.notes, *report.warnings)}
