// A tower that several units share, as a table: a row a band of floors from the top down, a column a stairwell.
import { Choice, Desk } from "../desk";
import { el } from "../dom";
import { Table } from "../unpack";

/** The table of one building; null where its parts do not differ by floor. */
export function floorTable(desk: Desk, rows: number[], go: (choice: Choice) => void): HTMLElement | null {
  const { parts } = desk.tables;
  const low = (row: number): number | null => parts.number("floor_from", row);
  const high = (row: number): number => parts.number("floor_to", row) || low(row)!;
  if (!rows.some((row) => low(row) !== null)) return null;
  const stairs = [...new Set(rows.map((row) => parts.text("entrance", row) || ""))].sort();
  const bands = [...new Set(rows.filter((row) => low(row) !== null).map((row) => low(row) + "/" + high(row)))];
  bands.sort((a, b) => parseInt(b, 10) - parseInt(a, 10));
  const head = el("tr", {}, el("th", { scope: "col" }, desk.head("floors_head")), ...stairs.map((one) => el("th", { scope: "col" }, one ? desk.say("entrance", { name: one }) : "")));
  const body = bands.map((band) => {
    const [from, to] = band.split("/").map(Number);
    const cells = stairs.map((stair) => {
      const found = rows.filter((row) => (parts.text("entrance", row) || "") === stair && (low(row) === null || low(row) + "/" + high(row) === band));
      return el("td", {}, ...found.map((row) => unitLink(desk, parts, row, go)));
    });
    return el("tr", {}, el("th", { scope: "row" }, from === to ? desk.number(from) : desk.say("range", { low: from, high: to })), ...cells);
  });
  return el("div", {}, el("h3", {}, desk.say("parts")), el("table", { class: "floors" }, el("thead", {}, head), el("tbody", {}, ...body)));
}

function unitLink(desk: Desk, parts: Table, row: number, go: (choice: Choice) => void): HTMLElement | null {
  const unit = parts.number("unit", row);
  if (unit === null) return null;
  const swatch = el("span", { class: "swatch", colour: desk.facts.palette[desk.tables.units.numbers.colour[unit]], "aria-hidden": "true" });
  const name = desk.tables.units.text("label", unit) || desk.unitTitle(unit);
  return el("button", { type: "button", class: "link", title: desk.unitTitle(unit), onclick: () => go({ kind: "unit", row: unit }) }, swatch, name);
}
