"""A world of OpenStreetMap read into tables."""

from pathlib import Path

from osm_world import World

from govmap.sources import extract


def tables(world: World, tmp_path: Path):
    return extract.read(world.write(tmp_path / "world.osm")).tables


def dropped(world: World, tmp_path: Path, table: str) -> dict[str, int]:
    return extract.read(world.write(tmp_path / "world.osm")).counts[table]["dropped"]


def by_id(rows):
    return rows.set_index(rows.columns[0])
