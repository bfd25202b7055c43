// The shapes of a table in page units (pixels of zoom 20, from the page's origin), with boxes to find them by.
import { pause } from "./pause";
import type { Steps } from "./traced";

export const UNIT_ZOOM = 20;
export const WORLD = 256 * Math.pow(2, UNIT_ZOOM);
const RUN = 64;
const SAME_PIXEL = 0.8;

export type Box = [number, number, number, number];

export class Origin {
  readonly x: number;
  readonly y: number;
  readonly corner: { west: number; north: number }; // in degrees

  constructor(west: number, north: number) {
    this.corner = { west, north };
    this.x = Math.floor(worldX(west));
    this.y = Math.floor(worldY(north));
  }

  at(lon: number, lat: number): [number, number] {
    return [worldX(lon) - this.x, worldY(lat) - this.y];
  }

  degrees(x: number, y: number): [number, number] {
    const lat = (2 * Math.atan(Math.exp((0.5 - (y + this.y) / WORLD) * 2 * Math.PI)) - Math.PI / 2) * (180 / Math.PI);
    return [((x + this.x) / WORLD) * 360 - 180, lat];
  }
}

function worldX(lon: number): number {
  return ((lon + 180) / 360) * WORLD;
}

function worldY(lat: number): number {
  const sine = Math.sin((lat * Math.PI) / 180);
  return (0.5 - Math.log((1 + sine) / (1 - sine)) / (4 * Math.PI)) * WORLD;
}

/** Shapes as arrays: the first path of each row, the first point of each path, points, and boxes of rows and of runs. */
export interface Laid {
  rowStart: Uint32Array;
  pathStart: Uint32Array;
  x: Float64Array;
  y: Float64Array;
  boxes: Float64Array;
  runs: Float64Array;
}

export class Shapes {
  readonly rows: number;
  readonly rowStart: Uint32Array;
  readonly pathStart: Uint32Array;
  readonly x: Float64Array;
  readonly y: Float64Array;
  readonly boxes: Float64Array;
  private readonly runs: Float64Array;

  constructor({ rowStart, pathStart, x, y, boxes, runs }: Laid) {
    [this.rowStart, this.pathStart, this.x, this.y, this.boxes, this.runs] = [rowStart, pathStart, x, y, boxes, runs];
    this.rows = rowStart.length - 1;
  }

  /** Calls for each row whose box meets the box. */
  within(box: Box, call: (row: number) => void): void {
    const [west, north, east, south] = box;
    const { runs, boxes, rows } = this;
    for (let run = 0; run * RUN < rows; run++) {
      const r = run * 4;
      if (runs[r] > east || runs[r + 2] < west || runs[r + 1] > south || runs[r + 3] < north) continue;
      const end = Math.min(rows, run * RUN + RUN);
      for (let row = run * RUN; row < end; row++) {
        const b = row * 4;
        if (boxes[b] > east || boxes[b + 2] < west || boxes[b + 1] > south || boxes[b + 3] < north) continue;
        call(row);
      }
    }
  }

  /** Tells whether a point lies in a row's rings, holes left out. */
  contains(row: number, px: number, py: number): boolean {
    let inside = false;
    const { x, y } = this;
    for (let path = this.rowStart[row]; path < this.rowStart[row + 1]; path++) {
      const first = this.pathStart[path];
      const end = this.pathStart[path + 1];
      for (let i = first, j = end - 1; i < end; j = i++) {
        if (y[i] > py !== y[j] > py && px < ((x[j] - x[i]) * (py - y[i])) / (y[j] - y[i]) + x[i]) inside = !inside;
      }
    }
    return inside;
  }

  /** Finds the last row that holds a point, or -1. */
  hit(px: number, py: number): number {
    let found = -1;
    this.within([px, py, px, py], (row) => {
      if (this.contains(row, px, py)) found = row;
    });
    return found;
  }

  box(row: number): Box | null {
    const b = row * 4;
    return this.boxes[b] > this.boxes[b + 2] ? null : [this.boxes[b], this.boxes[b + 1], this.boxes[b + 2], this.boxes[b + 3]];
  }

  middle(row: number): [number, number] | null {
    const box = this.box(row);
    return box && [(box[0] + box[2]) / 2, (box[1] + box[3]) / 2];
  }

  /** Adds a row's paths to a drawing, without the points that would fall on the same pixel. */
  trace(pen: CanvasRenderingContext2D, row: number, view: View, close: boolean): void {
    const { x, y } = this;
    const { scale } = view;
    for (let path = this.rowStart[row]; path < this.rowStart[row + 1]; path++) {
      const first = this.pathStart[path];
      const last = this.pathStart[path + 1] - 1;
      const [ax, ay] = [(x[first] - view.x) * scale, (y[first] - view.y) * scale];
      let [px, py] = [ax, ay];
      pen.moveTo(px, py);
      for (let i = first + 1; i <= last; i++) {
        const nx = (x[i] - view.x) * scale;
        const ny = (y[i] - view.y) * scale;
        if (i < last && Math.abs(nx - px) + Math.abs(ny - py) < SAME_PIXEL) continue;
        pen.lineTo(nx, ny);
        px = nx;
        py = ny;
      }
      if (close) pen.lineTo(ax, ay); // Chromium's closePath measures the whole path each time
    }
  }
}

