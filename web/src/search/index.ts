// What can be searched for, made ready while nobody waits: names as they are, and Chinese ones by their pinyin.
import { Choice, Desk, Kind } from "../desk";
import { Table } from "../unpack";
import { Column } from "./column";
import { plain } from "./plain";

interface Source {
  kind: Kind;
  table: string;
  columns: string[];
  once?: boolean; // rows of one name are one thing
}

const SOURCES: Source[] = [
  { kind: "unit", table: "units", columns: ["code", "label", "name"] },
  { kind: "compound", table: "compounds", columns: ["name", "name_zh"] },
  { kind: "building", table: "buildings", columns: ["name", "number"] },
  { kind: "street", table: "ways", columns: ["name", "name_zh"], once: true },
  { kind: "resource", table: "resources", columns: ["name"] },
  { kind: "address", table: "addresses", columns: ["full"] },
];
const MOST = 400; // of each column
const PIECE_MS = 8;
const LONGEST_MS = 20; // a letter that was typed waits no longer for the index

export interface Hit extends Choice {
  text: string;
  rank: number;
}

export class Index {
  private columns: Column[][] = SOURCES.map(() => []);
  private known: (Table | undefined)[] = [];
  private booked = false;

  /** `whole` is called when all has become ready to be searched. */
  constructor(
    private readonly desk: Desk,
    private readonly whole: () => void,
  ) {
    desk.on("open", () => this.book());
    desk.on("tables", () => this.known.length && this.book());
  }

  private book(): void {
    if (this.booked) return;
    this.booked = true;
    setTimeout(() => {
      this.booked = false;
      if (this.prepare(performance.now() + PIECE_MS)) this.whole();
      else this.book();
    }, PIECE_MS);
  }

  /** Brings the index to the tables as they are; tells whether it is whole. */
  private prepare(until: number): boolean {
    const { tables, facts } = this.desk;
    const column = (source: Source, table: Table, name: string): Column => new Column(table.texts[name], facts.readings || {}, source.once === true);
    SOURCES.forEach((source, at) => {
      const table = tables[source.table];
      if (table === this.known[at] && this.known.length > at) return;
      this.known[at] = table;
      this.columns[at] = table ? source.columns.filter((name) => table.texts[name]).map((name) => column(source, table, name)) : [];
    });
    return this.columns.every((columns) => columns.every((one) => one.work(until)));
  }

  /** Tells whether all can be searched, made ready as far as a moment allows, or whatever it takes. */
  isWhole(patient: boolean): boolean {
    const whole = this.prepare(patient ? Infinity : performance.now() + LONGEST_MS);
    if (!whole) this.book();
    return whole;
  }

  /** What fits of all that is ready, the best first within each kind; the kind with the best comes first. */
  find(asked: string): Hit[][] {
    const wanted = plain(asked);
    if (!wanted) return [];
    const ready = this.columns.map((columns) => columns.filter((one) => one.ready));
    const groups = SOURCES.map((source, at) => this.of(source, ready[at], wanted)).filter((group) => group.length);
    return groups.map((group, at): [Hit[], number] => [group, at]).sort((a, b) => a[0][0].rank - b[0][0].rank || a[1] - b[1]).map(([group]) => group);
  }

  private of({ kind, once }: Source, columns: Column[], wanted: string): Hit[] {
    const best = new Map<number | string, Hit>();
    for (const column of columns) {
      let left = MOST;
      column.find(wanted, (row, text, rank) => {
        const key = once ? text : row;
        const before = best.get(key);
        if (!before || rank < before.rank) best.set(key, { kind, row, text, rank });
        return --left > 0;
      });
    }
    return Array.from(best.values()).sort((a, b) => a.rank - b.rank || a.text.length - b.text.length || (a.text < b.text ? -1 : a.text > b.text ? 1 : a.row - b.row));
  }
}
