// Buildings chosen by clicks: what is known of them, said anew; divided by a line, put together, marked as gone, divided
// into stairwells and floors.
import type Leaflet from "leaflet";
import { el, fill } from "../../dom";
import type { Answer } from "../api";
import type { Ring } from "../sketch";
import { Base, CHOSEN, Tool } from "./base";

const NUMBERS = ["households", "residents", "levels", "stairwells", "homes_a_floor"];
const GIVEN: Record<string, string> = { households: "households_given", residents: "residents_given" };

export class Chosen implements Tool {
  readonly root = el("div", { class: "chosen" });
  private rows: Answer[] = [];
  private readonly marks = new Map<string, Leaflet.Layer>();

  constructor(private readonly base: Base) {}

  begin(): void {
    this.draw();
  }

  end(): void {
    this.marks.forEach((one) => this.base.sketch && this.base.sketch.remove(one));
    this.marks.clear();
    this.rows = [];
  }

  take(building: Answer): void {
    const id = building.building_id as string;
    const mark = this.marks.get(id);
    if (mark) {
      this.base.sketch!.remove(mark);
      this.marks.delete(id);
      this.rows = this.rows.filter((one) => one.building_id !== id);
    } else {
      this.marks.set(id, this.base.sketch!.area(building.rings as Ring[][], CHOSEN));
      this.rows.push(building);
    }
    this.draw();
  }

  private get ids(): string[] {
    return this.rows.map((one) => one.building_id);
  }

  private draw(): void {
    const { live } = this.base;
    if (!this.rows.length) return fill(this.root, el("p", { class: "hint" }, live.say("base_how_choose")));
    const names = this.rows.map((one) => one.number || one.name || one.building_id);
    const one = this.rows.length === 1;
    const clear = el("button", { type: "button", onclick: () => this.none() }, live.say("base_none"));
    fill(this.root, el("h2", {}, live.say("base_chosen", { count: this.rows.length })), el("p", { class: "names" }, names.slice(0, 8).join(live.language === "zh" ? "、" : ", ") + (names.length > 8 ? " …" : ""), " ", clear), this.facts(), this.deeds(one), one ? this.floors() : null);
  }

  private none(): void {
    this.end();
    this.draw();
  }

  /** What is said of them: only what is filled in is written. */
  private facts(): HTMLElement {
    const { live } = this.base;
    const form = el("form", { class: "desk-form", "data-form": "facts" });
    const field = (name: string, input: HTMLElement): HTMLElement => el("label", { class: "field" }, el("span", {}, live.say("base_field_" + name)), input);
    for (const name of NUMBERS) {
      const input = el("input", { type: "number", name, min: 0, placeholder: this.known(name) });
      input.value = this.said(GIVEN[name] || name);
      form.append(field(name, input));
    }
    const uses = [["", live.say("not_said")], ...(this.base.state.uses as [string, string][])];
    const use = el("select", { name: "use" }, ...uses.map(([value, title]) => el("option", { value }, title)));
    use.value = this.said("use");
    form.append(field("use", use), field("name", el("input", { type: "text", name: "name", maxlength: 60, value: this.said("name") })), field("number", el("input", { type: "text", name: "number", maxlength: 60, value: this.rows.length === 1 ? this.said("number") : "", disabled: this.rows.length > 1 })));
    form.append(el("button", { type: "submit", class: "first" }, live.say("base_save")));
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      void this.save(form);
    });
    return form;
  }

  /** What all of them have in common, nothing where they differ. */
  private said(name: string): string {
    const values = new Set(this.rows.map((one) => (one[name] === null || one[name] === undefined ? "" : String(one[name]))));
    return values.size === 1 ? Array.from(values)[0] : "";
  }

  private known(name: string): string {
    const told = this.said(name);
    return told && GIVEN[name] ? this.base.live.say("base_approx", { count: told }) : "";
  }

  private async save(form: HTMLFormElement): Promise<void> {
    const facts: Answer = {};
    for (const input of Array.from(form.querySelectorAll<HTMLInputElement | HTMLSelectElement>("[name]"))) {
      const was = this.said(GIVEN[input.name] || input.name);
      if ((input as HTMLInputElement).disabled || input.value.trim() === was) continue;
      const text = input.value.trim();
      facts[input.name] = text === "" ? null : NUMBERS.indexOf(input.name) >= 0 ? Number(text) : text;
    }
    if (Object.keys(facts).length) await this.changed("describe", { buildings: this.ids, facts });
  }

  private deeds(one: boolean): HTMLElement {
    const { live } = this.base;
    const button = (name: string, call: () => void): HTMLElement => el("button", { type: "button", "data-do": name, onclick: call }, live.say("base_do_" + name));
    const split = one ? button("split", () => this.base.draw("line", (line) => void this.changed("split", { building: this.ids[0], line }))) : null;
    const merge = one ? null : button("merge", () => void this.changed("merge", { buildings: this.ids }));
    return el("div", { class: "buttons" }, split, merge, button("demolish", () => void this.changed("demolish", { buildings: this.ids })));
  }

  /** Stairwells, and bands of floors in the words of people: 1-6, 7-12. */
  private floors(): HTMLElement {
    const { live } = this.base;
    const stairs = el("input", { type: "number", name: "stairs", min: 1, max: 60, value: this.said("stairwells") || "1" });
    const bands = el("input", { type: "text", name: "bands", placeholder: "1-6, 7-12", maxlength: 200 });
    const form = el("form", { class: "desk-form", "data-form": "floors" }, el("h3", {}, live.say("base_floors")), el("div", { class: "row" }, el("label", { class: "field" }, el("span", {}, live.say("base_field_stairwells")), stairs), el("label", { class: "field" }, el("span", {}, live.say("base_field_bands")), bands)), el("button", { type: "submit" }, live.say("base_do_divide")));
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const found = (bands.value.match(/\d+\s*[-–—~至]\s*\d+|\d+/g) || []).map((text) => text.split(/[-–—~至]/).map(Number));
      void this.changed("divide", { building: this.ids[0], stairwells: Number(stairs.value), bands: found.map((band) => [band[0], band[band.length - 1]]) });
    });
    return form;
  }

  private async changed(path: string, body: Answer): Promise<void> {
    const done = await this.base.send(path, body);
    if (!done) return;
    const kept = path === "describe" || path === "divide" ? this.ids : [];
    if (done.buildings) this.base.outline(done.buildings as Answer[]);
    this.end();
    if (kept.length) {
      const told = await this.base.live.api("/api/base/facts", { buildings: kept });
      for (const one of told.buildings as Answer[]) this.take(one);
    }
    this.draw();
  }
}
