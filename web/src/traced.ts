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

/** A turn by which a direction comes to lie along the first axis: quarter turns, then three shears, each rounded. */
class Turn {
  along = 0; // what was turned last
  across = 0;
  private quarter = 0;
  private half = 0;
  private sine = 0;

  by(x: number, y: number): void {
    const flat = Math.abs(y) <= Math.abs(x);
    this.quarter = flat ? (x >= 0 ? 0 : 2) : y >= 0 ? 1 : 3;
    this.quarters(x, y);
    const { along, across } = this;
    const length = Math.sqrt(along * along + across * across);
    this.half = across / (length + along);
    this.sine = across / length;
  }

  turn(x: number, y: number): void {
    this.quarters(x, y);
    this.along += Math.floor(this.half * this.across + 0.5);
    this.across -= Math.floor(this.sine * this.along + 0.5);
    this.along += Math.floor(this.half * this.across + 0.5);
  }

  /** Turns back; `along` and `across` are then east and north. */
  back(along: number, across: number): void {
    along -= Math.floor(this.half * across + 0.5);
    across += Math.floor(this.sine * along + 0.5);
    along -= Math.floor(this.half * across + 0.5);
    this.unquarter(along, across, this.quarter);
  }

  unquarter(along: number, across: number, quarter: number): void {
    this.along = quarter === 0 ? along : quarter === 1 ? -across : quarter === 2 ? -along : across;
    this.across = quarter === 0 ? across : quarter === 1 ? along : quarter === 2 ? -across : -along;
  }

  private quarters(x: number, y: number): void {
    const { quarter } = this;
    this.along = quarter === 0 ? x : quarter === 1 ? y : quarter === 2 ? -x : -y;
    this.across = quarter === 0 ? y : quarter === 1 ? -x : quarter === 2 ? -y : x;
  }
}

/** Rings told by how their sides lie to the longest of them. */
function square(points: Uint32Array, moves: Moves): Steps {
  const { x, y, quarter, long, skew, ahead, aside, close, off } = moves;
  const size = total(points);
  const [dx, dy] = [new Int32Array(size), new Int32Array(size)];
  const turn = new Turn();
  turn.by(1, 0);
  let [at, next] = [0, 0];
  for (let ring = 0; ring < points.length; ring++) {
    dx[at] = unzigzag(x[ring]);
    dy[at++] = unzigzag(y[ring]);
    turn.unquarter(long[ring], unzigzag(skew[ring]), quarter[ring]);
    turn.back(turn.along, turn.across);
    let [east, north] = [(dx[at] = turn.along), (dy[at++] = turn.across)]; // from the first point of the ring
    turn.by(east, north);
    turn.turn(east, north);
    let { along, across } = turn; // the side before, as it lies to the longest
    for (let side = 1; side < points[ring] - 1; side++) {
      const wentAlong = Math.abs(along) >= Math.abs(across);
      const sign = (wentAlong ? along : -across) < 0 ? -1 : 1;
      let [onwards, beside] = [0, 0];
      if (side === points[ring] - 2) {
        turn.turn(-east, -north);
        onwards = unzigzag(close[ring]) + (wentAlong ? turn.across : turn.along);
        beside = unzigzag(off[ring]);
      } else {
        onwards = sign * unzigzag(ahead[next]);
        beside = unzigzag(aside[next++]);
      }
      [along, across] = wentAlong ? [beside, onwards] : [onwards, beside];
      turn.back(along, across);
      east += dx[at] = turn.along;
      north += dy[at++] = turn.across;
    }
  }
  return { dx, dy };
}
