// Street names along their streets.
import { Desk } from "../desk";
import { View } from "../shapes";
import { Table } from "../unpack";
import { FONT, Lettering } from "./lettering";
import { MOST_LABELS } from "./names";
import { inView, span, within } from "./places";

/** Street names along the longest straight piece of the street that is in view. */
export function labelWays(hand: Lettering, desk: Desk): void {
  const { view } = hand;
  const table = desk.tables.ways;
  if (!table || !table.shapes || view.zoom < 15) return;
  const from = table.texts.class.words.map((name) => desk.facts.ways[name].from);
  const kind = table.texts.class.index;
  const used = new Set<string>();
  let left = MOST_LABELS;
  for (const row of within(table, view, (row) => span(table, row, view) > 50 && from[kind[row] - 1] <= view.zoom - 1)) {
    const name = desk.named(table, row);
    if (!name || name.length > 40) continue;
    const piece = longest(table, row, view);
    if (!piece) continue;
    const square = name + Math.round(piece.x / 420) + "/" + Math.round(piece.y / 420);
    if (used.has(square)) continue;
    if (along(hand, name, piece)) {
      used.add(square);
      if (--left === 0) return;
    }
  }
}

function along(hand: Lettering, name: string, piece: Piece): boolean {
  const { pen } = hand;
  pen.font = "11px " + FONT;
  const wide = pen.measureText(name).width;
  if (wide > piece.length + 14) return false;
  const across = Math.abs(Math.cos(piece.angle)) * wide + 14;
  const down = Math.abs(Math.sin(piece.angle)) * wide + 14;
  if (!hand.room.take([piece.x - across / 2, piece.y - down / 2, piece.x + across / 2, piece.y + down / 2])) return false;
  pen.save();
  pen.translate(piece.x, piece.y);
  pen.rotate(piece.angle);
  pen.textAlign = "center";
  pen.textBaseline = "middle";
  hand.written(name, 0, 0, 11, "#5f5a50");
  pen.restore();
  return true;
}

interface Piece {
  x: number;
  y: number;
  angle: number;
  length: number;
}

function longest(table: Table, row: number, view: View): Piece | null {
  const { x, y, rowStart, pathStart } = table.shapes!;
  let found: Piece | null = null;
  for (let path = rowStart[row]; path < rowStart[row + 1]; path++) {
    for (let i = pathStart[path]; i + 1 < pathStart[path + 1]; i++) {
      if (!inView(view, (x[i] + x[i + 1]) / 2, (y[i] + y[i + 1]) / 2)) continue;
      const length = Math.hypot(x[i + 1] - x[i], y[i + 1] - y[i]) * view.scale;
      if (found && length <= found.length) continue;
      let angle = Math.atan2(y[i + 1] - y[i], x[i + 1] - x[i]);
      if (angle > Math.PI / 2) angle -= Math.PI;
      if (angle <= -Math.PI / 2) angle += Math.PI;
      found = { x: ((x[i] + x[i + 1]) / 2 - view.x) * view.scale, y: ((y[i] + y[i + 1]) / 2 - view.y) * view.scale, angle, length };
    }
  }
  return found;
}