/** A window on the page units: its corner, pixels a unit, and size in pixels. */
export interface View {
  x: number;
  y: number;
  scale: number;
  width: number;
  height: number;
  zoom: number;
}

export function boxOf(view: View, margin = 0): Box {
  const m = margin / view.scale;
  return [view.x - m, view.y - m, view.x + view.width / view.scale + m, view.y + view.height / view.scale + m];
}

/** Lays shapes out from the counts of their paths and points and the steps between these, on a grid of micro-degrees. */
export async function laid(paths: ArrayLike<number>, points: ArrayLike<number>, steps: Steps, origin: Origin, grid: [number, number] = [1, 1]): Promise<Laid> {
  const rowStart = starts(paths);
  const pathStart = starts(points);
  const [x, y] = await place(pathStart, steps, origin, grid);
  const boxes = boxesOf(rowStart, pathStart, x, y);
  return { rowStart, pathStart, x, y, boxes, runs: runsOf(boxes) };
}

function starts(counts: ArrayLike<number>): Uint32Array {
  const found = new Uint32Array(counts.length + 1);
  for (let i = 0; i < counts.length; i++) found[i + 1] = found[i] + counts[i];
  return found;
}

export const signed = (value: number): number => (value % 2 ? -(value + 1) / 2 : value / 2);

/** Turns steps on the grid into page units: each path begins a step from where the path before began. */
async function place(pathStart: Uint32Array, { dx, dy }: Steps, origin: Origin, [east, north]: [number, number]): Promise<[Float64Array, Float64Array]> {
  const [x, y] = [new Float64Array(dx.length), new Float64Array(dy.length)];
  const grid = 1e6 / north; // steps a degree
  const across = (WORLD / 360 / 1e6) * east;
  const west = WORLD / 2 - origin.x;
  let near: Near | null = null;
  let firstX = 0;
  let firstY = 0;
  for (let path = 0; path + 1 < pathStart.length; path++) {
    let lon = firstX;
    let lat = firstY;
    for (let i = pathStart[path]; i < pathStart[path + 1]; i++) {
      lon += dx[i];
      lat += dy[i];
      if (i === pathStart[path]) {
        firstX = lon;
        firstY = lat;
      }
      x[i] = lon * across + west;
      if (near === null || Math.abs(lat - near.lat) > near.reach) near = nearTo(lat, grid, origin);
      const off = lat - near.lat;
      y[i] = near.y + off * (near.slope + off * near.bend);
    }
    if (path % 4096 === 0) {
      const wait = pause();
      if (wait) await wait;
    }
  }
  return [x, y];
}

/** How page units go with the latitude near one: y, slope and bend, true to a thousandth of a unit within `reach`. */
interface Near {
  lat: number;
  y: number;
  slope: number;
  bend: number;
  reach: number;
}

const REACH_DEGREES = 0.005;

function nearTo(lat: number, grid: number, origin: Origin): Near {
  const turn = Math.PI / 180 / grid;
  const slope = (-WORLD / (2 * Math.PI) / Math.cos(lat * turn)) * turn;
  return { lat, y: worldY(lat / grid) - origin.y, slope, bend: (slope * Math.tan(lat * turn) * turn) / 2, reach: REACH_DEGREES * grid };
}

function boxesOf(rowStart: Uint32Array, pathStart: Uint32Array, x: Float64Array, y: Float64Array): Float64Array {
  const rows = rowStart.length - 1;
  const boxes = new Float64Array(rows * 4);
  for (let row = 0; row < rows; row++) {
    let west = Infinity;
    let north = Infinity;
    let east = -Infinity;
    let south = -Infinity;
    for (let i = pathStart[rowStart[row]]; i < pathStart[rowStart[row + 1]]; i++) {
      if (x[i] < west) west = x[i];
      if (x[i] > east) east = x[i];
      if (y[i] < north) north = y[i];
      if (y[i] > south) south = y[i];
    }
    const b = row * 4;
    boxes[b] = west;
    boxes[b + 1] = north;
    boxes[b + 2] = east;
    boxes[b + 3] = south;
  }
  return boxes;
}

function runsOf(boxes: Float64Array): Float64Array {
  const rows = boxes.length / 4;
  const runs = new Float64Array(Math.ceil(rows / RUN) * 4);
  for (let run = 0; run * RUN < rows; run++) {
    const found = [Infinity, Infinity, -Infinity, -Infinity];
    for (let row = run * RUN; row < Math.min(rows, run * RUN + RUN); row++) {
      const b = row * 4;
      found[0] = Math.min(found[0], boxes[b]);
      found[1] = Math.min(found[1], boxes[b + 1]);
      found[2] = Math.max(found[2], boxes[b + 2]);
      found[3] = Math.max(found[3], boxes[b + 3]);
    }
    runs.set(found, run * 4);
  }
  return runs;
}
