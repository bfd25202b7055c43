// What was found out about units: which of it there is, what is looked at, and what it says of each unit.
import { Desk } from "./desk";
import { Service } from "./facts";
import { Cases } from "./views/cases";
import { Need, needShades } from "./views/need";
import { breaks, FILLED, HOT, rateShade, Shade, shortShade, UNKNOWN, VACANT, workShade } from "./shades";
import { Table } from "./unpack";

export type View = "units" | "gaps" | "incidents" | "rates" | "spots" | "work" | "duties" | "moved";
export type Form = "short" | "need"; // gaps by whom they concern, or need and supply together

export const EVERY = -1; // all services together
const ALL = "all"; // all kinds of reports together
const SHOWN: Record<Exclude<View, "units">, string> = { gaps: "gaps", incidents: "incidents", rates: "rates", spots: "spots", work: "loads", duties: "duties", moved: "moves" };
const PLAIN: Shade = { fill: FILLED, rank: 0 };

export class Findings {
  view: View = "units";
  service = EVERY;
  category = ALL;
  form: Form = "short";
  beside = false; // whether the plan before stands on a map of its own
  readonly cases: Cases;
  private readonly rows = new Map<string, Map<number, number>>();
  private drawn: Shade[] | null = null;

  constructor(private readonly desk: Desk) {
    this.cases = new Cases(desk);
    desk.on("tables", () => {
      this.rows.clear();
      this.drawn = null;
    });
  }

  /** The views there is something for. */
  views(): View[] {
    const found = (Object.keys(SHOWN) as (keyof typeof SHOWN)[]).filter((view) => this.table(SHOWN[view]) !== null && this.tells(view));
    return found.length ? ["units", ...found] : [];
  }

  /** Whether there is anything to say: not where no report was ever counted. */
  private tells(view: View): boolean {
    if (view === "incidents") return this.desk.facts.internal && this.cases.stops().length > 0;
    const table = this.table(view === "spots" ? "spots" : "rates");
    if (view === "spots") return table!.texts.kind.words.some((kind) => HOT[kind] !== undefined);
    return view !== "rates" || where(table!, "few", 0).some((row) => (table!.number("rate", row) || 0) > 0);
  }

  /** Whether reports stand on the map: beside a finding their circles would be taken for its own. */
  get showsReports(): boolean {
    return this.view === "units" || this.view === "incidents";
  }

  look(view: View, what: { service?: number; category?: string; form?: Form } = {}): void {
    this.view = view;
    if (what.form !== undefined) this.form = what.form;
    if (what.service !== undefined) this.service = what.service;
    if (what.category !== undefined) this.category = what.category;
    if (view === "spots" || view === "rates") this.keepCategory();
    this.drawn = null;
    this.desk.themed = view !== "units";
    this.desk.tell("theme");
  }

  table(name: string): Table | null {
    const table = this.desk.tables[name];
    return table && table.rows ? table : null;
  }

  services(): Service[] {
    return this.desk.facts.services;
  }

  /** Kinds of reports that the view tells of, all together first. */
  categories(): string[] {
    const table = this.table(SHOWN[this.view === "spots" ? "spots" : "rates"]);
    if (!table) return [];
    const words = table.texts.category.words.filter((word) => word !== ALL && word !== "sensitive").sort();
    return [ALL, ...words];
  }

  private keepCategory(): void {
    if (!this.categories().includes(this.category)) this.category = ALL;
  }

  // ---- gaps

  /** The rows of gaps that are looked at, the worst first: of one service, or of all. */
  gaps(unit: number | null = null): number[] {
    const table = this.table("gaps");
    if (!table) return [];
    const rows: number[] = [];
    for (let row = 0; row < table.rows; row++) {
      if (unit !== null && table.numbers.unit[row] !== unit) continue;
      if (unit === null && this.service !== EVERY && table.numbers.service[row] !== this.service) continue;
      if ((table.number("short", row) || 0) > 0) rows.push(row);
    }
    return rows;
  }

  /** The row of one unit and service, -1 where there is none. */
  gap(unit: number, service = this.service): number {
    return this.row("gaps", unit, (table, row) => table.numbers.service[row] === service, "s" + service);
  }

  /** How many services people of a unit are short of, and of how many anything is known. */
  lacking(unit: number): [number, number] {
    const table = this.table("gaps");
    let [short, known] = [0, 0];
    if (!table) return [0, 0];
    for (let service = 0; service < this.services().length; service++) {
      const row = this.gap(unit, service);
      if (row < 0 || table.number("short", row) === null) continue;
      known++;
      if (table.numbers.short[row] > 0) short++;
    }
    return [short, known];
  }

  /** Whether anybody was judged by a service: not where no place of its kind is listed. */
  judged(service: number): boolean {
    const table = this.table("gaps")!;
    return where(table, "service", service).some((row) => table.number("short", row) !== null || table.text("withheld", row) !== null);
  }

  /** The kinds of resources to show: those of the service looked at, none beside other findings, null for all. */
  wanted(): string[] | null {
    if (this.view === "units") return null;
    return this.view === "gaps" && this.service !== EVERY ? this.services()[this.service].places : [];
  }

  mostShort(): number {
    const table = this.table("gaps");
    return table ? this.gaps().reduce((most, row) => Math.max(most, table.numbers.short[row]), 0) : 0;
  }

  /** The new places that would help most for the service looked at. */
  sites(): number[] {
    const table = this.table("sites");
    return table && this.view === "gaps" && this.service !== EVERY ? where(table, "service", this.service) : [];
  }

  // ---- reports

  rate(unit: number, category = this.category): number {
    return this.row("rates", unit, (table, row) => table.text("category", row) === category, "c" + category);
  }

