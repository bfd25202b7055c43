// The card of a unit: who answers for it, what is open, how many live there, what stands in it.
import { Desk } from "../desk";
import { el } from "../dom";
import { Table } from "../unpack";
import { caseLine } from "../views/casepanel";
import { back, counted, countRow, doors, fact, FIRST_NAMES, folded, inBand, Lines, link, numberText, rowsWhere, Sight, swatch, symbol } from "./pieces";

export function unitCard(sight: Sight, row: number): Lines {
  const { desk } = sight;
  return [
    back(sight),
    el("h2", { class: "unit" }, swatch(desk, row), desk.head("unit_title", { name: desk.unitTitle(row) })),
    answers(desk, row),
    openCases(sight, row),
    facts(desk, row),
    band(desk, row),
    ...people(desk, row),
    ...resourcesOf(sight, row),
    ...incidentsOf(desk, row),
    buildingsOf(sight, row),
  ];
}

function facts(desk: Desk, row: number): HTMLElement {
  const { units } = desk.tables;
  const share = units.number("estimated_share", row);
  const area = units.number("area", row);
  return el(
    "dl",
    { class: "facts" },
    ...fact(desk, "code", units.text("code", row)),
    ...fact(desk, "above", units.text("above", row)),
    ...fact(desk, "kind", kindOf(desk, units, row)),
    ...fact(desk, "households", countOf(desk, "households", row)),
    ...fact(desk, "residents", countOf(desk, "residents", row)),
    ...fact(desk, "estimated", share !== null && share > 0 ? desk.percent(share) : null),
    ...fact(desk, "buildings", numberText(desk, units.number("buildings", row))),
    ...fact(desk, "area", area === null ? null : desk.area(area)),
    ...fact(desk, "responsible", units.text("responsible_org", row)),
    ...fact(desk, "meeting", units.text("meeting_place", row)),
    ...fact(desk, "bounds", units.text("bounds_text", row)),
  );
}

function countOf(desk: Desk, name: string, row: number): string | null {
  const { units } = desk.tables;
  const value = units.number(name, row);
  if (value !== null) return desk.number(value);
  return units.text("withheld", row) ? desk.say("withheld", { k: desk.facts.k }) : null;
}

function kindOf(desk: Desk, units: Table, row: number): string | null {
  const kind = units.text("kind", row);
  return kind === null || kind === "base" ? null : desk.word("unit_kind", kind);
}

/** Whether the unit has the size the plan asks for, and what the plan says of it. */
function band(desk: Desk, row: number): HTMLElement | null {
  const reason = desk.tables.units.text("reason_" + desk.language, row);
  const fits = inBand(desk, row);
  if (fits === null) return reason === null ? null : el("p", { class: "band out" }, reason);
  const { low, high, by } = desk.facts.band!;
  const told = desk.say(fits ? "in_band" : "out_of_band", { low, high, what: desk.say(by) });
  return el("p", { class: fits && reason === null ? "band in" : "band out" }, told + (reason === null ? "" : " " + reason));
}

function answers(desk: Desk, unit: number): HTMLElement | null {
  const { duties } = desk.tables;
  if (!duties) return null;
  const rows = rowsWhere(duties.numbers.unit, unit);
  const title = el("h3", {}, desk.say("duties"));
  if (!rows.length) return el("div", { class: "answers" }, title, el("p", { class: "out" }, desk.head("nobody")));
  const lines = rows.map((row) => {
    const told = [duties.text("role", row), duties.text("organisation", row), duties.text("phone", row), state(desk, duties, row)];
    return el("li", {}, el("strong", {}, duties.text("name", row) || duties.text("worker", row)), " " + told.filter((one) => one).join(" · "));
  });
  return el("div", { class: "answers" }, title, el("ul", { class: "plain" }, ...lines));
}

/** Whether a duty is only proposed, or somebody only stands in. */
function state(desk: Desk, duties: Table, row: number): string | null {
  const code = duties.text("state", row);
  return code === "proposed" || code === "stands_in" ? desk.word("duty", code) : null;
}

/** What is open in a unit today, the latest against its date first; told inside the office alone. */
function openCases(sight: Sight, unit: number): HTMLElement | null {
  const { desk, cases, steering } = sight;
  if (!desk.facts.internal || !cases.table()) return null;
  const rows = cases.openOf(unit);
  if (!rows.length) return el("p", { class: "note" }, desk.say("nothing_open"));
  const late = rows.filter((row) => cases.overdueToday(row)).length;
  const lines = rows.slice(0, FIRST_NAMES).map((row) => caseLine(desk, cases, row, cases.overdueToday(row), () => steering.go({ kind: "incident", row })));
  const told = desk.number(rows.length) + (late ? " · " + desk.say("cases_late", { count: late }) : "");
  return el(
    "details",
    { class: "group open", open: desk.facts.audience === "worker" },
    el("summary", {}, el("span", { class: "name" }, desk.say("open_here")), el("span", { class: late ? "told out" : "told" }, told)),
    el("ol", { class: "ranked" }, ...lines),
  );
}

