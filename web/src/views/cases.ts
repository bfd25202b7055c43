// Incidents as cases: which are looked at, how they stood at the end of a month, and how old they were then.
import { Desk } from "../desk";
import { Table } from "../unpack";

export type Which = "open" | "overdue" | "reported";

export const EVERY_KIND = "";
export const EVERY_AGE = -1;
/** Yellow to dark red of ColorBrewer: open for up to a week, a month, a quarter, and longer. */
export const AGE = ["#fed976", "#fd8d3c", "#e31a1c", "#800026"];
export const AGE_DAYS = [7, 30, 90];
export const CLOSED = "#8a949c";
export const ENDS = AGE.length; // the state of a case that is closed

const DAY_MS = 86_400_000;
const ENDED = 1;
const UNKNOWN = 2;

export class Cases {
  which: Which = "open";
  kind = EVERY_KIND;
  age = EVERY_AGE; // place of the class in AGE
  stop = -1; // place in `stops`; -1: today
  private days: { reported: Float64Array; due: Float64Array; closed: Float64Array } | null = null;
  private found: number[] | null = null;
  private flags: Uint8Array | null = null;
  private states: Uint8Array | null = null;
  private known: string[] = [];
  private day: number | null = null;
  private readonly made: number;

  constructor(private readonly desk: Desk) {
    this.made = day(desk.facts.made);
    desk.on("tables", () => {
      this.days = null;
      this.forget();
    });
  }

  table(): Table | null {
    const { incidents } = this.desk.tables;
    return incidents && incidents.rows ? incidents : null;
  }

  look(choice: { which?: Which; kind?: string; stop?: number; age?: number }): void {
    Object.assign(this, choice);
    this.stop = this.stop >= this.stops().length ? -1 : this.stop;
    this.forget();
    this.desk.tell("cases");
  }

  private forget(): void {
    this.found = null;
    this.flags = null;
    this.states = null;
    this.day = null;
  }

  /** The months there are reports of, the first first. */
  stops(): string[] {
    if (this.dates()) return this.known;
    return [];
  }

  /** The month looked at; null: today. */
  month(): string | null {
    return this.stop < 0 ? null : this.stops()[this.stop];
  }

  private dates(): NonNullable<Cases["days"]> | null {
    const table = this.table();
    if (!table) return null;
    if (!this.days) {
      this.days = { reported: column(table, "reported"), due: column(table, "due"), closed: column(table, "closed") };
      this.known = monthsOf(this.days.reported, this.made);
    }
    return this.days;
  }

  /** The day that is looked at: the last of the month, or the day on which the map was made. */
  moment(): number {
    if (this.day === null) {
      const month = this.month();
      this.day = month === null ? this.made : Math.min(this.made, lastOf(month));
    }
    return this.day;
  }

  isOpen(row: number, moment = this.moment()): boolean {
    const dates = this.dates()!;
    if (!(dates.reported[row] <= moment)) return isNaN(dates.reported[row]) && this.table()!.numbers.standing[row] !== ENDED;
    if (!isNaN(dates.closed[row])) return dates.closed[row] > moment;
    return this.table()!.numbers.standing[row] !== ENDED;
  }

  isOverdue(row: number, moment = this.moment()): boolean {
    const late = this.dates()!.due[row] < moment;
    return late && this.table()!.numbers.standing[row] !== UNKNOWN && this.isOpen(row, moment);
  }

  /** Days since the report; NaN where its day is not known. */
  daysOld(row: number, moment = this.moment()): number {
    return moment - this.dates()!.reported[row];
  }

  private ageClass(row: number, moment: number): number {
    const age = this.daysOld(row, moment);
    let found = 0;
    for (const days of AGE_DAYS) if (age > days) found++;
    return found;
  }

  colour(row: number): string {
    const state = this.state(row);
    return state === ENDS ? CLOSED : AGE[state];
  }

