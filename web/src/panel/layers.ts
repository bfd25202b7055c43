// The layers of the map in groups, each with its key: what is shown, and what its lines and colours mean.
import { Desk } from "../desk";
import { el, fill } from "../dom";
import { LAYER } from "../tools/online";
import { Table } from "../unpack";
import { symbol } from "./pieces";

type Rows = (HTMLElement | null)[];

export class Layers {
  readonly root = el("details", { class: "layers" });

  constructor(private readonly desk: Desk) {
    this.root.open = window.innerWidth > 700;
    desk.on("layers", () => this.follow());
  }

  draw(): void {
    const { desk } = this;
    const { tables } = desk;
    fill(
      this.root,
      el("summary", {}, desk.say("layers")),
      this.group("divided", [this.layer("units", tables.units, "unitkey"), this.layer("compounds", tables.compounds, "compoundkey")], "legend_units", "legend_border"),
      this.group("happens", [this.layer("incidents", tables.incidents || tables.incident_places, "incidentkey")], ...(tables.incident_places ? ["incident_places_note"] : [])),
      this.group("places", [this.layer("resources", tables.resources, "resourcekey")]),
      this.categories(),
      this.group("ground", [this.layer("buildings", tables.buildings, "buildingkey"), this.layer("base", tables.ways || tables.areas, "basekey"), this.online()]),
    );
  }

  private group(key: string, rows: Rows, ...notes: string[]): HTMLElement | null {
    const { desk } = this;
    if (!rows.some((row) => row !== null)) return null;
    const title = desk.say("layers_" + key);
    return el(
      "div",
      { class: "layergroup" },
      rows.length > 1 ? el("h3", {}, title) : null, // one layer says by itself what it is
      el("ul", { class: "switches", "aria-label": title }, ...rows),
      ...notes.map((note) => el("p", { class: "note" }, desk.say(note))),
    );
  }

  private layer(name: string, table: Table | undefined, key: string): HTMLElement | null {
    if (!table || !table.rows) return null;
    const drawn = el("span", { class: "key " + key, "aria-hidden": "true" });
    return this.check(name, this.desk.head("layer_" + name), drawn, this.desk.isShown(name), (shown) => this.desk.show(name, shown));
  }

  /** The base map of others: off, and asking nothing of the network, until somebody switches it on. */
  private online(): HTMLElement | null {
    const { desk } = this;
    const { onlineBase } = desk.facts;
    if (!onlineBase) return null;
    const text = desk.say("layer_online", { name: desk.title(onlineBase.title) });
    return this.check(LAYER, text, el("span", { class: "key onlinekey", "aria-hidden": "true" }), desk.shown[LAYER] === true, (shown) => desk.show(LAYER, shown));
  }

  private check(name: string, text: string, key: HTMLElement, on: boolean, call: (shown: boolean) => void): HTMLElement {
    const box = el("input", { type: "checkbox", id: "govmap-layer-" + name, onchange: () => call(box.checked) });
    box.checked = on;
    return el("li", {}, el("label", {}, box, key, el("span", {}, text)));
  }

  /** Brings the boxes to what is shown, wherever that was changed. */
  private follow(): void {
    const { desk } = this;
    this.root.querySelectorAll<HTMLInputElement>("input").forEach((box) => {
      const name = box.id.replace("govmap-layer-", "");
      const kind = name.indexOf("kind-") === 0 ? Number(name.slice(5)) : -1;
      box.checked = kind >= 0 ? !desk.hiddenCategories.has(kind) : name === LAYER ? desk.shown[name] === true : desk.isShown(name);
    });
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
      return this.check("kind-" + at, text, symbol(desk, at), !desk.hiddenCategories.has(at), (shown) => this.showCategories([at], shown));
    });
    const all = Array.from(counts.keys());
    const turn = (key: string, shown: boolean): HTMLElement => el("button", { type: "button", class: "link", onclick: () => this.showCategories(all, shown) }, desk.say(key));
    const head = el("div", { class: "turns" }, turn("kinds_all", true), turn("kinds_none", false));
    return el("div", { class: "kinds" }, head, el("ul", { class: "switches categories", "aria-label": desk.say("layers_places") }, ...rows));
  }

  private showCategories(categories: number[], shown: boolean): void {
    for (const category of categories) {
      if (shown) this.desk.hiddenCategories.delete(category);
      else this.desk.hiddenCategories.add(category);
    }
    this.desk.tell("layers");
  }
}
