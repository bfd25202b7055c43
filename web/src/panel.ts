// The side panel: what the community is, what is chosen, layers with their legend, and where the data comes from.
import { Choice, Desk } from "./desk";
import { el, fill } from "./dom";
import { Language } from "./facts";
import { searchBox } from "./search";
import { Table } from "./unpack";
import { caseLine } from "./views/casepanel";
import { Cases } from "./views/cases";
import { floorTable } from "./views/tower";

const FIRST_UNITS = 200;
const FIRST_NAMES = 60;
const FIRST_LINKS = 8;
const LANGUAGE_NAMES: Record<Language, string> = { en: "English", zh: "中文" };

/** What stands in the panel beside what is chosen. */
export interface Sections {
  first: HTMLElement[];
  findings: HTMLElement;
  cases: Cases;
}

export interface Steering {
  go(choice: Choice): void;
  whole(): void;
}

export class Panel {
  readonly root = el("aside", { id: "govmap-panel" });
  readonly buttons = el("div", { class: "buttons" });
  private readonly tongues = el("div", { class: "buttons" });
  private readonly card = el("section", { class: "card", tabindex: "-1" });
  private readonly layers = el("details", { class: "layers" });
  private readonly about = el("footer");
  private readonly head = el("header");
  private readonly body = el("div", { class: "body" });
  private readonly grip = el("button", { class: "grip", type: "button" });
  private unitsListed = FIRST_UNITS;

  constructor(
    private readonly desk: Desk,
    private readonly steering: Steering,
    private readonly sections: Sections,
  ) {
    this.layers.open = window.innerWidth > 700;
    const { first, findings } = sections;
    const middle = desk.facts.audience === "worker" ? [this.card, findings] : [findings, this.card];
    this.buttons.append(this.tongues);
    this.body.append(...first, ...middle, this.layers, this.about);
    this.root.append(this.grip, this.head, searchBox(desk, (choice) => this.steering.go(choice)), this.body);
    this.grip.addEventListener("click", () => this.fold());
    document.addEventListener("keydown", (event) => {
      if (event.key === "Escape" && desk.choice) desk.choose(null);
    });
    desk.on("language", () => this.draw());
    desk.on("tables", () => this.draw());
    desk.on("choice", () => this.drawCard(true));
    this.draw();
  }

  private fold(): void {
    const folded = this.root.classList.toggle("folded");
    this.grip.setAttribute("aria-expanded", String(!folded));
  }

  private draw(): void {
    const { desk } = this;
    document.title = desk.facts.title;
    this.root.setAttribute("aria-label", desk.say("panel"));
    this.grip.setAttribute("aria-label", desk.say("fold"));
    this.grip.setAttribute("aria-expanded", String(!this.root.classList.contains("folded")));
    this.drawHead();
    this.drawCard(false);
    this.drawLayers();
    this.drawAbout();
  }

  private drawHead(): void {
    const { desk } = this;
    const { facts } = desk;
    const others = facts.languages.filter((one) => one !== desk.language);
    const tongue = others.map((one) =>
      el("button", { type: "button", class: "language", lang: one === "zh" ? "zh-CN" : "en", onclick: () => desk.speak(one) }, LANGUAGE_NAMES[one]),
    );
    fill(this.tongues, ...tongue);
    fill(
      this.head,
      el("div", { class: "top" }, el("h1", {}, facts.title), this.buttons),
      facts.internal && el("p", { class: "internal" }, "内部 INTERNAL · " + desk.say("audience_" + facts.audience)),
    );
  }

  private drawCard(moved: boolean): void {
    const { choice } = this.desk;
    const drawn = !choice
      ? this.overview()
      : { unit: this.unit, building: this.building, resource: this.resource, incident: this.incident, compound: this.compound, address: this.address }[
          choice.kind
        ].call(this, choice.row);
    const held = this.card.contains(document.activeElement);
    fill(this.card, ...drawn);
    if (held) this.card.focus({ preventScroll: true });
    if (!moved) return;
    this.body.scrollTop = 0;
    if (choice && this.root.classList.contains("folded")) this.fold();
  }

  // ---- nothing chosen

