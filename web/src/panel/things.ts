// The cards of what stands in a unit: a building, a resource, an incident, a compound, an address, a street.
import { Desk } from "../desk";
import { el } from "../dom";
import { unitsAlong } from "../streets";
import { floorTable } from "../views/tower";
import { back, doors, fact, Lines, link, numberText, rowsWhere, Sight, symbol, unitFact } from "./pieces";

const DOORS_TOLD = 12;

export function buildingCard(sight: Sight, row: number): Lines {
  const { desk } = sight;
  const { buildings } = desk.tables;
  const name = buildings.text("name", row);
  const addresses = doors(desk, row);
  const status = buildings.text("status", row);
  return [
    back(sight),
    el("h2", {}, name || addresses[0] || desk.say("a_building")),
    el(
      "dl",
      { class: "facts" },
      ...fact(desk, "address", addresses.slice(name ? 0 : 1, DOORS_TOLD).join("; ") || null),
      ...unitFact(sight, { kind: "building", row }),
      ...fact(desk, "compound", compoundName(desk, row)),
      ...fact(desk, "use", desk.word("use", buildings.text("use", row))),
      ...fact(desk, "levels", numberText(desk, buildings.number("levels", row))),
      ...fact(desk, "households", numberText(desk, buildings.number("households", row))),
      ...fact(desk, "likely", likely(desk, row)),
      ...fact(desk, "residents", numberText(desk, buildings.number("residents", row))),
      ...fact(desk, "source", desk.word("source", buildings.text("source", row))),
      ...fact(desk, "status", status === "standing" ? null : desk.word("status", status)),
    ),
    shared(sight, row),
  ];
}

function likely(desk: Desk, row: number): string | null {
  const { buildings } = desk.tables;
  const low = buildings.number("households_low", row);
  const high = buildings.number("households_high", row);
  return low !== null && high !== null && low !== high ? desk.say("range", { low, high }) : null;
}

function compoundName(desk: Desk, row: number): string | null {
  const { compounds, buildings } = desk.tables;
  const at = buildings.number("compound", row);
  return at === null || !compounds ? null : desk.named(compounds, at);
}

/** The parts of a building that several units share. */
function shared(sight: Sight, building: number): HTMLElement | null {
  const { desk, steering } = sight;
  const { parts } = desk.tables;
  const rows = parts ? rowsWhere(parts.numbers.building, building) : [];
  if (rows.length < 2) return null;
  const table = floorTable(desk, rows, (choice) => steering.go(choice));
  if (table) return table;
  const told = rows.map((row) => {
    const unit = parts.number("unit", row);
    return el("li", {}, el("span", {}, partPlace(desk, row)), unit === null ? null : link(sight, { kind: "unit", row: unit }, desk.unitTitle(unit)));
  });
  return el("div", {}, el("h3", {}, desk.say("parts")), el("ul", { class: "counts" }, ...told));
}

function partPlace(desk: Desk, row: number): string {
  const { parts } = desk.tables;
  const floors = parts.number("floor_from", row);
  const entrance = parts.text("entrance", row);
  const place = [entrance && desk.say("entrance", { name: entrance }), floors !== null && desk.say("floors", { low: floors, high: parts.number("floor_to", row) || floors })];
  return place.filter((one) => one).join(" · ") || desk.say("a_part");
}

export function resourceCard(sight: Sight, row: number): Lines {
  const { desk } = sight;
  const { resources } = desk.tables;
  const category = resources.numbers.category[row];
  const title = desk.title(desk.facts.categories[category].title);
  return [
    back(sight),
    el("h2", { class: "unit" }, symbol(desk, category), resources.text("name", row) || title),
    el(
      "dl",
      { class: "facts" },
      ...fact(desk, "category", title),
      ...unitFact(sight, { kind: "resource", row }),
      ...fact(desk, "hours", resources.text("hours", row)),
      ...fact(desk, "capacity", resources.text("capacity", row)),
      ...fact(desk, "provider", desk.word("provider", resources.text("provider_type", row))),
      ...fact(desk, "contact", resources.text("contact_role", row)),
    ),
  ];
}

export function incidentCard(sight: Sight, row: number): Lines {
  const { desk, cases } = sight;
  const { incidents } = desk.tables;
  return [
    back(sight),
    el("h2", {}, desk.word("incident", incidents.text("category", row)) || desk.say("an_incident")),
    el(
      "dl",
      { class: "facts" },
      ...fact(desk, "kind", desk.word("incident_kind", incidents.text("kind", row))),
      ...unitFact(sight, { kind: "incident", row }),
      ...fact(desk, "severity", desk.word("severity", incidents.text("severity", row))),
      ...fact(desk, "stage", desk.word("stage", incidents.text("stage", row))),
      ...fact(desk, "reported", incidents.text("reported", row)),
      ...fact(desk, "due", incidents.text("due", row)),
      ...fact(desk, "closed", incidents.text("closed", row) || (cases.isOpen(row) ? desk.say("open") : null)),
    ),
  ];
}

export function compoundCard(sight: Sight, row: number): Lines {
  const { desk } = sight;
  const { compounds, buildings } = desk.tables;
  const inside = buildings ? rowsWhere(buildings.numbers.compound, row) : [];
  const units = new Set(inside.map((one) => buildings.number("unit", one)).filter((unit): unit is number => unit !== null));
  const links = [...units].sort((a, b) => a - b).map((unit) => el("li", {}, link(sight, { kind: "unit", row: unit }, desk.unitTitle(unit))));
  return [
    back(sight),
    el("h2", {}, desk.named(compounds, row) || desk.say("a_compound")),
    el("dl", { class: "facts" }, ...fact(desk, "kind", desk.word("compound", compounds.text("kind", row))), ...fact(desk, "buildings", numberText(desk, inside.length))),
    links.length ? el("div", {}, el("h3", {}, desk.say("compound_units")), el("ul", { class: "plain" }, ...links)) : null,
  ];
}

export function addressCard(sight: Sight, row: number): Lines {
  const { desk } = sight;
  return [
    back(sight),
    el("h2", {}, desk.tables.addresses.text("full", row) || ""),
    el("dl", { class: "facts" }, ...fact(desk, "kind", desk.say("an_address")), ...unitFact(sight, { kind: "address", row })),
  ];
}

export function streetCard(sight: Sight, row: number): Lines {
  const { desk } = sight;
  const links = unitsAlong(desk, row).map((unit) => el("li", {}, link(sight, { kind: "unit", row: unit }, desk.unitTitle(unit))));
  return [
    back(sight),
    el("h2", {}, desk.named(desk.tables.ways, row) || desk.say("a_street")),
    links.length ? el("div", {}, el("h3", {}, desk.say("street_units")), el("ul", { class: "plain" }, ...links)) : el("p", { class: "note" }, desk.say("outside")),
  ];
}