  spot(unit: number): number {
    return this.row("spots", unit, (table, row) => table.text("category", row) === this.category, "c" + this.category);
  }

  /** The rates that may be compared: none where too few households stand behind them. */
  rates(): number[] {
    const table = this.table("rates");
    if (!table) return [];
    return this.units()
      .map((unit) => this.rate(unit))
      .filter((row) => row >= 0 && !table.numbers.few[row] && table.number("rate", row) !== null);
  }

  bounds(): number[] {
    const table = this.table("rates");
    return table ? breaks(this.rates().map((row) => table.numbers.rate[row])) : [];
  }

  /** Units in which reports cluster, hot ones first. */
  clusters(): number[] {
    const table = this.table("spots");
    if (!table) return [];
    const kind = (row: number): string | null => table.text("kind", row);
    const rows = where(table, null, 0).filter((row) => table.text("category", row) === this.category && ["hot", "cold"].includes(kind(row)!));
    return rows.sort((a, b) => Number(kind(a) === "cold") - Number(kind(b) === "cold") || table.numbers.unit[a] - table.numbers.unit[b]);
  }

  // ---- work and duties

  /** Hours a month of each unit, in the order of the units; null where nothing is known. */
  hours(): (number | null)[] {
    const table = this.table("loads");
    const sums: (number | null)[] = this.units().map(() => null);
    if (table) for (let row = 0; row < table.rows; row++) sums[table.numbers.unit[row]] = (sums[table.numbers.unit[row]] || 0) + (table.number("hours", row) || 0);
    return sums;
  }

  meanHours(): number {
    const known = this.hours().filter((one): one is number => one !== null);
    return known.length ? known.reduce((a, b) => a + b, 0) / known.length : 0;
  }

  /** Units nobody answers for. */
  vacant(): number[] {
    const table = this.table("duties");
    const held = new Set(table ? Array.from(table.numbers.unit) : []);
    return this.units().filter((unit) => !held.has(unit));
  }

  // ---- every unit

  units(): number[] {
    const units = this.desk.tables.units;
    return units ? Array.from({ length: units.rows }, (_, row) => row) : [];
  }

  /** The colour of every unit in the view that is looked at, found once for all tiles. */
  shades(): Shade[] {
    if (!this.drawn) this.drawn = this.shaded();
    return this.drawn;
  }

  private shaded(): Shade[] {
    const { view } = this;
    if (view === "gaps" && this.form === "need") return needShades(this.needs());
    if (view === "gaps") return this.units().map((unit) => this.gapShade(unit));
    if (view === "rates") return this.rateShades();
    if (view === "spots") return this.units().map((unit) => this.spotShade(unit));
    if (view === "work") {
      const mean = this.meanHours();
      const most = this.desk.facts.work ? this.desk.facts.work.most : Infinity;
      return this.hours().map((hours) => workShade(hours, mean, most));
    }
    if (view === "moved" && this.beside) return this.units().map((unit) => ({ fill: this.desk.facts.palette[this.desk.tables.units.numbers.colour[unit]], rank: 0 }));
    if (view === "incidents" || view === "moved") return this.units().map(() => PLAIN);
    const vacant = new Set(this.vacant());
    return this.units().map((unit) => (vacant.has(unit) ? { fill: VACANT, rank: 1 } : { fill: FILLED, rank: 0 }));
  }

  /** How many people of each unit a service is for, and the share that has it; null where nothing is known. */
  needs(): (Need | null)[] {
    const table = this.table("gaps");
    return this.units().map((unit) => {
      if (this.service === EVERY) {
        const [short, known] = this.lacking(unit);
        const people = this.desk.tables.units.number("residents", unit);
        return known && people !== null ? { people, have: 1 - short / known } : null;
      }
      const row = table ? this.gap(unit) : -1;
      if (row < 0 || table!.number("short", row) === null) return null;
      return { people: table!.number("people", row) || 0, have: 1 - (table!.number("share", row) || 0) };
    });
  }

  private gapShade(unit: number): Shade {
    const table = this.table("gaps")!;
    if (this.service === EVERY) {
      const [short, known] = this.lacking(unit);
      return known ? shortShade(short / known) : UNKNOWN;
    }
    const row = this.gap(unit);
    return row < 0 || table.number("short", row) === null ? UNKNOWN : shortShade(table.number("share", row) || 0);
  }

  private rateShades(): Shade[] {
    const table = this.table("rates")!;
    const bounds = this.bounds();
    return this.units().map((unit) => {
      const row = this.rate(unit);
      return row < 0 || table.numbers.few[row] ? UNKNOWN : rateShade(table.number("rate", row), bounds);
    });
  }

  private spotShade(unit: number): Shade {
    const row = this.spot(unit);
    const kind = row < 0 ? null : this.table("spots")!.text("kind", row);
    return kind === null || !HOT[kind] ? UNKNOWN : { fill: HOT[kind], rank: kind === "hot" ? 1 : 0 };
  }

  /** The row of a unit, found once for each question. */
  private row(name: string, unit: number, fits: (table: Table, row: number) => boolean, question: string): number {
    const table = this.table(name);
    if (!table) return -1;
    const key = name + question;
    let found = this.rows.get(key);
    if (!found) {
      found = new Map();
      for (let row = 0; row < table.rows; row++) if (fits(table, row)) found.set(table.numbers.unit[row], row);
      this.rows.set(key, found);
    }
    const at = found.get(unit);
    return at === undefined ? -1 : at;
  }
}

/** Rows of a table where a column has a value; all of them without a column. */
export function where(table: Table, column: string | null, value: number): number[] {
  const rows: number[] = [];
  for (let row = 0; row < table.rows; row++) if (column === null || table.numbers[column][row] === value) rows.push(row);
  return rows;
}