  /** The place of a case's colour in AGE, or ENDS where it is closed, at the moment that is looked at. */
  state(row: number): number {
    const table = this.table()!;
    if (!this.states) {
      const moment = this.moment();
      this.states = Uint8Array.from({ length: table.rows }, (_, one) => (this.isOpen(one, moment) ? this.ageClass(one, moment) : ENDS));
    }
    return this.states[row];
  }

  /** The rows that are looked at. */
  rows(): number[] {
    if (this.found) return this.found;
    const table = this.table();
    const dates = this.dates();
    const rows: number[] = [];
    if (!table || !dates) return rows;
    const moment = this.moment();
    const month = this.month();
    const first = month === null ? -Infinity : day(month + "-01");
    for (let row = 0; row < table.rows; row++) {
      if (this.kind !== EVERY_KIND && table.text("category", row) !== this.kind) continue;
      if (this.age !== EVERY_AGE && this.ageClass(row, moment) !== this.age) continue;
      const fits =
        this.which === "open"
          ? this.isOpen(row, moment)
          : this.which === "overdue"
            ? this.isOverdue(row, moment)
            : !(dates.reported[row] < first) && !(dates.reported[row] > moment);
      if (fits) rows.push(row);
    }
    return (this.found = rows);
  }

  has(row: number): boolean {
    if (!this.flags) {
      this.flags = new Uint8Array(this.table()!.rows);
      for (const one of this.rows()) this.flags[one] = 1;
    }
    return this.flags[row] === 1;
  }

  /** The cases of a unit that are open today, the latest against their date first. */
  openOf(unit: number): number[] {
    const table = this.table();
    if (!table || !this.dates()) return [];
    const today = this.made;
    const rows: number[] = [];
    for (let row = 0; row < table.rows; row++) if (table.numbers.unit[row] === unit && this.isOpen(row, today)) rows.push(row);
    return this.byUrgency(rows, today);
  }

  byUrgency(rows: number[], moment = this.moment()): number[] {
    const { due, reported } = this.dates()!;
    const key = (row: number): number => (this.isOverdue(row, moment) ? due[row] : 1e9 + (isNaN(reported[row]) ? 0 : reported[row]));
    return rows.slice().sort((a, b) => key(a) - key(b) || a - b);
  }

  overdueToday(row: number): boolean {
    return this.isOverdue(row, this.made);
  }

  /** How many of the rows looked at lie in each unit, the most first. */
  byUnit(): [number, number][] {
    const counts = new Map<number, number>();
    for (const row of this.rows()) {
      const unit = this.table()!.number("unit", row);
      if (unit !== null) counts.set(unit, (counts.get(unit) || 0) + 1);
    }
    return Array.from(counts).sort((a, b) => b[1] - a[1] || a[0] - b[0]);
  }

  kinds(): string[] {
    const table = this.table();
    return table ? table.texts.category.words.slice().sort() : [];
  }
}

function day(iso: string): number {
  return Date.parse(iso + "T00:00:00Z") / DAY_MS;
}

function lastOf(month: string): number {
  const [year, number] = month.split("-").map(Number);
  return Date.UTC(year, number, 1) / DAY_MS - 1;
}

function column(table: Table, name: string): Float64Array {
  const { words, index } = table.texts[name];
  const days = words.map(day);
  const made = new Float64Array(table.rows);
  for (let row = 0; row < table.rows; row++) made[row] = index[row] ? days[index[row] - 1] : NaN;
  return made;
}

/** The months from the first report to the day of the map, at most as many as ten years have. */
function monthsOf(reported: Float64Array, made: number): string[] {
  let first = Infinity;
  for (const one of reported) if (one < first) first = one;
  if (!(first <= made)) return [];
  const months: string[] = [];
  const at = new Date(first * DAY_MS);
  at.setUTCDate(1);
  while (at.getTime() <= made * DAY_MS) {
    months.push(at.toISOString().slice(0, 7));
    at.setUTCMonth(at.getUTCMonth() + 1);
  }
  return months.slice(-120);
}
