"""An R-tree that is packed whole is one that SQLite itself finds right."""

import sqlite3
from contextlib import closing

import numpy as np
import pytest

from govmap.store import packing


@pytest.mark.parametrize("count", [1, 2, 51, 52, 103, 2602, 2653, 20_000])
def test_a_packed_tree_is_sound_and_finds_what_lies_in_a_box(count: int) -> None:
    rng = np.random.default_rng(count)
    low = rng.uniform(-1e6, 6e6, (count, 2)).round(int(rng.integers(0, 4)))
    high = low + rng.choice([0.0, 3.5, 900.0], (count, 2))
    boxes = np.column_stack([low[:, 0], high[:, 0], low[:, 1], high[:, 1]])
    ids = rng.permutation(10 * count)[:count].astype(np.int64) + 1
    with closing(sqlite3.connect(":memory:")) as base:
        base.execute("CREATE VIRTUAL TABLE t USING rtree(id, minx, maxx, miny, maxy)")
        size = base.execute("SELECT length(data) FROM t_node WHERE nodeno = 1").fetchone()[0]
        base.execute("DELETE FROM t_node")
        packing.pack(base.executemany, "t", size, ids, boxes)
        assert base.execute("SELECT rtreecheck('t')").fetchone()[0] == "ok"
        west, south = low[0]
        box = (west, west + 2e5, south, south + 2e5)
        found = base.execute(
            "SELECT id FROM t WHERE maxx >= ? AND minx <= ? AND maxy >= ? AND miny <= ?", box
        ).fetchall()
        inside = (high[:, 0] >= box[0]) & (low[:, 0] <= box[1]) & (high[:, 1] >= box[2]) & (low[:, 1] <= box[3])
        assert set(ids[inside].tolist()) <= {one[0] for one in found}
        assert len(found) <= inside.sum() + 5
        base.execute("INSERT INTO t VALUES (?, 0, 1, 0, 1)", (int(ids.max()) + 1,))
        base.execute("DELETE FROM t WHERE id = ?", (int(ids[0]),))
        assert base.execute("SELECT rtreecheck('t')").fetchone()[0] == "ok"
        assert base.execute("SELECT count(*) FROM t").fetchone()[0] == count
