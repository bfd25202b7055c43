// Cases on the map: a diamond each, coloured by how long it has been open, ringed where it is late; circles of many
// when zoomed out, with the share that is late.
import { AGE, Cases, CLOSED, ENDS } from "./cases";
import { boxOf, View } from "../shapes";

const SQUARE = 64; // pixels: what falls in one stands in one circle
const SMALL = 18; // near by, where a square holds few, only those that would cover each other
const FEW = 8;
const NEAR = 16;
const LATE = "#1b1f24";

export interface Bunch {
  x: number;
  y: number;
  reach: number;
  rows: number[];
}

export interface Case {
  x: number;
  y: number;
  reach: number;
  row: number;
}

/** Draws the cases in view and gives what was drawn, with its place on the canvas. */
export function drawCases(pen: CanvasRenderingContext2D, view: View, cases: Cases): { bunches: Bunch[]; singles: Case[] } {
  const table = cases.table();
  const singles: Case[] = [];
  const bunches: Bunch[] = [];
  if (!table || !table.shapes) return { bunches, singles };
  const squares = new Squares(cases, view, SQUARE);
  table.shapes.within(boxOf(view, SQUARE), (row) => {
    if (cases.has(row)) squares.put(row);
  });
  const size = view.zoom >= NEAR ? 7 : 5.5;
  const take = (rows: number[]): void => {
    const [x, y] = middle(cases, rows, view);
    if (rows.length === 1) singles.push({ x, y, reach: size + 3, row: rows[0] });
    else bunches.push({ x, y, reach: 9 + 2.6 * Math.log(rows.length), rows });
  };
  squares.held.forEach((rows) => {
    if (view.zoom < NEAR || rows.length > FEW) return take(rows);
    const small = new Squares(cases, view, SMALL);
    for (const row of rows) small.put(row);
    small.held.forEach(take);
  });
  for (const one of singles) diamond(pen, one, size, cases);
  for (const one of bunches) circle(pen, one, cases);
  return { bunches, singles };
}

/** Cases by squares of so many pixels, which stay where they are when the map is moved. */
class Squares {
  readonly held = new Map<number, number[]>();

  constructor(
    private readonly cases: Cases,
    private readonly view: View,
    private readonly side: number,
  ) {}

  put(row: number): void {
    const { boxes } = this.cases.table()!.shapes!;
    const column = Math.floor((boxes[row * 4] * this.view.scale) / this.side);
    const line = Math.floor((boxes[row * 4 + 1] * this.view.scale) / this.side);
    const key = column * 16_777_216 + line;
    const square = this.held.get(key);
    if (square) square.push(row);
    else this.held.set(key, [row]);
  }
}

function middle(cases: Cases, rows: number[], view: View): [number, number] {
  const { boxes } = cases.table()!.shapes!; // a case is a point: its box is its place
  let [x, y] = [0, 0];
  for (const row of rows) {
    x += boxes[row * 4];
    y += boxes[row * 4 + 1];
  }
  return [(x / rows.length - view.x) * view.scale, (y / rows.length - view.y) * view.scale];
}

function diamond(pen: CanvasRenderingContext2D, at: Case, size: number, cases: Cases): void {
  const late = cases.isOverdue(at.row);
  pen.beginPath();
  pen.moveTo(at.x, at.y - size);
  pen.lineTo(at.x + size, at.y);
  pen.lineTo(at.x, at.y + size);
  pen.lineTo(at.x - size, at.y);
  pen.closePath();
  pen.fillStyle = cases.colour(at.row);
  pen.strokeStyle = "#fff";
  pen.lineWidth = late ? 5.5 : 2.4;
  pen.stroke();
  pen.fill();
  pen.strokeStyle = late ? LATE : "rgba(40,30,20,0.75)";
  pen.lineWidth = late ? 2.6 : 0.8;
  pen.stroke();
}

/** A circle with the number of cases; the ring is coloured by their age, with the late ones as a black arc. */
function circle(pen: CanvasRenderingContext2D, at: Bunch, cases: Cases): void {
  const counts = [...AGE, CLOSED].map(() => 0);
  let late = 0;
  for (const row of at.rows) {
    const state = cases.state(row);
    counts[state]++;
    if (state !== ENDS && cases.isOverdue(row)) late++;
  }
  pen.beginPath();
  pen.arc(at.x, at.y, at.reach + 1.5, 0, Math.PI * 2);
  pen.fillStyle = "#fff";
  pen.fill();
  let from = -Math.PI / 2;
  counts.forEach((count, turn) => {
    if (!count) return;
    const to = from + (count / at.rows.length) * Math.PI * 2;
    pen.beginPath();
    pen.arc(at.x, at.y, at.reach - 2, from, to);
    pen.strokeStyle = turn < AGE.length ? AGE[turn] : CLOSED;
    pen.lineWidth = 4.5;
    pen.stroke();
    from = to;
  });
  pen.beginPath();
  pen.arc(at.x, at.y, at.reach + 1.5, -Math.PI / 2, -Math.PI / 2 + (late / at.rows.length) * Math.PI * 2);
  pen.strokeStyle = LATE;
  pen.lineWidth = 2.4;
  pen.stroke();
  pen.fillStyle = "#1b2730";
  pen.font = "600 12px sans-serif";
  pen.textAlign = "center";
  pen.textBaseline = "middle";
  pen.fillText(String(at.rows.length), at.x, at.y + 0.5);
}
