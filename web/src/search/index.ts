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

export interface Hit extends Choice {
  text: string;
  rank: number;
}

export class Index {
  private columns: Column[][] = SOURCES.map(() => []);
  private known: (Table | undefined)[] = [];
  private booked = false;

  constructor(private readonly desk: Desk) {
    desk.on("open", () => this.book());
    desk.on("tables", () => this.known.length && this.book());
  }

  private book(): void {
    if (this.booked) return;
    this.booked = true;
    setTimeout(() => {
      this.booked = false;
      if (!this.prepare(performance.now() + PIECE_MS)) this.book();
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

  /** What fits, the best first within each kind; the kind with the best comes first. */
  find(asked: string): Hit[][] {
    const wanted = plain(asked);
    if (!wanted) return [];
    this.prepare(Infinity);
    const groups = SOURCES.map((source, at) => this.of(source, this.columns[at], wanted)).filter((group) => group.length);
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