  private overview(): HTMLElement[] {
    const { desk } = this;
    const { units, buildings } = desk.tables;
    if (!units) return [el("p", { class: "loading", role: "status" }, desk.say("loading"))];
    const inside = buildings ? counted(buildings.numbers.unit) : null;
    const share = desk.facts.estimatedShare;
    const big = el(
      "dl",
      { class: "big" },
      ...this.bigNumber("units", units.rows),
      ...this.bigNumber("households", this.total("base", "households")),
      ...this.bigNumber("residents", this.total("base", "residents")),
      ...this.bigNumber("buildings", inside),
    );
    return [
      ...(desk.facts.numbers.length ? [] : [big]),
      ...this.outOfBand(units),
      ...(share !== null && share > 0 ? [el("p", { class: "note" }, desk.say("share_estimated", { share: desk.percent(share) }))] : []),
      el("p", { class: "note" }, desk.say("how_to")),
      ...this.wholeIncidents(),
      this.unitList(units),
    ];
  }

  /** How many units have the size the plan asks for, and ways to the first of those that have not. */
  private outOfBand(units: Table): HTMLElement[] {
    const { desk } = this;
    const { band } = desk.facts;
    if (!band) return [];
    const rows: number[] = [];
    for (let row = 0; row < units.rows; row++) if (inBand(desk, row) === false) rows.push(row);
    const facts = { count: rows.length, low: band.low, high: band.high, what: desk.say(band.by) };
    const links = rows
      .slice(0, FIRST_LINKS)
      .map((row) => this.link({ kind: "unit", row }, (units.text("label", row) || "") + " (" + desk.number(units.number(band.by, row)!) + ")"));
    const told = desk.say(rows.length ? "some_out_of_band" : "all_in_band", facts);
    return [el("div", { class: rows.length ? "band out" : "band in" }, told, links.length ? el("div", { class: "links" }, ...links) : null)];
  }

  private bigNumber(key: string, value: number | null): HTMLElement[] {
    if (value === null) return [];
    return [el("div", {}, el("dd", {}, this.desk.number(value)), el("dt", {}, this.desk.say(key)))];
  }

  private total(theme: string, category: string): number | null {
    const found = this.desk.facts.totals.filter((one) => one.theme === theme && one.category === category);
    if (!found.length || found.some((one) => one.count === null)) return null;
    const sum = found.reduce((all, one) => all + (one.count || 0), 0);
    return sum > 0 ? sum : null;
  }

  private wholeIncidents(): HTMLElement[] {
    const sums = new Map<string, number>();
    for (const one of this.desk.facts.totals) {
      if (one.theme === "incidents" && one.count !== null) sums.set(one.category, (sums.get(one.category) || 0) + one.count);
    }
    return sums.size ? [this.counted("incidents_whole", [...sums])] : [];
  }

  /** Incidents by category, the most frequent first, folded away behind their sum. */
  private counted(key: string, counts: [string, number | null][]): HTMLElement {
    const { desk } = this;
    const known = counts.filter((one) => one[1] !== null);
    const sum = known.reduce((all, one) => all + one[1]!, 0);
    counts.sort((a, b) => (b[1] || 0) - (a[1] || 0) || (a[0] < b[0] ? -1 : 1));
    const rows = counts.map(([name, count]) => this.countRow(desk.word("incident", name) || name, count));
    return el(
      "details",
      { class: "group" },
      el("summary", {}, el("span", { class: "name" }, desk.say(key)), el("span", { class: "told" }, known.length ? desk.number(sum) : "· · ·")),
      el("ul", { class: "counts" }, ...rows),
    );
  }

  private unitList(units: Table): HTMLElement {
    const { desk } = this;
    const most = units.numbers.households ? units.numbers.households.reduce((a, b) => (b > a ? b : a), 1) : 1;
    const rows: HTMLElement[] = [];
    for (let row = 0; row < Math.min(units.rows, this.unitsListed); row++) rows.push(this.unitRow(units, row, most));
    const more =
      units.rows > this.unitsListed &&
      el(
        "button",
        {
          type: "button",
          class: "more",
          onclick: () => {
            this.unitsListed += 1000;
            this.drawCard(false);
          },
        },
        desk.say("more", { count: units.rows - this.unitsListed }),
      );
    return el("div", {}, el("h2", {}, desk.say("unit_list")), el("ul", { class: "units" }, ...rows), more || null);
  }

