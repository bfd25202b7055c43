// Shapes brought back from the columns that render/traced.py writes: the steps from point to point, on a grid.
import { unzigzag } from "./coding";

/** Columns of whole numbers, by their names. */
export type Moves = Record<string, Uint32Array>;

/** Steps from each point to the next of its path; the first of a path tells its step from the first of the path before. */
export interface Steps {
  dx: Int32Array;
  dy: Int32Array;
}

export function retraced(points: Uint32Array, moves: Moves): Steps {
  return moves.quarter ? square(points, moves) : plain(points, moves);
}

function total(points: Uint32Array): number {
  let sum = 0;
  for (let path = 0; path < points.length; path++) sum += points[path];
  return sum;
}

function plain(points: Uint32Array, moves: Moves): Steps {
  const size = total(points);
  const [dx, dy] = [new Int32Array(size), new Int32Array(size)];
  let [at, next] = [0, 0];
  for (let path = 0; path < points.length; path++) {
    dx[at] = unzigzag(moves.x[path]);
    dy[at++] = unzigzag(moves.y[path]);
    for (let more = points[path] - 1; more > 0; more--) {
      dx[at] = unzigzag(moves.dx[next]);
      dy[at++] = unzigzag(moves.dy[next++]);
    }
  }
  return { dx, dy };
}

/**
 * Rings told by how their sides lie to the longest of them. A move is turned by quarters, until the longest side of its
 * ring points mostly along the first axis, and then by three shears, each rounded. It is one loop over a million points
 * and calls nothing: what is turned are plain variables.
 */
function square(points: Uint32Array, moves: Moves): Steps {
  const { x, y, quarter, long, skew, ahead, aside, close, off } = moves;
  const size = total(points);
  const [dx, dy] = [new Int32Array(size), new Int32Array(size)];
  const floor = Math.floor;
  let [half, sine, cos, sin] = [0, 0, 1, 0]; // the shears of the longest side, and its quarter turns as a direction
  let [at, next] = [0, 0];
  for (let ring = 0; ring < points.length; ring++) {
    dx[at] = unzigzag(x[ring]);
    dy[at++] = unzigzag(y[ring]);
    const turns = quarter[ring];
    const [major, minor] = [long[ring], unzigzag(skew[ring])];
    let along = turns === 0 ? major : turns === 1 ? -minor : turns === 2 ? -major : minor; // as it lies to the ring before
    let across = turns === 0 ? minor : turns === 1 ? major : turns === 2 ? -minor : -major;
    along -= floor(half * across + 0.5);
    across += floor(sine * along + 0.5);
    along -= floor(half * across + 0.5);
    let east = (dx[at] = cos * along - sin * across); // from the first point of the ring
    let north = (dy[at++] = sin * along + cos * across);
    const flat = Math.abs(north) <= Math.abs(east);
    cos = flat ? (east >= 0 ? 1 : -1) : 0;
    sin = flat ? 0 : north >= 0 ? 1 : -1;
    along = cos * east + sin * north;
    across = cos * north - sin * east;
    const length = Math.sqrt(along * along + across * across);
    half = across / (length + along);
    sine = across / length;
    along += floor(half * across + 0.5);
    across -= floor(sine * along + 0.5);
    along += floor(half * across + 0.5);
    for (let left = points[ring] - 2; left > 0; left--) {
      const wentAlong = Math.abs(along) >= Math.abs(across);
      let onwards = 0;
      let beside = 0;
      if (left === 1) {
        let [a, b] = [-cos * east - sin * north, sin * east - cos * north]; // what would close the ring
        a += floor(half * b + 0.5);
        b -= floor(sine * a + 0.5);
        a += floor(half * b + 0.5);
        onwards = unzigzag(close[ring]) + (wentAlong ? b : a);
        beside = unzigzag(off[ring]);
      } else {
        const told = unzigzag(ahead[next]);
        onwards = (wentAlong ? along : -across) < 0 ? -told : told;
        beside = unzigzag(aside[next++]);
      }
      along = wentAlong ? beside : onwards;
      across = wentAlong ? onwards : beside;
      let [a, b] = [along, across];
      a -= floor(half * b + 0.5);
      b += floor(sine * a + 0.5);
      a -= floor(half * b + 0.5);
      east += dx[at] = cos * a - sin * b;
      north += dy[at++] = sin * a + cos * b;
    }
  }
  return { dx, dy };
}
