// The small pieces that cards are made of: facts, links, counts, keys; and what they look up in tables.
import { Choice, Desk } from "../desk";
import { el } from "../dom";
import { Cases } from "../views/cases";

export const FIRST_NAMES = 60;

export interface Steering {
  go(choice: Choice): void;
  whole(): void;
}

/** What every card knows: the page, where its links lead, and the cases. */
export interface Sight {
  desk: Desk;
  steering: Steering;
  cases: Cases;
}

export type Lines = (HTMLElement | null)[];

export function fact(desk: Desk, key: string, value: string | null): HTMLElement[] {
  return value ? [el("dt", {}, desk.head(key)), el("dd", {}, value)] : [];
}

export function unitFact(sight: Sight, choice: Choice): HTMLElement[] {
  const { desk } = sight;
  const unit = desk.unitOf(choice);
  const told = unit === null ? desk.say("outside") : link(sight, { kind: "unit", row: unit }, desk.unitTitle(unit));
  return [el("dt", {}, desk.head("unit")), el("dd", {}, told)];
}

export function link(sight: Sight, choice: Choice, text: string): HTMLElement {
  return el("button", { type: "button", class: "link", onclick: () => sight.steering.go(choice) }, text);
}

export function back({ desk, steering }: Sight): HTMLElement {
  const leave = (): void => {
    desk.choose(null);
    steering.whole();
  };
  return el("button", { type: "button", class: "back", onclick: leave }, "‹ " + desk.say("all_units"));
}

export function swatch(desk: Desk, row: number): HTMLElement {
  return el("span", { class: "swatch", colour: desk.facts.palette[desk.tables.units.numbers.colour[row]], "aria-hidden": "true" });
}

/** The symbol of a kind of resource, as on the map. */
export function symbol(desk: Desk, category: number): HTMLElement {
  const one = desk.facts.categories[category];
  const holder = el("span", { class: "symbol", colour: one.colour, "aria-hidden": "true" });
  const drawing = desk.facts.icons[one.icon];
  if (!drawing) return holder;
  const space = "http://www.w3.org/2000/svg";
  const svg = document.createElementNS(space, "svg");
  svg.setAttribute("viewBox", "0 0 15 15");
  const path = document.createElementNS(space, "path");
  path.setAttribute("d", drawing);
  svg.append(path);
  holder.append(svg);
  return holder;
}

export function countRow(desk: Desk, name: string, count: number | null): HTMLElement {
  const told = count === null ? desk.say("withheld_short", { k: desk.facts.k }) : desk.number(count);
  return el("li", {}, el("span", {}, name), el("span", { class: "told" }, told));
}

/** Incidents by category, the most frequent first, folded away behind their sum. */
export function counted(desk: Desk, key: string, counts: [string, number | null][]): HTMLElement {
  const known = counts.filter((one) => one[1] !== null);
  const sum = known.reduce((all, one) => all + one[1]!, 0);
  counts.sort((a, b) => (b[1] || 0) - (a[1] || 0) || (a[0] < b[0] ? -1 : 1));
  const rows = counts.map(([name, count]) => countRow(desk, desk.word("incident", name) || name, count));
  return el(
    "details",
    { class: "group" },
    el("summary", {}, el("span", { class: "name" }, desk.say(key)), el("span", { class: "told" }, known.length ? desk.number(sum) : "· · ·")),
    el("ul", { class: "counts" }, ...rows),
  );
}

/** A folded group whose lines are made when it is first opened. */
export function folded(summary: HTMLElement, list: HTMLElement, lines: () => HTMLElement[]): HTMLElement {
  const group = el("details", { class: "group" }, summary, list);
  group.addEventListener("toggle", () => {
    if (!list.childElementCount) list.append(...lines());
  });
  return group;
}

/** Whether a unit is of the size the plan asks for; null where the plan asks for none, or the size is not told. */
export function inBand(desk: Desk, row: number): boolean | null {
  const { band } = desk.facts;
  const value = band ? desk.tables.units.number(band.by, row) : null;
  return band === null || value === null ? null : value >= band.low && value <= band.high;
}

export function rowsWhere(column: Float64Array | undefined, value: number): number[] {
  const rows: number[] = [];
  if (column) for (let row = 0; row < column.length; row++) if (column[row] === value) rows.push(row);
  return rows;
}

export function numberText(desk: Desk, value: number | null): string | null {
  return value === null ? null : desk.number(value, value % 1 ? 1 : 0);
}

/** The addresses of a building. */
export function doors(desk: Desk, building: number): string[] {
  const { addresses } = desk.tables;
  const told = addresses ? rowsWhere(addresses.numbers.building, building).map((row) => addresses.text("full", row)) : [];
  return told.filter((one): one is string => one !== null);
}

