// What stands in the panel while nothing is chosen: the community in numbers, and the list of its units.
import { Desk } from "../desk";
import { el } from "../dom";
import { Table } from "../unpack";
import { counted, inBand, link, Sight, swatch } from "./pieces";

const FIRST_UNITS = 200;
const MORE_UNITS = 1000;
const FIRST_LINKS = 8;

export class Overview {
  private listed = FIRST_UNITS;

  constructor(
    private readonly sight: Sight,
    private readonly again: () => void,
  ) {}

  draw(): HTMLElement[] {
    const { desk } = this.sight;
    const { units } = desk.tables;
    if (!units) return [el("p", { class: "loading", role: "status" }, desk.say("loading"))];
    const share = desk.facts.estimatedShare;
    return [
      ...(desk.facts.numbers.length ? [] : [this.big(units)]),
      ...this.outOfBand(units),
      ...(share !== null && share > 0 ? [el("p", { class: "note" }, desk.say("share_estimated", { share: desk.percent(share) }))] : []),
      el("p", { class: "note" }, desk.say("how_to")),
      ...incidents(desk),
      this.unitList(units),
    ];
  }

  private big(units: Table): HTMLElement {
    const { desk } = this.sight;
    const { buildings } = desk.tables;
    return el(
      "dl",
      { class: "big" },
      ...bigNumber(desk, "units", units.rows),
      ...bigNumber(desk, "households", total(desk, "base", "households")),
      ...bigNumber(desk, "residents", total(desk, "base", "residents")),
      ...bigNumber(desk, "buildings", buildings ? known(buildings.numbers.unit) : null),
    );
  }

  /** How many units have the size the plan asks for, and ways to the first of those that have not. */
  private outOfBand(units: Table): HTMLElement[] {
    const { desk } = this.sight;
    const { band } = desk.facts;
    if (!band) return [];
    const rows: number[] = [];
    for (let row = 0; row < units.rows; row++) if (inBand(desk, row) === false) rows.push(row);
    const facts = { count: rows.length, low: band.low, high: band.high, what: desk.say(band.by) };
    const links = rows
      .slice(0, FIRST_LINKS)
      .map((row) => link(this.sight, { kind: "unit", row }, (units.text("label", row) || "") + " (" + desk.number(units.number(band.by, row)!) + ")"));
    const told = desk.say(rows.length ? "some_out_of_band" : "all_in_band", facts);
    return [el("div", { class: rows.length ? "band out" : "band in" }, told, links.length ? el("div", { class: "links" }, ...links) : null)];
  }

  private unitList(units: Table): HTMLElement {
    const { desk } = this.sight;
    const most = units.numbers.households ? units.numbers.households.reduce((a, b) => (b > a ? b : a), 1) : 1;
    const rows: HTMLElement[] = [];
    for (let row = 0; row < Math.min(units.rows, this.listed); row++) rows.push(this.unitRow(units, row, most));
    const rest = units.rows - this.listed;
    const more = rest > 0 && el("button", { type: "button", class: "more", onclick: () => this.grow() }, desk.say("more", { count: rest }));
    return el("div", {}, el("h2", {}, desk.say("unit_list")), el("ul", { class: "units" }, ...rows), more || null);
  }

  private grow(): void {
    this.listed += MORE_UNITS;
    this.again();
  }

  private unitRow(units: Table, row: number, most: number): HTMLElement {
    const { desk, steering } = this.sight;
    const households = units.number("households", row);
    const told = households === null ? (units.text("withheld", row) ? "· · ·" : "") : desk.say("count_households", { count: households });
    const bar = el("span", { class: "bar" });
    bar.style.width = ((households || 0) / most) * 100 + "%";
    const name = el("span", { class: "name" }, desk.unitTitle(row));
    const count = el("span", { class: inBand(desk, row) === false ? "told out" : "told" }, told);
    return el("li", {}, el("button", { type: "button", onclick: () => steering.go({ kind: "unit", row }) }, swatch(desk, row), name, count, bar));
  }
}

function bigNumber(desk: Desk, key: string, value: number | null): HTMLElement[] {
  if (value === null) return [];
  return [el("div", {}, el("dd", {}, desk.number(value)), el("dt", {}, desk.say(key)))];
}

function total(desk: Desk, theme: string, category: string): number | null {
  const found = desk.facts.totals.filter((one) => one.theme === theme && one.category === category);
  if (!found.length || found.some((one) => one.count === null)) return null;
  const sum = found.reduce((all, one) => all + (one.count || 0), 0);
  return sum > 0 ? sum : null;
}

function incidents(desk: Desk): HTMLElement[] {
  const sums = new Map<string, number>();
  for (const one of desk.facts.totals) {
    if (one.theme === "incidents" && one.count !== null) sums.set(one.category, (sums.get(one.category) || 0) + one.count);
  }
  return sums.size ? [counted(desk, "incidents_whole", [...sums])] : [];
}

function known(column: Float64Array): number {
  let count = 0;
  for (let row = 0; row < column.length; row++) if (!isNaN(column[row])) count++;
  return count;
}
