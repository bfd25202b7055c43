// Symbols of resources and incidents, and where each was drawn.
import { Choice, Desk } from "../desk";
import { Findings } from "../findings";
import { View } from "../shapes";
import { Table } from "../unpack";
import { Bunch, drawCases } from "../views/casemarks";
import { Lettering, short } from "./lettering";
import { place, within } from "./places";

export interface Sign {
  x: number;
  y: number;
  reach: number;
  choice: Choice;
}

/** Draws the symbols of resources: dots from afar, drawings nearby, with their names nearest. */
export function drawResources(hand: Lettering, desk: Desk, findings: Findings, drawings: (Path2D | null)[]): Sign[] {
  const table = desk.tables.resources;
  const { view } = hand;
  const signs: Sign[] = [];
  if (!table || !table.shapes || view.zoom < 14) return signs;
  const dots = view.zoom < 16;
  const told = toldCategories(desk, findings, view);
  for (const row of within(table, view, (row) => told[table.numbers.category[row]])) {
    const [x, y] = place(table, row, view);
    const half = dots ? 3 : 9;
    if (!hand.room.take([x - half, y - half, x + half, y + half])) continue;
    const category = table.numbers.category[row];
    const { colour } = desk.facts.categories[category];
    hand.dot(x, y, half, colour);
    if (!dots) drawing(hand.pen, x, y, drawings[category]);
    signs.push({ x, y, reach: dots ? 7 : 11, choice: { kind: "resource", row } });
  }
  if (view.zoom >= 18) name(hand, table, signs);
  return signs;
}

/** Of each category whether it is shown: what is looked for, else what is main or near and was not switched off. */
function toldCategories(desk: Desk, findings: Findings, view: View): boolean[] {
  const wanted = findings.wanted();
  return desk.facts.categories.map((one, at) => (wanted === null ? (one.main || view.zoom >= 17) && !desk.hiddenCategories.has(at) : wanted.includes(one.key)));
}

function drawing(pen: CanvasRenderingContext2D, x: number, y: number, path: Path2D | null): void {
  if (!path) return;
  pen.save();
  pen.translate(x - 6, y - 6);
  pen.scale(12 / 15, 12 / 15);
  pen.fillStyle = "#fff";
  pen.fill(path);
  pen.restore();
}

function name(hand: Lettering, table: Table, signs: Sign[]): void {
  for (const { x, y, choice } of signs) {
    const text = table.text("name", choice.row);
    if (text) hand.label(short(text), x, y + 17, 11, "#44505a");
  }
}

/** Draws cases, those that stand together as one circle. */
export function drawIncidents(hand: Lettering, findings: Findings): { signs: Sign[]; bunches: Bunch[] } {
  const { singles, bunches } = drawCases(hand.pen, hand.view, findings.cases);
  for (const { x, y, reach } of [...singles, ...bunches]) hand.room.take([x - reach, y - reach, x + reach, y + reach]);
  return { signs: singles.map(({ x, y, reach, row }) => ({ x, y, reach, choice: { kind: "incident", row } })), bunches };
}
