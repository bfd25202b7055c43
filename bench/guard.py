"""The guard of the page beside the rules of Python: python bench/guard.py [--strokes 10000] [--seed 1].

Random ground (lattices with gaps, islands, walls, several communities, floors, units inside units, locks), random plans
of it and random strokes; each is judged by `web/src/live/redraw/guard.ts`, run by node, and by `delineate.edit.rules`.
What they say must be the same: locked units, parts of other communities, units left empty, units in pieces and the
parts cut off. Prints how many strokes were judged and how many differed, and ends with 1 where any did.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from govmap.contiguity import Graph
from govmap.delineate.edit import Draft, rules
from govmap.delineate.edit.draft import COLUMNS
from govmap.plan import Plan

HOME = Path(__file__).parent.parent
STROKES_A_GROUND = 25
RUNNER = """
import { readFileSync } from "node:fs";
import { judge } from "./guard.mjs";
const told = JSON.parse(readFileSync(process.argv[2], "utf-8"));
const out = told.map((ground) => {
  const place = new Map(ground.units.map((row, at) => [row.id, at]));
  const first = new Int32Array(ground.parts + 1);
  for (const [a, b] of ground.edges) { first[a + 1]++; first[b + 1]++; }
  for (let at = 0; at < ground.parts; at++) first[at + 1] += first[at];
  const next = first.slice();
  const near = new Int32Array(first[ground.parts]);
  for (const [a, b] of ground.edges) { near[next[a]++] = b; near[next[b]++] = a; }
  const columns = { community: Int32Array.from(ground.community), households: Int32Array.from(ground.households) };
  const unit = Int32Array.from(ground.unit);
  const draft = { parts: ground.parts, unit, near: { first, near }, columns, units: ground.units, place };
  const before = draft.unit.slice();
  const moves = ({ parts, to }) => ({ parts: Int32Array.from(parts), to: Int32Array.from(to) });
  const said = ground.strokes.map((stroke) => judge(draft, moves(stroke)));
  if (draft.unit.some((unit, at) => unit !== before[at])) throw new Error("the guard has moved something");
  return said;
});
process.stdout.write(JSON.stringify(out));
"""


def ground(rng: np.random.Generator) -> tuple[Draft, dict[str, Any]]:
    """Lay out one random ground with a plan, for Python and for the page."""
    wide, high = (int(one) for one in rng.integers(3, 9, 2))
    place = np.arange(wide * high).reshape(high, wide)
    pairs = np.vstack(
        [
            np.column_stack([place[:, :-1].ravel(), place[:, 1:].ravel()]),
            np.column_stack([place[:-1].ravel(), place[1:].ravel()]),
        ]
    )
    kept = pairs[rng.random(len(pairs)) > rng.choice([0.0, 0.1, 0.35])]
    joins = rng.random(len(kept)) > rng.choice([0.0, 0.15])
    count = place.size
    ids = np.array([f"p{at:03d}" for at in range(count)], dtype=object)
    community = (np.arange(count) % wide >= wide * rng.choice([0.5, 1.0])).astype(int)
    households = rng.integers(0, 4, count) * 10
    unit = _units(kept[joins], community, count, rng)
    rows = _rows(sorted(set(unit)), rng)
    nil = np.zeros(len(kept))
    graph = Graph(ids, kept[:, 0], kept[:, 1], nil + 1, nil, nil, nil > 0, joins)
    plan = Plan.of("p", 1, pd.DataFrame({"part_id": ids, "unit_id": unit})).nested(rows.assign(plan_id="p"))
    atoms = pd.DataFrame({"part_id": ids, "community_id": [f"c{one}" for one in community], "households": households})
    draft = Draft(plan=plan, units=rows, atoms=atoms, graph=graph)
    number = {one: at for at, one in enumerate(rows["unit_id"])}
    told = {
        "parts": count,
        "edges": kept[joins].tolist(),
        "unit": [number[one] for one in unit],
        "community": community.tolist(),
        "households": households.tolist(),
        "units": [
            {"id": one, "parent": parent if isinstance(parent, str) else None, "locked": bool(locked)}
            for one, parent, locked in zip(rows["unit_id"], rows["parent_unit_id"], rows["locked"], strict=True)
        ],
    }
    return draft, told


def _units(edges: Any, community: Any, count: int, rng: np.random.Generator) -> list[str]:
    """Grow units from random seeds, now and then with a stray part; never over communities but by chance."""
    label = np.full(count, -1)
    seeds = rng.choice(count, int(rng.integers(2, min(7, count))), replace=False)
    label[seeds] = np.arange(len(seeds))
    while (label < 0).any():
        one, other = edges[rng.permutation(len(edges))].T if len(edges) else (np.zeros(0, int), np.zeros(0, int))
        grown = label.copy()
        for here, there in ((one, other), (other, one)):
            free = (grown[there] < 0) & (label[here] >= 0) & (community[here] == community[there])
            grown[there[free]] = label[here[free]]
        if (grown == label).all():
            grown[np.flatnonzero(label < 0)[0]] = rng.integers(len(seeds))
        label = grown
    return [f"u{one}" for one in label]


def _rows(units: list[str], rng: np.random.Generator) -> pd.DataFrame:
    nested = rng.random() < 0.4
    parent = [f"g{int(rng.integers(2))}" if nested else None for _ in units]
    over = sorted({one for one in parent if one})
    every = [*units, *over]
    facts = {"unit_id": every, "parent_unit_id": [*parent, *[None] * len(over)], "code": every, "kind": "base"}
    level = [*["low"] * len(units), *["high"] * len(over)]
    locked = rng.random(len(every)) < rng.choice([0.0, 0.25])
    rows = pd.DataFrame({**facts, "level": level, "locked": locked}).reindex(columns=list(COLUMNS))
    return rows.astype(object).sort_values("unit_id", ignore_index=True)


def strokes(told: dict[str, Any], draft: Draft, rng: np.random.Generator) -> list[dict[str, list[int]]]:
    """Draw random strokes: a blot to one unit, and now and then parts to several."""
    number = {one["id"]: at for at, one in enumerate(told["units"])}
    leaves = [number[one] for one in draft.leaves]
    made = []
    for _ in range(STROKES_A_GROUND):
        size = min(told["parts"], int(rng.choice([1, 1, 2, 4, 9])))
        start = int(rng.integers(told["parts"]))
        parts = (
            sorted({(start + step) % told["parts"] for step in range(size)})
            if rng.random() < 0.6
            else sorted(rng.choice(told["parts"], size, replace=False).tolist())
        )
        to = (
            [int(rng.choice(leaves))] * len(parts)
            if rng.random() < 0.8
            else [int(one) for one in rng.choice(leaves, len(parts))]
        )
        made.append({"parts": parts, "to": to})
    return made


def judged(draft: Draft, told: dict[str, Any], stroke: dict[str, list[int]]) -> dict[str, Any]:
    """Let Python's rules look at a stroke."""
    ids, units = draft.atoms["part_id"].to_numpy(), [one["id"] for one in told["units"]]
    number = {one: at for at, one in enumerate(units)}
    parts = draft.plan.parts.copy()
    parts.loc[ids[stroke["parts"]]] = [units[one] for one in stroke["to"]]
    after = replace(draft.plan, parts=parts)
    rows = draft.plan.difference(after)
    found: dict[str, Any] = {"nothing": rows.empty, "locked": [], "foreign": [], "empty": [], "broken": [], "cut": []}
    if rows.empty:
        return found
    seen = rules.breaches(draft, after)
    place = {part: at for at, part in enumerate(ids)}
    for name, names in (("locked", seen.locked), ("empty", seen.empty), ("broken", seen.broken)):
        found[name] = sorted(number[one] for one in names)
    for name, names in (("foreign", seen.foreign), ("cut", seen.cut_off)):
        found[name] = sorted(place[one] for one in names)
    return found


