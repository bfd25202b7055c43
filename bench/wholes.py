"""Compounds kept whole and towers cut: python bench/wholes.py FOLDER_OF_EXTRACTS [NAME ...].

For each extract and for the sample community one line a size and level: units, those in their band, those out of it
without a reason; compounds, those that fit the band, those of them that are split all the same; buildings that fit and
are split. The last three should be 0.
"""

import json
import sys
import tempfile
from pathlib import Path

import pandas as pd

from govmap import pipeline
from govmap.config import from_machine
from govmap.project import Project, open_project

NAMES = ("beijing_xueyuanlu", "shanghai_lujiazui_tilezen")
SIZES = ("cn_grid", "cn_microgrid", "cn_grid+cn_microgrid")
SHOWN = ("extract", "size", "level", "units", "in_band", "unexplained", "compounds", "fit", "fit_split", "houses_split")


def levels(project: Project, preset: str) -> list[tuple]:
    """Divide; give one row a level."""
    wanted = pipeline.criteria(preset=preset)
    pipeline.delineate(project, wanted, config=from_machine("en"))
    plan, parts, cells = project.plan(), project.read("parts"), project.read("cells")
    units = project.read("units", where={"plan_id": plan.plan_id}).set_index("unit_id")
    parts = parts.merge(cells[["cell_id", "compound_id"]], on="cell_id")
    rows = []
    for tier, level in zip(plan.tiers(), wanted.chain, strict=True):
        low, high = level.size
        size = units.loc[tier.units, "households"]
        out = size[~size.between(low, high)].index
        told = units.loc[out, "out_of_band_reason"].map(lambda one: bool(json.loads(one or "[]"))).astype(bool)
        held = parts.assign(unit=tier.parts.reindex(parts["part_id"]).to_numpy())
        wholes = [held.groupby(key).agg(size=("households", "sum"), units=("unit", "nunique")) for key in KEYS]
        fit = [whole[whole["size"] <= high] for whole in wholes]
        split = [int((whole["units"] > 1).sum()) for whole in fit]
        counts = (len(size), len(size) - len(out), int((~told).sum()), len(wholes[0]), len(fit[0]), *split)
        rows.append((level.level, *counts))
    return rows


KEYS = ("compound_id", "building_id")


def main(folder: Path, names: list[str]) -> None:
    """Print one line an extract, size and level."""
    from govmap.sources import sample

    found = []
    with tempfile.TemporaryDirectory() as made:
        town = sample.write(Path(made) / "sample", language="zh")
        sources = {"sample": pipeline.Source(osm=town.osm, boundary=town.boundary)}
        sources |= {name: pipeline.Source(osm=folder / f"{name}.osm.pbf", whole=True) for name in names or NAMES}
        for name, source in sources.items():
            path = Path(made) / f"{name}.gpkg"
            pipeline.fetch(path, source, profile="cn", config=from_machine("en"))
            with open_project(path) as project:
                found += [(name, preset, *row) for preset in SIZES for row in levels(project, preset)]
    print(pd.DataFrame(found, columns=list(SHOWN)).to_string(index=False))


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])
