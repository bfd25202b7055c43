// The borders between cells: each piece of line that two cells share, found once by its ends.
import { pause } from "../../pause";
import type { Shapes } from "../../shapes";

export interface Edges {
  first: Int32Array; // those of cell c stand from first[c] to first[c + 1] in `list`
  list: Int32Array;
  ends: Float64Array; // x, y, x, y of each edge, in page units
  one: Int32Array;
  other: Int32Array; // -1 outside
}

export async function edgesOf(shapes: Shapes): Promise<Edges> {
  const { rowStart, pathStart, x, y } = shapes;
  const points = pathStart[pathStart.length - 1];
  let room = 16;
  while (room < points * 2) room *= 2;
  const table = new Int32Array(room).fill(-1);
  const ends = new Float64Array(points * 4);
  const one = new Int32Array(points);
  const other = new Int32Array(points).fill(-1);
  let edges = 0;
  for (let row = 0; row + 1 < rowStart.length; row++) {
    for (let path = rowStart[row]; path < rowStart[row + 1]; path++) {
      const begin = pathStart[path];
      const end = pathStart[path + 1];
      for (let from = end - 1, to = begin; to < end; from = to++) edges = put(x[from], y[from], x[to], y[to], row);
    }
    const wait = row % 4096 === 0 ? pause() : null;
    if (wait) await wait;
  }
  return { ...byCell(rowStart.length - 1, one, other, edges), ends: ends.subarray(0, edges * 4), one: one.subarray(0, edges), other: other.subarray(0, edges) };

  function put(ax: number, ay: number, bx: number, by: number, row: number): number {
    const turn = ax < bx || (ax === bx && ay < by);
    const [px, py, qx, qy] = turn ? [ax, ay, bx, by] : [bx, by, ax, ay];
    let slot = mixed(px, py, qx, qy) & (room - 1);
    for (; table[slot] >= 0; slot = (slot + 1) & (room - 1)) {
      const at = table[slot] * 4;
      if (ends[at] !== px || ends[at + 1] !== py || ends[at + 2] !== qx || ends[at + 3] !== qy) continue;
      if (one[table[slot]] !== row) other[table[slot]] = row;
      return edges;
    }
    table[slot] = edges;
    ends.set([px, py, qx, qy], edges * 4);
    one[edges] = row;
    return edges + 1;
  }
}

function mixed(px: number, py: number, qx: number, qy: number): number {
  let hash = Math.imul((px * 16) | 0, 0x9e3779b1) ^ Math.imul((py * 16) | 0, 0x85ebca6b);
  hash ^= Math.imul((qx * 16) | 0, 0xc2b2ae35) ^ Math.imul((qy * 16) | 0, 0x27d4eb2f);
  hash ^= hash >>> 15;
  return Math.imul(hash, 0x2c1b3c6d) ^ (hash >>> 13);
}

function byCell(cells: number, one: Int32Array, other: Int32Array, edges: number): { first: Int32Array; list: Int32Array } {
  const first = new Int32Array(cells + 1);
  for (let at = 0; at < edges; at++) {
    first[one[at] + 1]++;
    if (other[at] >= 0) first[other[at] + 1]++;
  }
  for (let cell = 0; cell < cells; cell++) first[cell + 1] += first[cell];
  const place = first.slice();
  const list = new Int32Array(first[cells]);
  for (let at = 0; at < edges; at++) {
    list[place[one[at]]++] = at;
    if (other[at] >= 0) list[place[other[at]]++] = at;
  }
  return { first, list };
}
