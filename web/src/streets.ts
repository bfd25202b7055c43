// A street is all ways of one name: what they cover together, and which units they run through.
import { Desk } from "./desk";
import { Box } from "./shapes";

/** The rows of the ways that bear the name of one. */
export function waysOf(desk: Desk, row: number): number[] {
  const { ways } = desk.tables;
  const name = ways.text("name", row) || ways.text("name_zh", row);
  const rows: number[] = [];
  for (let at = 0; at < ways.rows; at++) if ((ways.text("name", at) || ways.text("name_zh", at)) === name) rows.push(at);
  return rows;
}

export function streetBox(desk: Desk, row: number): Box | null {
  const { shapes } = desk.tables.ways;
  const boxes = waysOf(desk, row).map((at) => shapes!.box(at)).filter((box): box is Box => box !== null);
  if (!boxes.length) return null;
  return boxes.reduce((all, box): Box => [Math.min(all[0], box[0]), Math.min(all[1], box[1]), Math.max(all[2], box[2]), Math.max(all[3], box[3])]);
}

/** The units that a street touches, found at its corners and halfway between them. */
export function unitsAlong(desk: Desk, row: number): number[] {
  const { ways, units } = desk.tables;
  const { x, y, rowStart, pathStart } = ways.shapes!;
  const found = new Set<number>();
  const look = (px: number, py: number): void => {
    const unit = units.shapes!.hit(px, py);
    if (unit >= 0) found.add(unit);
  };
  for (const way of waysOf(desk, row)) {
    for (let i = pathStart[rowStart[way]]; i < pathStart[rowStart[way + 1]]; i++) {
      look(x[i], y[i]);
      if (i + 1 < pathStart[rowStart[way + 1]]) look((x[i] + x[i + 1]) / 2, (y[i] + y[i + 1]) / 2);
    }
  }
  return Array.from(found).sort((a, b) => a - b);
}