  private unitRow(units: Table, row: number, most: number): HTMLElement {
    const { desk } = this;
    const households = units.number("households", row);
    const told = households === null ? (units.text("withheld", row) ? "· · ·" : "") : desk.say("count_households", { count: households });
    const bar = el("span", { class: "bar" });
    bar.style.width = ((households || 0) / most) * 100 + "%";
    return el(
      "li",
      {},
      el(
        "button",
        { type: "button", onclick: () => this.steering.go({ kind: "unit", row }) },
        this.swatch(units, row),
        el("span", { class: "name" }, desk.unitTitle(row)),
        el("span", { class: inBand(desk, row) === false ? "told out" : "told" }, told),
        bar,
      ),
    );
  }

  private swatch(units: Table, row: number): HTMLElement {
    return el("span", { class: "swatch", colour: this.desk.facts.palette[units.numbers.colour[row]], "aria-hidden": "true" });
  }

  // ---- a unit

  private unit(row: number): (HTMLElement | null)[] {
    const { desk } = this;
    const { units } = desk.tables;
    const share = units.number("estimated_share", row);
    return [
      this.back(),
      el("h2", { class: "unit" }, this.swatch(units, row), desk.head("unit_title", { name: desk.unitTitle(row) })),
      this.duties(row),
      this.openCases(row),
      el(
        "dl",
        { class: "facts" },
        ...this.fact("code", units.text("code", row)),
        ...this.fact("above", units.text("above", row)),
        ...this.fact("kind", kindOf(desk, units, row)),
        ...this.fact("households", this.countOf(units, "households", row)),
        ...this.fact("residents", this.countOf(units, "residents", row)),
        ...this.fact("estimated", share !== null && share > 0 ? desk.percent(share) : null),
        ...this.fact("buildings", numberText(desk, units.number("buildings", row))),
        ...this.fact("area", units.number("area", row) === null ? null : desk.area(units.number("area", row)!)),
        ...this.fact("responsible", units.text("responsible_org", row)),
        ...this.fact("meeting", units.text("meeting_place", row)),
        ...this.fact("bounds", units.text("bounds_text", row)),
      ),
      this.band(units, row),
      ...this.people(row),
      ...this.resourcesOf(row),
      ...this.incidentsOf(row),
      this.buildingsOf(row),
    ];
  }

  private countOf(units: Table, name: string, row: number): string | null {
    const value = units.number(name, row);
    if (value !== null) return this.desk.number(value);
    if (units.text("withheld", row)) return this.desk.say("withheld", { k: this.desk.facts.k });
    return null;
  }

  /** Whether the unit has the size the plan asks for, and what the plan says of it. */
  private band(units: Table, row: number): HTMLElement | null {
    const { desk } = this;
    const reason = units.text("reason_" + desk.language, row);
    const fits = inBand(desk, row);
    if (fits === null) return reason === null ? null : el("p", { class: "band out" }, reason);
    const { low, high, by } = desk.facts.band!;
    const told = desk.say(fits ? "in_band" : "out_of_band", { low, high, what: desk.say(by) });
    return el("p", { class: fits && reason === null ? "band in" : "band out" }, told + (reason === null ? "" : " " + reason));
  }

  private duties(unit: number): HTMLElement | null {
    const { duties } = this.desk.tables;
    if (!duties) return null;
    const rows = rowsWhere(duties.numbers.unit, unit);
    if (!rows.length) return el("div", { class: "answers" }, el("h3", {}, this.desk.say("duties")), el("p", { class: "out" }, this.desk.head("nobody")));
    const lines = rows.map((row) =>
      el(
        "li",
        {},
        el("strong", {}, duties.text("name", row) || duties.text("worker", row)),
        " " + [duties.text("role", row), duties.text("organisation", row), duties.text("phone", row), state(this.desk, duties, row)].filter((one) => one).join(" · "),
      ),
    );
    return el("div", { class: "answers" }, el("h3", {}, this.desk.say("duties")), el("ul", { class: "plain" }, ...lines));
  }

