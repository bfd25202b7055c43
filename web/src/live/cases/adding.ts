// An incident written down by hand: what it is, and a click on the map where it was found.
import { el, fill } from "../../dom";
import type { Answer } from "../api";
import { Pen } from "../pen";
import type { Cases } from "./cases";

const KINDS = ["event", "need", "complaint", "suggestion"];

export class Adding {
  readonly root = el("form", { class: "desk-form step", "data-form": "add" });
  private readonly pen: Pen;
  private readonly told = el("span", { class: "where", "aria-live": "polite" });
  private at: [number, number] | null = null;

  constructor(
    private readonly cases: Cases,
    private readonly gone: () => void,
  ) {
    const { live, told, sketch } = cases;
    this.pen = new Pen(live, sketch!);
    const field = (name: string, input: HTMLElement, more: HTMLElement | null = null): HTMLElement => el("label", { class: "field" }, el("span", {}, live.say("cases_field_" + name)), input, more);
    const offered = (id: string, words: string[]): HTMLElement => el("datalist", { id }, ...words.map((one) => el("option", { value: one })));
    const kinds = el("select", { name: "kind" }, ...KINDS.map((one) => el("option", { value: one }, live.say("cases_kind_" + one))));
    const text = (name: string, list: string | null, required = false): HTMLElement => el("input", { type: "text", name, list, required, maxlength: 80, autocomplete: "off" });
    const where = el("div", { class: "place" }, this.told, el("button", { type: "button", onclick: () => this.begin() }, live.say("cases_place_again")));
    const save = el("button", { type: "submit", class: "first", "data-do": "save" }, live.say("cases_save"));
    const stop = el("button", { type: "button", onclick: () => this.stop() }, live.say("cases_stop"));
    fill(
      this.root,
      el("h2", {}, live.say("cases_add")),
      where,
      field("category", text("category", "desk-categories", true), offered("desk-categories", told.categories || [])),
      el("div", { class: "row" }, field("kind", kinds), field("severity", text("severity", "desk-severities"), offered("desk-severities", told.severities || []))),
      field("text", el("textarea", { name: "text", rows: 2, maxlength: 1000 }), el("small", {}, live.say("agree_no_names"))),
      el("div", { class: "buttons" }, save, stop),
    );
    this.root.addEventListener("submit", (event) => {
      event.preventDefault();
      void this.save();
    });
  }

  /** Asks for the place: the next click on the map. */
  begin(): void {
    this.at = null;
    this.told.textContent = this.cases.live.say("cases_click");
    this.pen.begin("point", ([place]) => {
      this.at = place;
      this.cases.sketch!.sign([place[1], place[0]], "", "case chosen");
      this.told.textContent = this.cases.live.say("cases_placed");
      (this.root.querySelector('[name="category"]') as HTMLElement).focus();
    });
  }

  private stop(): void {
    this.pen.stop();
    this.gone();
  }

  private async save(): Promise<void> {
    if (!this.at) return this.cases.live.notices.done(this.cases.live.say("cases_click"));
    const body: Answer = { at: this.at };
    for (const input of Array.from(this.root.querySelectorAll<HTMLInputElement>("[name]"))) if (input.value.trim()) body[input.name] = input.value.trim();
    if (await this.cases.send("add", body)) this.gone();
  }
}
