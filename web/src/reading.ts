// From packs to tables and what is drawn of them: units first, so that there is something to see.
import { Choice, Desk, TABLE_OF } from "./desk";
import { Decoding } from "./decoding";
import { numberDoors, settle } from "./doors";
import { Findings } from "./findings";
import { Ground, Painter } from "./ground";
import { findingGround } from "./marks";
import * as paint from "./painters";
import { WORLD } from "./shapes";
import { SAME, Source, sourceOf } from "./source";
import { Plain, Table } from "./unpack";
import { movedGround } from "./views/moved";

/** What is drawn when the page opens, the largest first so that no worker waits; then what is told of it. */
const DRAWN = [
  "buildings", "ways", "areas", "units", "incidents", "communities", "upper", "compounds", "places", "resources",
  "incident_places", "tallies", "duties", "gaps", "sites", "rates", "spots", "answered", "loads",
]; // prettier-ignore
const TOLD = ["buildings_told", "addresses", "parts", "former", "moves"];
const MORE = "_told"; // further columns of the table of that name
const TRIES = 3;
const FIRST_LOOK_MS = 300; // what is drawn shall be seen, and the pointer answered, before the rest is read
const PATIENCE_MS = 1500; // a page that nobody sees is never drawn

export class Reading {
  private readonly source: Source;
  private readonly told: Record<string, Plain> = {}; // further columns, which may outlast the table they were told of

  constructor(
    private readonly desk: Desk,
    private readonly findings: Findings,
    private readonly ground: Ground,
    private readonly decoding: Decoding,
  ) {
    this.source = sourceOf(desk.facts);
  }

  /** A pack stands in the page, before this script. */
  come(script: Element | null): void {
    this.source.come(script);
  }

  /** Reads what is drawn, draws it, calls, and reads the rest. */
  async all(stands: () => void): Promise<void> {
    const { version } = this.source;
    await this.takeAll(DRAWN);
    this.draw();
    this.desk.tell("tables");
    stands();
    await Promise.race([new Promise<void>((done) => this.ground.whenDrawn(done)), new Promise((done) => setTimeout(done, PATIENCE_MS))]);
    await new Promise((done) => setTimeout(done, FIRST_LOOK_MS));
    await this.takeAll(TOLD);
    if (this.desk.tables.former) this.draw();
    this.desk.tell("tables");
    this.decoding.rest();
    if (this.source.version !== version) await this.reload();
  }

  /** Takes facts and packs anew, all without names, and draws them; the choice stays on what was chosen. */
  async reload(names?: string[], tries = TRIES): Promise<void> {
    const facts = await this.source.facts();
    if (facts && this.moved(facts)) return location.reload();
    const { version } = this.source;
    const chosen = this.chosen();
    await this.takeAll(names ? names.concat(names.includes("buildings") ? "buildings_told" : []) : this.known());
    if (facts) Object.assign(this.desk.facts, facts);
    this.draw();
    this.rechoose(chosen);
    this.desk.tell("tables");
    this.decoding.rest();
    if (this.source.version !== version && tries > 1) await this.reload(undefined, tries - 1);
  }

  /** Every pack of the page, and what was taken beside. */
  private known(): string[] {
    const usual = DRAWN.concat(TOLD);
    return usual.concat(Object.keys(this.desk.tables).filter((name) => !usual.includes(name)));
  }

  /** Tells whether a page must be opened anew: it lies elsewhere, or other kinds of places have signs. */
  private moved(facts: Desk["facts"]): boolean {
    const ours = (one: Desk["facts"]): string => JSON.stringify([one.bounds, one.categories.map((kind) => kind.key)]);
    return ours(facts) !== ours(this.desk.facts);
  }

  /** Reads packs side by side and puts their tables in place together, so that no row points into an older table. */
  private async takeAll(names: string[]): Promise<void> {
    const found = await Promise.all(names.map((name) => this.taken(name)));
    names.forEach((name, at) => this.put(name, found[at]));
    const { tables } = this.desk;
    for (const name of Object.keys(this.told)) if (tables[name]) tables[name].join(this.told[name]);
    if (tables.buildings && tables.addresses) {
      numberDoors(tables.buildings, tables.addresses);
      settle(tables.buildings, tables.addresses);
    }
  }

  private async taken(name: string): Promise<Plain | null | typeof SAME> {
    const packed = await this.source.pack(name);
    return packed === null || packed === SAME ? packed : this.decoding.read(packed);
  }

  private put(name: string, found: Plain | null | typeof SAME): void {
    const { tables } = this.desk;
    if (found === SAME) return;
    if (name.endsWith(MORE)) {
      if (found) this.told[name.slice(0, -MORE.length)] = found;
    } else if (found === null) delete tables[name];
    else {
      tables[name] = new Table(found);
      if (name === "units" || name === "former") this.placeLabels(tables[name]);
    }
  }

  private draw(): void {
    const painters: Painter[] = [];
    for (const name of Object.keys(this.desk.tables)) {
      const table = this.desk.tables[name];
      if (table.shapes) painters.push(...this.painters(name, table));
    }
    this.ground.set(painters);
  }

  private painters(name: string, table: Table): Painter[] {
    const { desk, findings } = this;
    if (name === "areas") return [paint.areas(desk, table, false), paint.areas(desk, table, true)];
    if (name === "ways") return [paint.ways(desk, table)];
    if (name === "communities") return paint.outside(table);
    if (name === "units") return [paint.unitGround(desk, table), findingGround(findings, table), paint.unitBorders(table)];
    if (name === "upper") return [paint.upperBorders(table)];
    if (name === "buildings") return [paint.buildings(desk, table, desk.tables.units)];
    if (name === "compounds") return [paint.compounds(table)];
    if (name === "incident_places") return [paint.incidentPlaces(findings, table)];
    if (name === "former") return movedGround(desk, findings, table);
    return [];
  }

  /** Brings the places of labels, in micro-degrees from the corner, and the room for them, in metres, to page units. */
  private placeLabels(units: Table): void {
    const { label_east, label_south, label_radius } = units.numbers;
    const [west, , , north] = this.desk.facts.bounds;
    for (let row = 0; row < units.rows; row++) {
      const lat = north - label_south[row] / 1e6;
      const [x, y] = this.desk.origin.at(west + label_east[row] / 1e6, lat);
      label_east[row] = x;
      label_south[row] = y;
      label_radius[row] /= (40_075_016.686 * Math.cos((lat * Math.PI) / 180)) / WORLD;
    }
  }

  /** What is chosen, by the key of its row. */
  private chosen(): { choice: Choice; id: string | null } | null {
    const { choice, tables } = this.desk;
    return choice && { choice, id: keyOf(tables[TABLE_OF[choice.kind]], choice.row) };
  }

  private rechoose(chosen: { choice: Choice; id: string | null } | null): void {
    if (!chosen) return;
    const { kind } = chosen.choice;
    const table = this.desk.tables[TABLE_OF[kind]];
    for (let row = 0; table && chosen.id !== null && row < table.rows; row++) {
      if (keyOf(table, row) === chosen.id) return this.desk.choose({ kind, row });
    }
    this.desk.choose(null);
  }
}

function keyOf(table: Table | undefined, row: number): string | null {
  return table ? table.text("id", row) || table.text("full", row) : null;
}