  /** What is open in a unit today, the latest against its date first; told inside the office alone. */
  private openCases(unit: number): HTMLElement | null {
    const { desk } = this;
    const { cases } = this.sections;
    if (!desk.facts.internal || !cases.table()) return null;
    const rows = cases.openOf(unit);
    if (!rows.length) return el("p", { class: "note" }, desk.say("nothing_open"));
    const late = rows.filter((row) => cases.overdueToday(row)).length;
    const lines = rows.slice(0, FIRST_NAMES).map((row) => caseLine(desk, cases, row, cases.overdueToday(row), () => this.steering.go({ kind: "incident", row })));
    const told = desk.number(rows.length) + (late ? " · " + desk.say("cases_late", { count: late }) : "");
    return el(
      "details",
      { class: "group open", open: desk.facts.audience === "worker" },
      el("summary", {}, el("span", { class: "name" }, desk.say("open_here")), el("span", { class: late ? "told out" : "told" }, told)),
      el("ol", { class: "ranked" }, ...lines),
    );
  }

  /** The buildings of a unit by address or name, folded away. */
  private buildingsOf(unit: number): HTMLElement | null {
    const { desk } = this;
    const { buildings } = desk.tables;
    const rows = buildings ? rowsWhere(buildings.numbers.unit, unit) : [];
    if (!rows.length) return null;
    const list = el("ul", { class: "plain" });
    const head = el("summary", {}, el("span", { class: "name" }, desk.head("buildings")), el("span", { class: "told" }, desk.number(rows.length)));
    const group = el("details", { class: "group" }, head, list);
    group.addEventListener("toggle", () => {
      if (list.childElementCount) return;
      const named = rows.map((row): [string, number] => [this.buildingName(row), row]).filter((one) => one[0]);
      named.sort((a, b) => a[0].localeCompare(b[0], desk.language, { numeric: true }) || a[1] - b[1]);
      for (const [name, row] of named) list.append(el("li", {}, this.link({ kind: "building", row }, name)));
      const rest = rows.length - named.length;
      if (rest) list.append(el("li", { class: "note" }, desk.say("unnamed_buildings", { count: rest })));
    });
    return group;
  }

  private buildingName(row: number): string {
    const { buildings } = this.desk.tables;
    const own = [buildings.text("number", row), buildings.text("name", row)].filter((one) => one).join(" · ");
    return own || this.doors(row)[0] || buildings.text("door", row) || "";
  }

  /** Tallies of people: age groups and what else registers count. */
  private people(unit: number): HTMLElement[] {
    const { desk } = this;
    const { tallies } = desk.tables;
    if (!tallies) return [];
    const rows = rowsWhere(tallies.numbers.unit, unit).filter((row) => !["resources", "incidents"].includes(tallies.text("theme", row)!));
    const themes = [...new Set(rows.map((row) => tallies.text("theme", row)!))];
    return themes.flatMap((theme) => {
      const told = rows.filter((row) => tallies.text("theme", row) === theme).map((row) => {
        const value = tallies.number("people", row);
        const count = value === null ? tallies.number("count", row) : value;
        return this.countRow(desk.word("people", tallies.text("category", row)) || "", count);
      });
      return [el("h3", {}, desk.word("theme", theme)), el("ul", { class: "counts" }, ...told)];
    });
  }

  private countRow(name: string, count: number | null): HTMLElement {
    const told = count === null ? this.desk.say("withheld_short", { k: this.desk.facts.k }) : this.desk.number(count);
    return el("li", {}, el("span", {}, name), el("span", { class: "told" }, told));
  }

  private resourcesOf(unit: number): HTMLElement[] {
    const { desk } = this;
    const { resources } = desk.tables;
    if (!resources) return [];
    const groups = new Map<number, number[]>();
    for (const row of rowsWhere(resources.numbers.unit, unit)) {
      const category = resources.numbers.category[row];
      groups.set(category, [...(groups.get(category) || []), row]);
    }
    const lists = [...groups.keys()].sort((a, b) => a - b).map((category) => this.resourceGroup(resources, category, groups.get(category)!));
    return [el("h3", {}, desk.say("resources_here")), ...(lists.length ? lists : [el("p", { class: "note" }, desk.say("no_resources"))])];
  }

