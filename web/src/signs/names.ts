// Names on the map: of units, compounds, buildings and places, the most important first.
import { Desk } from "../desk";
import { View } from "../shapes";
import { Table } from "../unpack";
import { Lettering, short } from "./lettering";
import { inView, place, span, within } from "./places";

export const MOST_LABELS = 700;

export function labelUnits(hand: Lettering, desk: Desk, under: Map<number, number>): void {
  const { view } = hand;
  const units = desk.tables.units;
  if (!units || !desk.isShown("units")) return;
  const chosen = desk.unitOf(desk.choice);
  const { label_east, label_south, label_radius } = units.numbers;
  const rows: number[] = [];
  for (let row = 0; row < units.rows; row++) {
    if (!isNaN(label_east[row]) && inView(view, label_east[row], label_south[row])) rows.push(row);
  }
  rows.sort((a, b) => Number(b === chosen) - Number(a === chosen) || label_radius[b] - label_radius[a] || a - b);
  const size = view.zoom >= 17 ? 15 : view.zoom >= 15 ? 13 : 12;
  for (const row of rows) {
    const room = label_radius[row] * view.scale;
    if (room < 7 && row !== chosen) continue;
    const x = (label_east[row] - view.x) * view.scale;
    const y = (label_south[row] - view.y) * view.scale + (under.get(row) || 0);
    const name = view.zoom >= 15 && room > 45 ? units.text("name", row) : null;
    const label = units.text("label", row) || "";
    hand.plate(x, y, label, name && name !== label ? name : null, size);
  }
}

export function labelCompounds(hand: Lettering, desk: Desk): void {
  const { view } = hand;
  const table = desk.tables.compounds;
  if (!table || !table.shapes || view.zoom < 15 || !desk.isShown("compounds")) return;
  const rows = within(table, view, (row) => span(table, row, view) > 46);
  rows.sort((a, b) => span(table, b, view) - span(table, a, view) || a - b);
  for (const row of rows) {
    const name = desk.named(table, row);
    const [x, y] = place(table, row, view);
    if (name) hand.label(short(name), x, y, view.zoom >= 17 ? 13 : 12, "#5b3f7a", "600 ");
  }
}

export function labelBuildings(hand: Lettering, desk: Desk): void {
  const { view } = hand;
  const table = desk.tables.buildings;
  if (!table || view.zoom < 17 || !desk.isShown("buildings")) return;
  let left = MOST_LABELS;
  for (const row of within(table, view, (row) => span(table, row, view) > 12)) {
    const text = buildingLabel(table, row, view);
    if (!text) continue;
    const [x, y] = place(table, row, view);
    if (hand.label(text, x, y, 11, "#39434b") && --left === 0) return;
  }
}

function buildingLabel(table: Table, row: number, view: View): string | null {
  const name = table.text("number", row) || table.text("name", row);
  const room = span(table, row, view);
  if (name && (room > 40 || name.length < 6)) return short(name);
  const door = table.text("door", row);
  return door && (room > 24 || view.zoom >= 18) ? short(door) : null;
}

export function labelPlaces(hand: Lettering, desk: Desk): void {
  const { view } = hand;
  const table = desk.tables.places;
  if (!table || !table.shapes) return;
  for (const row of within(table, view, (row) => table.numbers.from[row] <= view.zoom)) {
    const name = desk.named(table, row);
    const [x, y] = place(table, row, view);
    if (!name) continue;
    const water = table.text("class", row) === "water";
    hand.label(short(name), x, y, water ? 12 : 13, water ? "#3a6f93" : "#4b5560", water ? "italic " : "");
  }
}
