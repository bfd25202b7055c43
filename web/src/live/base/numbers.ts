// Numbers by clicks: 1, 2, 3 ..., one side of a street, anew in every compound; each click is saved and can be taken back.
import type Leaflet from "leaflet";
import { el } from "../../dom";
import type { Answer } from "../api";
import { middleOf, Ring } from "../sketch";
import type { Base, Tool } from "./base";

export class Numbers implements Tool {
  readonly root: HTMLElement;
  private readonly next = el("input", { type: "number", name: "start", min: 1, value: "1" });
  private readonly step: HTMLSelectElement;
  private readonly before = el("input", { type: "text", name: "before", maxlength: 10 });
  private readonly after = el("input", { type: "text", name: "after", maxlength: 10 });
  private readonly whole: HTMLSelectElement;
  private readonly hint = el("p", { class: "hint" });
  private readonly one = el("div", {}); // what is said of numbers one by one
  private readonly anew = el("input", { type: "checkbox", name: "anew" });
  private readonly told = el("p", { class: "hint", "aria-live": "polite" });
  private readonly signs = new Map<string, Leaflet.Layer>();
  private readonly counts = new Map<string, number>();
  private readonly done: { ids: string[]; next: string }[] = []; // what was numbered here, to be followed when it is taken back
  private waiting: Promise<void> = Promise.resolve();

  constructor(private readonly base: Base) {
    const { live } = base;
    const field = (name: string, input: HTMLElement): HTMLElement => el("label", { class: "field" }, el("span", {}, live.say("base_field_" + name)), input);
    this.step = el("select", { name: "step" }, ...[1, 2, -1, -2].map((one) => el("option", { value: one }, live.say("base_step_" + (one < 0 ? "down_" : "") + Math.abs(one)))));
    this.whole = el("select", { name: "whole" }, ...["one", "way", "sides"].map((one) => el("option", { value: one }, live.say("base_whole_" + one))));
    this.whole.addEventListener("change", () => this.ways());
    const anew = el("label", { class: "field flag" }, this.anew, live.say("base_field_anew"));
    this.one.append(field("step", this.step), anew);
    this.root = el("div", { class: "desk-form" }, field("whole", this.whole), this.hint, el("div", { class: "row" }, field("before", this.before), field("after", this.after)), field("start", this.next), this.one, this.told);
    this.ways();
  }

  private ways(): void {
    const one = this.whole.value === "one";
    this.one.hidden = !one;
    this.hint.textContent = this.base.live.say(one ? "base_how_number" : "base_how_whole");
    if (!one) this.next.value = "1";
  }

  begin(): void {
    this.next.focus();
  }

  end(): void {
    this.signs.forEach((one) => this.base.sketch && this.base.sketch.remove(one));
    this.signs.clear();
  }

  /** Numbers one building; clicks that come quickly wait for each other. */
  take(building: Answer): void {
    this.waiting = this.waiting.then(() => (this.whole.value === "one" ? this.number(building) : this.compound(building)));
  }

  /** Numbers the whole compound of a building, which gets the first number. */
  private async compound(building: Answer): Promise<void> {
    const body = { first: building.building_id, sides: this.whole.value === "sides", start: Number(this.next.value) || 1, before: this.before.value, after: this.after.value };
    const done = await this.base.send("sequence", body);
    if (!done || !this.base.sketch) return;
    const rows = done.buildings as Answer[];
    this.done.push({ ids: rows.map((one) => one.building_id as string), next: this.next.value });
    for (const one of rows) this.sign(one, done.numbers[one.building_id]);
    this.told.textContent = this.base.live.say("base_numbered_all", { count: rows.length });
  }

  /** The last numbers were taken back: their signs go, and the next number is what it was. */
  undone(): void {
    const last = this.done.pop();
    if (!last) return;
    for (const id of last.ids) {
      const sign = this.signs.get(id);
      if (sign && this.base.sketch) this.base.sketch.remove(sign);
      this.signs.delete(id);
    }
    this.next.value = last.next;
    this.counts.clear();
    this.told.textContent = "";
  }

  private sign(building: Answer, text: string): void {
    const former = this.signs.get(building.building_id);
    if (former) this.base.sketch!.remove(former);
    this.signs.set(building.building_id, this.base.sketch!.sign(middleOf(building.rings as Ring[][]), text, "number"));
  }

  private async number(building: Answer): Promise<void> {
    const compound = this.anew.checked ? building.compound_id || "" : "";
    const known = this.counts.get(compound);
    const start = this.anew.checked && known !== undefined ? known : Number(this.next.value) || 1;
    const body = { buildings: [building.building_id], start, step: Number(this.step.value), before: this.before.value, after: this.after.value };
    const done = await this.base.send("number", body);
    if (!done || !this.base.sketch) return;
    const text = done.numbers[building.building_id] as string;
    this.done.push({ ids: [building.building_id], next: String(start) });
    this.sign(building, text);
    this.counts.set(compound, done.next);
    if (!this.anew.checked) this.next.value = String(done.next);
    this.told.textContent = this.base.live.say("base_numbered", { number: text, next: String(done.next) });
  }
}