/** The buildings of a unit by address or name, folded away. */
function buildingsOf(sight: Sight, unit: number): HTMLElement | null {
  const { desk } = sight;
  const { buildings } = desk.tables;
  const rows = buildings ? rowsWhere(buildings.numbers.unit, unit) : [];
  if (!rows.length) return null;
  const head = el("summary", {}, el("span", { class: "name" }, desk.head("buildings")), el("span", { class: "told" }, desk.number(rows.length)));
  return folded(head, el("ul", { class: "plain" }), () => {
    const named = rows.map((row): [string, number] => [buildingName(desk, row), row]).filter((one) => one[0]);
    named.sort((a, b) => a[0].localeCompare(b[0], desk.language, { numeric: true }) || a[1] - b[1]);
    const lines = named.map(([name, row]) => el("li", {}, link(sight, { kind: "building", row }, name)));
    const rest = rows.length - named.length;
    return rest ? [...lines, el("li", { class: "note" }, desk.say("unnamed_buildings", { count: rest }))] : lines;
  });
}

function buildingName(desk: Desk, row: number): string {
  const { buildings } = desk.tables;
  const own = [buildings.text("number", row), buildings.text("name", row)].filter((one) => one).join(" · ");
  return own || doors(desk, row)[0] || buildings.text("door", row) || "";
}

/** Tallies of people: age groups and what else registers count. */
function people(desk: Desk, unit: number): HTMLElement[] {
  const { tallies } = desk.tables;
  if (!tallies) return [];
  const rows = rowsWhere(tallies.numbers.unit, unit).filter((row) => !["resources", "incidents"].includes(tallies.text("theme", row)!));
  const themes = [...new Set(rows.map((row) => tallies.text("theme", row)!))];
  return themes.flatMap((theme) => {
    const told = rows.filter((row) => tallies.text("theme", row) === theme).map((row) => {
      const value = tallies.number("people", row);
      const count = value === null ? tallies.number("count", row) : value;
      return countRow(desk, desk.word("people", tallies.text("category", row)) || "", count);
    });
    return [el("h3", {}, desk.word("theme", theme)), el("ul", { class: "counts" }, ...told)];
  });
}

function resourcesOf(sight: Sight, unit: number): HTMLElement[] {
  const { desk } = sight;
  const { resources } = desk.tables;
  if (!resources) return [];
  const groups = new Map<number, number[]>();
  for (const row of rowsWhere(resources.numbers.unit, unit)) {
    const category = resources.numbers.category[row];
    groups.set(category, [...(groups.get(category) || []), row]);
  }
  const lists = [...groups.keys()].sort((a, b) => a - b).map((category) => resourceGroup(sight, category, groups.get(category)!));
  return [el("h3", {}, desk.say("resources_here")), ...(lists.length ? lists : [el("p", { class: "note" }, desk.say("no_resources"))])];
}

function resourceGroup(sight: Sight, category: number, rows: number[]): HTMLElement {
  const { desk } = sight;
  const { resources } = desk.tables;
  const name = el("span", { class: "name" }, desk.title(desk.facts.categories[category].title));
  const head = el("summary", {}, symbol(desk, category), name, el("span", { class: "told" }, desk.number(rows.length)));
  return folded(head, el("ul", { class: "plain" }), () => {
    const lines = rows.slice(0, FIRST_NAMES).map((row) => el("li", {}, link(sight, { kind: "resource", row }, resources.text("name", row) || desk.say("no_name"))));
    const rest = rows.length - lines.length;
    return rest > 0 ? [...lines, el("li", { class: "note" }, desk.say("and_more", { count: rest }))] : lines;
  });
}

function incidentsOf(desk: Desk, unit: number): HTMLElement[] {
  const { tallies } = desk.tables;
  if (!tallies) return [];
  const rows = rowsWhere(tallies.numbers.unit, unit).filter((row) => tallies.text("theme", row) === "incidents");
  if (!rows.length) return [];
  return [counted(desk, "incidents_here", rows.map((row) => [tallies.text("category", row)!, tallies.number("count", row)]))];
}