  private resourceGroup(resources: Table, category: number, rows: number[]): HTMLElement {
    const { desk } = this;
    const list = el("ul", { class: "plain" });
    const group = el(
      "details",
      { class: "group" },
      el("summary", {}, this.symbol(category), el("span", { class: "name" }, desk.title(desk.facts.categories[category].title)), el("span", { class: "told" }, desk.number(rows.length))),
      list,
    );
    group.addEventListener("toggle", () => {
      if (list.childElementCount) return;
      for (const row of rows.slice(0, FIRST_NAMES)) list.append(el("li", {}, this.link({ kind: "resource", row }, resources.text("name", row) || desk.say("no_name"))));
      if (rows.length > FIRST_NAMES) list.append(el("li", { class: "note" }, desk.say("and_more", { count: rows.length - FIRST_NAMES })));
    });
    return group;
  }

  private incidentsOf(unit: number): HTMLElement[] {
    const { desk } = this;
    const { tallies } = desk.tables;
    if (!tallies) return [];
    const rows = rowsWhere(tallies.numbers.unit, unit).filter((row) => tallies.text("theme", row) === "incidents");
    if (!rows.length) return [];
    return [this.counted("incidents_here", rows.map((row) => [tallies.text("category", row)!, tallies.number("count", row)]))];
  }

  // ---- a building, a resource, an incident, a compound, an address

  private building(row: number): (HTMLElement | null)[] {
    const { desk } = this;
    const { buildings } = desk.tables;
    const name = buildings.text("name", row);
    const doors = this.doors(row);
    const source = buildings.text("source", row);
    const low = buildings.number("households_low", row);
    const high = buildings.number("households_high", row);
    const range = low !== null && high !== null && low !== high ? desk.say("range", { low, high }) : null;
    return [
      this.back(),
      el("h2", {}, name || doors[0] || desk.say("a_building")),
      el(
        "dl",
        { class: "facts" },
        ...this.fact("address", doors.slice(name ? 0 : 1, 12).join("; ") || null),
        ...this.unitFact({ kind: "building", row }),
        ...this.fact("compound", this.compoundName(buildings, row)),
        ...this.fact("use", desk.word("use", buildings.text("use", row))),
        ...this.fact("levels", numberText(desk, buildings.number("levels", row))),
        ...this.fact("households", numberText(desk, buildings.number("households", row))),
        ...this.fact("likely", range),
        ...this.fact("residents", numberText(desk, buildings.number("residents", row))),
        ...this.fact("source", desk.word("source", source)),
        ...this.fact("status", buildings.text("status", row) === "standing" ? null : desk.word("status", buildings.text("status", row))),
      ),
      this.shared(row),
    ];
  }

  private doors(building: number): string[] {
    const { addresses } = this.desk.tables;
    return addresses ? rowsWhere(addresses.numbers.building, building).map((row) => addresses.text("full", row)!) : [];
  }

  private compoundName(buildings: Table, row: number): string | null {
    const { compounds } = this.desk.tables;
    const at = buildings.number("compound", row);
    return at === null || !compounds ? null : this.desk.named(compounds, at);
  }

  /** The parts of a building that several units share. */
  private shared(building: number): HTMLElement | null {
    const { desk } = this;
    const { parts } = desk.tables;
    if (!parts) return null;
    const rows = rowsWhere(parts.numbers.building, building);
    if (rows.length < 2) return null;
    const table = floorTable(desk, rows, (choice) => this.steering.go(choice));
    if (table) return table;
    const told = rows.map((row) => {
      const floors = parts.number("floor_from", row);
      const place = [
        parts.text("entrance", row) && desk.say("entrance", { name: parts.text("entrance", row)! }),
        floors !== null && desk.say("floors", { low: floors, high: parts.number("floor_to", row) || floors }),
      ].filter((one) => one);
      const unit = parts.number("unit", row);
      return el("li", {}, el("span", {}, place.join(" · ") || desk.say("a_part")), unit === null ? null : this.link({ kind: "unit", row: unit }, desk.unitTitle(unit)));
    });
    return el("div", {}, el("h3", {}, desk.say("parts")), el("ul", { class: "counts" }, ...told));
  }