def by_page(told: list[dict[str, Any]], folder: Path) -> list[list[dict[str, Any]]]:
    """Let the page's guard look at the strokes of all grounds."""
    esbuild = HOME / "web" / "node_modules" / ".bin" / "esbuild"
    source = HOME / "web" / "src" / "live" / "redraw" / "guard.ts"
    subprocess.run(
        [esbuild, source, "--bundle", "--format=esm", f"--outfile={folder / 'guard.mjs'}", "--log-level=error"],
        check=True,
    )
    (folder / "run.mjs").write_text(RUNNER, "utf-8")
    (folder / "told.json").write_text(json.dumps(told), "utf-8")
    done = subprocess.run(
        ["node", folder / "run.mjs", folder / "told.json"], check=True, capture_output=True, text=True
    )
    said: list[list[dict[str, Any]]] = json.loads(done.stdout)
    return said


def compared(count: int, seed: int) -> tuple[int, list[str]]:
    """Judge so many strokes both ways; give how many broke a rule, and what differed."""
    rng = np.random.default_rng(seed)
    grounds = [ground(rng) for _ in range(-(-count // STROKES_A_GROUND))]
    for draft, told in grounds:
        told["strokes"] = strokes(told, draft, rng)
    with tempfile.TemporaryDirectory() as folder:
        page = by_page([told for _, told in grounds], Path(folder))
    broke, differ = 0, []
    for (draft, told), said in zip(grounds, page, strict=True):
        for stroke, one in zip(told["strokes"], said, strict=True):
            ours = judged(draft, told, stroke)
            broke += any(ours[rule] for rule in ("locked", "foreign", "empty", "broken"))
            if ours != one:
                differ.append(f"{stroke}: page {one}, Python {ours}")
    return broke, differ


def main() -> int:
    """Compare and print."""
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--strokes", type=int, default=10_000)
    asked.add_argument("--seed", type=int, default=1)
    given = asked.parse_args()
    began = time.process_time()
    broke, differ = compared(given.strokes, given.seed)
    print(
        f"{given.strokes} strokes, {broke} break a rule, {len(differ)} judged differently,"
        f" {time.process_time() - began:.0f} cpu s"
    )
    print("\n".join(differ[:5]))
    return int(bool(differ))


if __name__ == "__main__":
    sys.exit(main())
