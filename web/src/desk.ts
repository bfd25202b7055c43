// What every part of the page shares: facts, tables, language, what is chosen and what is shown.
import type L from "leaflet";
import { Facts, Language, Titles } from "./facts";
import { filled } from "./filling";
import { Origin } from "./shapes";
import { Table } from "./unpack";

export type Kind = "unit" | "building" | "resource" | "incident" | "compound" | "address" | "street";

/** Where the rows of each kind stand. */
export const TABLE_OF: Record<Kind, string> = {
  unit: "units",
  building: "buildings",
  resource: "resources",
  incident: "incidents",
  compound: "compounds",
  address: "addresses",
  street: "ways",
};

export interface Choice {
  kind: Kind;
  row: number;
}

export type Event = "language" | "choice" | "tables" | "layers" | "theme" | "cases" | "screen" | "open";

export class Desk {
  readonly tables: Record<string, Table> = {};
  readonly origin: Origin;
  readonly shown: Record<string, boolean> = {};
  readonly hiddenCategories = new Set<number>();
  language: Language;
  choice: Choice | null = null;
  scale = 1; // how much larger labels and panel are than in the plain page: above 1 on a large display
  wall = false; // whether the page hangs on a wall
  taker: ((event: L.LeafletMouseEvent) => void) | null = null; // a tool that takes the clicks on the map; null: a click chooses
  themed = false; // whether units are coloured by a finding and not to tell them apart
  readonly missing = new Set<string>(); // words, and places in them, that were asked for and are not there
  private readonly ears: Record<Event, (() => void)[]> = { language: [], choice: [], tables: [], layers: [], theme: [], cases: [], screen: [], open: [] };

  constructor(readonly facts: Facts) {
    this.language = facts.language;
    this.origin = new Origin(facts.bounds[0], facts.bounds[3]);
  }

  on(event: Event, call: () => void): void {
    this.ears[event].push(call);
  }

  tell(event: Event): void {
    for (const call of this.ears[event]) call();
  }

  speak(language: Language): void {
    this.language = language;
    document.documentElement.lang = language === "zh" ? "zh-CN" : "en";
    this.tell("language");
  }

  choose(choice: Choice | null): void {
    this.choice = choice;
    this.tell("choice");
  }

  show(layer: string, shown: boolean): void {
    this.shown[layer] = shown;
    this.tell("layers");
  }

  isShown(layer: string): boolean {
    return this.shown[layer] !== false;
  }

  say(key: string, facts: Record<string, string | number> = {}): string {
    const text = this.facts.words[this.language]["map_" + key];
    if (text === undefined) {
      this.missing.add(key);
      return key;
    }
    return filled(text, (name) => {
      const fact = facts[name];
      if (fact === undefined) this.missing.add(key + "." + name);
      return typeof fact === "number" ? this.number(fact) : fact === undefined ? "" : fact;
    });
  }

  /** The same as the beginning of a line. */
  head(key: string, facts: Record<string, string | number> = {}): string {
    const text = this.say(key, facts);
    return text.charAt(0).toUpperCase() + text.slice(1);
  }

  /** A word of a fixed list, such as a building's use; what the catalogue does not know is shown as it is. */
  word(list: string, code: string | null): string | null {
    if (code === null) return null;
    const text = this.facts.words[this.language]["map_" + list + "_" + code];
    return text === undefined ? code.replace(/_/g, " ") : text;
  }

  title(titles: Titles): string {
    return titles[this.language];
  }

  /** Writes a number as both languages do; a browser's own way takes a tenth of a second to wake up. */
  number(value: number, digits = 0): string {
    const [whole, rest] = value.toFixed(digits).split(".");
    return whole.replace(/\B(?=(\d{3})+$)/g, ",") + (rest ? "." + rest : "");
  }

  percent(share: number): string {
    return this.number(share * 100) + (this.language === "zh" ? "%" : " %");
  }

  area(squareMetres: number): string {
    if (this.facts.length === "ft") return this.say("acres", { count: this.number(squareMetres / 4046.8564224, 1) });
    const hectares = squareMetres / 10_000;
    return this.say("hectares", { count: this.number(hectares, hectares < 100 ? 1 : 0) });
  }

  /** The name in the language that is spoken, where both are known. */
  named(table: Table, row: number): string | null {
    const plain = table.text("name", row);
    return this.language === "zh" ? table.text("name_zh", row) || plain : plain || table.text("name_zh", row);
  }

  /** The unit of what is chosen: as the tables say, for an address without a building the unit in which it lies. */
  unitOf(choice: Choice | null): number | null {
    if (!choice) return null;
    const { tables } = this;
    if (choice.kind === "unit") return choice.row;
    if (choice.kind === "building") return tables.buildings.number("unit", choice.row);
    if (choice.kind === "resource") return tables.resources.number("unit", choice.row);
    if (choice.kind === "incident") return tables.incidents.number("unit", choice.row);
    if (choice.kind === "compound" || choice.kind === "street") return null;
    const building = tables.addresses.number("building", choice.row);
    if (building !== null) return tables.buildings.number("unit", building);
    const middle = tables.addresses.shapes!.middle(choice.row);
    const row = middle && tables.units.shapes ? tables.units.shapes.hit(middle[0], middle[1]) : -1;
    return row < 0 ? null : row;
  }

  unitTitle(row: number): string {
    const units = this.tables.units;
    const name = units.text("name", row);
    const label = units.text("label", row) || "";
    return name && name !== label ? label + " " + name : label;
  }
}