  private resource(row: number): (HTMLElement | null)[] {
    const { desk } = this;
    const { resources } = desk.tables;
    const category = resources.numbers.category[row];
    const title = desk.title(desk.facts.categories[category].title);
    return [
      this.back(),
      el("h2", { class: "unit" }, this.symbol(category), resources.text("name", row) || title),
      el(
        "dl",
        { class: "facts" },
        ...this.fact("category", title),
        ...this.unitFact({ kind: "resource", row }),
        ...this.fact("hours", resources.text("hours", row)),
        ...this.fact("capacity", resources.text("capacity", row)),
        ...this.fact("provider", desk.word("provider", resources.text("provider_type", row))),
        ...this.fact("contact", resources.text("contact_role", row)),
      ),
    ];
  }

  private incident(row: number): (HTMLElement | null)[] {
    const { desk } = this;
    const { incidents } = desk.tables;
    return [
      this.back(),
      el("h2", {}, desk.word("incident", incidents.text("category", row)) || desk.say("an_incident")),
      el(
        "dl",
        { class: "facts" },
        ...this.fact("kind", desk.word("incident_kind", incidents.text("kind", row))),
        ...this.unitFact({ kind: "incident", row }),
        ...this.fact("severity", desk.word("severity", incidents.text("severity", row))),
        ...this.fact("stage", desk.word("stage", incidents.text("stage", row))),
        ...this.fact("reported", incidents.text("reported", row)),
        ...this.fact("due", incidents.text("due", row)),
        ...this.fact("closed", incidents.text("closed", row) || (this.sections.cases.isOpen(row) ? desk.say("open") : null)),
      ),
    ];
  }

  private compound(row: number): (HTMLElement | null)[] {
    const { desk } = this;
    const { compounds, buildings } = desk.tables;
    const units = new Set<number>();
    let inside = 0;
    if (buildings && buildings.numbers.compound) {
      for (const one of rowsWhere(buildings.numbers.compound, row)) {
        inside++;
        const unit = buildings.number("unit", one);
        if (unit !== null) units.add(unit);
      }
    }
    const links = [...units].sort((a, b) => a - b).map((unit) => el("li", {}, this.link({ kind: "unit", row: unit }, desk.unitTitle(unit))));
    return [
      this.back(),
      el("h2", {}, desk.named(compounds, row) || desk.say("a_compound")),
      el("dl", { class: "facts" }, ...this.fact("kind", desk.word("compound", compounds.text("kind", row))), ...this.fact("buildings", numberText(desk, inside))),
      links.length ? el("div", {}, el("h3", {}, desk.say("compound_units")), el("ul", { class: "plain" }, ...links)) : null,
    ];
  }

  private address(row: number): (HTMLElement | null)[] {
    const { desk } = this;
    const { addresses } = desk.tables;
    return [
      this.back(),
      el("h2", {}, addresses.text("full", row) || ""),
      el("dl", { class: "facts" }, ...this.fact("kind", desk.say("an_address")), ...this.unitFact({ kind: "address", row })),
    ];
  }

  private unitFact(choice: Choice): HTMLElement[] {
    const unit = this.desk.unitOf(choice);
    const told = unit === null ? this.desk.say("outside") : this.link({ kind: "unit", row: unit }, this.desk.unitTitle(unit));
    return [el("dt", {}, this.desk.head("unit")), el("dd", {}, told)];
  }

  private fact(key: string, value: string | null): HTMLElement[] {
    return value ? [el("dt", {}, this.desk.head(key)), el("dd", {}, value)] : [];
  }

  private link(choice: Choice, text: string): HTMLElement {
    return el("button", { type: "button", class: "link", onclick: () => this.steering.go(choice) }, text);
  }

  private back(): HTMLElement {
    return el(
      "button",
      {
        type: "button",
        class: "back",
        onclick: () => {
          this.desk.choose(null);
          this.steering.whole();
        },
      },
      "‹ " + this.desk.say("all_units"),
    );
  }

  // ---- layers, legend, about

  private drawLayers(): void {
    const { desk } = this;
    const { tables } = desk;
    const rows: (HTMLElement | null)[] = [
      this.layer("units", tables.units, el("span", { class: "key unitkey", "aria-hidden": "true" })),
      this.layer("buildings", tables.buildings, el("span", { class: "key buildingkey", "aria-hidden": "true" })),
      this.layer("compounds", tables.compounds, el("span", { class: "key compoundkey", "aria-hidden": "true" })),
      this.layer("incidents", tables.incidents || tables.incident_places, el("span", { class: "key incidentkey", "aria-hidden": "true" })),
      this.layer("base", tables.ways || tables.areas, el("span", { class: "key basekey", "aria-hidden": "true" })),
      this.layer("resources", tables.resources, el("span", { class: "key resourcekey", "aria-hidden": "true" })),
    ];
    fill(
      this.layers,
      el("summary", {}, desk.say("layers")),
      el("ul", { class: "switches" }, ...rows),
      this.categories(),
      el("p", { class: "note" }, desk.say("legend_units")),
      el("p", { class: "note border" }, desk.say("legend_border")),
      tables.incident_places ? el("p", { class: "note" }, desk.say("incident_places") + ": " + desk.say("incident_places_note")) : null,
    );
  }

