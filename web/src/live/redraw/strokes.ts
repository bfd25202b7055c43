// Which parts a tool takes hold of: under a point, a brush, inside a lasso or rectangle, of a whole compound or block.
import type { Shapes } from "../../shapes";
import type { Draft, Near } from "./draft";

export class Strokes {
  constructor(
    private readonly draft: Draft,
    private readonly shapes: Shapes,
  ) {}

  /** The cell under a point in page units, or -1. */
  cellAt(x: number, y: number): number {
    return this.shapes.hit(x, y);
  }

  partsOf(cell: number): number[] {
    return cell < 0 ? [] : of(this.draft.ofCell, cell);
  }

  /** Parts whose cell holds the point, or has its middle within the radius. */
  brush(x: number, y: number, radius: number): number[] {
    const found: number[] = [];
    this.shapes.within([x - radius, y - radius, x + radius, y + radius], (cell) => {
      const b = cell * 4;
      const { boxes } = this.shapes;
      const [dx, dy] = [(boxes[b] + boxes[b + 2]) / 2 - x, (boxes[b + 1] + boxes[b + 3]) / 2 - y];
      if (dx * dx + dy * dy <= radius * radius || this.shapes.contains(cell, x, y)) found.push(...this.partsOf(cell));
    });
    return found;
  }

  /** Parts under a brush that is drawn from one point to another. */
  sweep(from: [number, number], to: [number, number], radius: number): number[] {
    const steps = Math.max(1, Math.ceil(Math.hypot(to[0] - from[0], to[1] - from[1]) / Math.max(radius * 0.7, 1)));
    const found: number[] = [];
    for (let step = 1; step <= steps; step++) {
      const share = step / steps;
      found.push(...this.brush(from[0] + (to[0] - from[0]) * share, from[1] + (to[1] - from[1]) * share, radius));
    }
    return found;
  }

  /** Parts whose cell has its middle inside a ring. */
  inside(ring: [number, number][]): number[] {
    const found: number[] = [];
    const xs = ring.map((point) => point[0]);
    const ys = ring.map((point) => point[1]);
    const box: [number, number, number, number] = [Math.min(...xs), Math.min(...ys), Math.max(...xs), Math.max(...ys)];
    this.shapes.within(box, (cell) => {
      const b = cell * 4;
      const { boxes } = this.shapes;
      if (holds(ring, (boxes[b] + boxes[b + 2]) / 2, (boxes[b + 1] + boxes[b + 3]) / 2)) found.push(...this.partsOf(cell));
    });
    return found;
  }

  /** The whole compound of a part, else its block, else its building. */
  whole(part: number): number[] {
    const { columns, ofCompound, ofBlock, ofBuilding } = this.draft;
    if (columns.compound[part] >= 0) return of(ofCompound, columns.compound[part]);
    if (columns.block[part] >= 0) return of(ofBlock, columns.block[part]);
    return columns.building[part] >= 0 ? of(ofBuilding, columns.building[part]) : [part];
  }
}

export function of(groups: Near, at: number): number[] {
  return at + 1 < groups.first.length ? Array.from(groups.near.subarray(groups.first[at], groups.first[at + 1])) : [];
}

export function holds(ring: [number, number][], x: number, y: number): boolean {
  let inside = false;
  for (let i = 0, j = ring.length - 1; i < ring.length; j = i++) {
    const [ax, ay] = ring[i];
    const [bx, by] = ring[j];
    if (ay > y !== by > y && x < ((bx - ax) * (y - ay)) / (by - ay) + ax) inside = !inside;
  }
  return inside;
}
