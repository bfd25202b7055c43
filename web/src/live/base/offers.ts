// What newer map data change, one by one: shown on the map, taken in or refused; nothing is taken in unasked.
import type Leaflet from "leaflet";
import { el, fill } from "../../dom";
import type { Answer } from "../api";
import { middleOf, Ring } from "../sketch";
import type { Base, Tool } from "./base";

const COLOURS: Record<string, string> = { added: "#00695c", gone: "#b2182b", reshaped: "#0b5394", retagged: "#8a5a00" };
const FACTS = ["name", "use", "levels", "height_m", "dwellings", "status"];

export class Offers implements Tool {
  readonly root = el("div", { class: "offers" });
  private marks: Leaflet.Layer[] = [];

  constructor(private readonly base: Base) {}

  begin(): void {
    void this.load();
  }

  end(): void {
    for (const one of this.marks) if (this.base.sketch) this.base.sketch.remove(one);
    this.marks = [];
  }

  private async load(): Promise<void> {
    const { live } = this.base;
    const told = await live.api("/api/base/offers").catch(() => ({ offers: [] }) as Answer);
    const rows = told.offers as Answer[];
    const ids = rows.map((one) => one.offer_id as string);
    const all = (take: boolean, key: string): HTMLElement => el("button", { type: "button", onclick: () => void this.decide(ids, take) }, live.say(key, { count: ids.length }));
    fill(this.root, el("p", { class: "hint" }, live.say("base_how_offers")), this.asking(), rows.length ? el("div", { class: "buttons" }, all(true, "base_take_all"), all(false, "base_leave_all")) : null, el("ul", {}, ...rows.map((one) => this.row(one))));
    this.paint(rows);
  }

  private asking(): HTMLElement {
    const { live } = this.base;
    const place = el("div", {});
    const input = el("input", { type: "file", accept: ".osm,.pbf,.gz,.bz2,.xml" });
    input.addEventListener("change", () => void this.look(input.files && input.files[0], place));
    return el("label", { class: "field" }, el("span", {}, live.say("base_newer")), input, place);
  }

  private async look(file: File | null, place: HTMLElement): Promise<void> {
    if (!file) return;
    const { live } = this.base;
    const sent = await live.upload(file).catch(() => null);
    if (!sent) return;
    const done = await live.job("map_changes", { upload: String(sent.upload) }, place).catch(() => null);
    if (done) live.notices.done(done.said[0] || "");
    await this.load();
  }

  private paint(rows: Answer[]): void {
    this.end();
    for (const one of rows) this.marks.push(this.base.sketch!.area(one.rings.map((ring: [number, number][]) => [ring.map(([lon, lat]) => [lat, lon])]) as Ring[][], { color: COLOURS[one.kind], weight: 3, fillOpacity: 0.2, fillColor: COLOURS[one.kind] }));
  }

  private row(one: Answer): HTMLElement {
    const { live } = this.base;
    const { map } = live.page;
    const rings = one.rings.map((ring: [number, number][]) => [ring.map(([lon, lat]) => [lat, lon])]) as Ring[][];
    const changes = one.before ? FACTS.filter((name) => one.before[name] !== one.after[name]).map((name) => this.fact(name, this.told(name, one.before[name]) + " → " + this.told(name, one.after[name]))) : FACTS.filter((name) => one.after[name] && name !== "status").map((name) => this.fact(name, this.told(name, one.after[name])));
    const button = (take: boolean): HTMLElement => el("button", { type: "button", class: take ? "first" : "", onclick: () => void this.decide([one.offer_id], take) }, live.say(take ? "base_take" : "base_leave"));
    const dot = el("span", { class: "dot" });
    dot.style.background = COLOURS[one.kind];
    return el("li", { "data-offer": one.offer_id }, dot, el("b", {}, live.say("base_offer_" + one.kind)), " ", el("small", {}, (one.after && one.after.name) || one.building_id), el("p", {}, changes.join(" · ")), el("button", { type: "button", onclick: () => map.setView(middleOf(rings), Math.max(18, map.getZoom())) }, live.say("agree_look")), button(true), button(false));
  }

  private fact(name: string, told: string): string {
    const { live } = this.base;
    return live.say("base_fact_told", { name: live.say("base_field_" + name), told });
  }

  /** What the map says of a building, in words: uses and states have titles of their own. */
  private told(name: string, value: string | number | null): string {
    if (value === null || value === "") return "–";
    const { desk } = this.base.live.page;
    if (typeof value === "number") return desk.number(value);
    return name === "use" || name === "status" ? desk.word(name, value)! : value;
  }

  private async decide(offers: string[], take: boolean): Promise<void> {
    for (let start = 0; start < offers.length; start += 400) if (!(await this.base.send("offers", { offers: offers.slice(start, start + 400), take }))) return;
    await this.load();
  }
}