  private layer(name: string, table: Table | undefined, key: HTMLElement): HTMLElement | null {
    if (!table || !table.rows) return null;
    return el("li", {}, this.check(this.desk.head("layer_" + name), key, this.desk.isShown(name), (shown) => this.desk.show(name, shown)));
  }

  private check(text: string, key: HTMLElement, on: boolean, call: (shown: boolean) => void): HTMLElement {
    const box = el("input", { type: "checkbox", onchange: () => call(box.checked) });
    box.checked = on;
    return el("label", {}, box, key, el("span", {}, text));
  }

  private categories(): HTMLElement | null {
    const { desk } = this;
    const { resources } = desk.tables;
    if (!resources || !resources.rows) return null;
    const counts = new Map<number, number>();
    for (const category of resources.numbers.category) counts.set(category, (counts.get(category) || 0) + 1);
    const rows = desk.facts.categories.map((one, at) => {
      if (!counts.has(at)) return null;
      const text = desk.title(one.title) + " (" + desk.number(counts.get(at)!) + ")";
      return el("li", {}, this.check(text, this.symbol(at), !desk.hiddenCategories.has(at), (shown) => this.showCategory(at, shown)));
    });
    return el("ul", { class: "switches categories" }, ...rows);
  }

  private showCategory(category: number, shown: boolean): void {
    if (shown) this.desk.hiddenCategories.delete(category);
    else this.desk.hiddenCategories.add(category);
    this.desk.tell("layers");
  }

  private symbol(category: number): HTMLElement {
    const one = this.desk.facts.categories[category];
    const holder = el("span", { class: "symbol", colour: one.colour, "aria-hidden": "true" });
    const drawing = this.desk.facts.icons[one.icon];
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

  private drawAbout(): void {
    const { desk } = this;
    const { facts } = desk;
    fill(
      this.about,
      facts.dataDate ? el("p", {}, desk.say("data_date", { date: facts.dataDate })) : el("p", {}, desk.say("data_date_unknown")),
      el("p", {}, desk.say("made", { date: facts.made })),
      !facts.internal && el("p", {}, desk.say("public_note", { k: facts.k })),
      facts.internal && el("p", {}, desk.say("internal_note")),
      el("p", {}, "© OpenStreetMap contributors, ODbL 1.0 · openstreetmap.org/copyright"),
    );
  }
}

/** Whether a unit is of the size the plan asks for; null where the plan asks for none, or the size is not told. */
function inBand(desk: Desk, row: number): boolean | null {
  const { band } = desk.facts;
  const value = band ? desk.tables.units.number(band.by, row) : null;
  return band === null || value === null ? null : value >= band.low && value <= band.high;
}

function rowsWhere(column: Float64Array | undefined, value: number): number[] {
  const rows: number[] = [];
  if (column) for (let row = 0; row < column.length; row++) if (column[row] === value) rows.push(row);
  return rows;
}

function counted(column: Float64Array): number {
  let count = 0;
  for (let row = 0; row < column.length; row++) if (!isNaN(column[row])) count++;
  return count;
}

/** Whether a duty is only proposed, or somebody only stands in. */
function state(desk: Desk, duties: Table, row: number): string | null {
  const code = duties.text("state", row);
  return code === "proposed" || code === "stands_in" ? desk.word("duty", code) : null;
}

function numberText(desk: Desk, value: number | null): string | null {
  return value === null ? null : desk.number(value, value % 1 ? 1 : 0);
}

function kindOf(desk: Desk, units: Table, row: number): string | null {
  const kind = units.text("kind", row);
  return kind === null || kind === "base" ? null : desk.word("unit_kind", kind);
}
