// One incident: its log in sentences, and where it can go next, by whose hand, with what the step asks for.
import { el, fill } from "../../dom";
import type { Answer } from "../api";
import type { Cases } from "./cases";

const ROLE = "govmap-role";
const RATED = ["satisfied_resident", "satisfied_office"];

export class Moving {
  private readonly form = el("form", { class: "desk-form step", "data-form": "move" });
  private told: Answer = {};

  constructor(
    private readonly cases: Cases,
    private readonly row: Answer,
  ) {}

  async fill(place: HTMLElement): Promise<void> {
    const { live } = this.cases;
    const told = await live.api("/api/cases/one?incident=" + encodeURIComponent(this.row.incident_id)).catch(() => null);
    if (!told) return;
    this.told = told;
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      void this.send();
    });
    this.draw("");
    fill(place, el("ul", { class: "log" }, ...(told.lines as string[]).map((text) => el("li", {}, text))), this.form);
  }

  private get role(): string {
    const roles = this.cases.told.roles as Answer[];
    const said = sessionStorage.getItem(ROLE);
    return roles.some((one) => one.id === said) ? said! : roles.length > 1 ? roles[1].id : roles[0].id;
  }

  /** The ways that lead on from here by this hand. */
  private ways(): Answer[] {
    const { stage } = this.told;
    return (this.cases.told.ways as Answer[]).filter((way) => (!stage || way.from.indexOf(stage) >= 0) && way.roles.indexOf(this.role) >= 0);
  }

  private draw(wanted: string): void {
    const { live, told } = this.cases;
    const ways = this.ways();
    const roles = el("select", { name: "role" }, ...(told.roles as Answer[]).map((one) => el("option", { value: one.id }, one.title)));
    roles.value = this.role;
    roles.addEventListener("change", () => {
      sessionStorage.setItem(ROLE, roles.value);
      this.draw("");
    });
    const title = (id: string): string => (told.stages as Answer[]).find((one) => one.id === id)!.title;
    const aside = (id: string): number => Number((told.stages as Answer[]).some((one) => one.id === id && one.done) && id !== told.closing); // declined, merged: seldom what is meant
    const names = ways.map((way) => way.to as string).filter((one, at, all) => all.indexOf(one) === at);
    names.sort((one, other) => aside(one) - aside(other));
    const to = names.indexOf(wanted) >= 0 ? wanted : names[0];
    const steps = el("div", { class: "tabs", role: "group", "aria-label": live.say("cases_to") }, ...names.map((one) => el("button", { type: "button", "data-to": one, "aria-pressed": String(one === to), onclick: () => this.draw(one) }, title(one))));
    const way = ways.find((one) => one.to === to);
    const needs = way ? (way.needs as string[]) : [];
    const fields = way ? ["note", ...needs.filter((one) => one !== "note")].map((one) => this.field(one, needs.indexOf(one) >= 0)) : [];
    const go = way ? el("button", { type: "submit", class: "first", "data-do": "move" }, live.say("cases_move", { stage: title(to) })) : el("p", { class: "soft" }, live.say("cases_no_way"));
    this.form.setAttribute("data-stage", to || "");
    fill(this.form, el("label", { class: "field" }, el("span", {}, live.say("cases_role")), roles), steps, ...fields, go);
  }

  private field(name: string, needed: boolean): HTMLElement {
    const { live } = this.cases;
    const about = el("span", {}, live.say("cases_field_" + name) + (needed ? "" : live.say("cases_if_any")));
    if (RATED.indexOf(name) >= 0) {
      const select = el("select", { name, required: needed }, el("option", { value: "" }, live.say("not_said")), el("option", { value: "yes" }, live.say("cases_yes")), el("option", { value: "no" }, live.say("cases_no")));
      return el("label", { class: "field" }, about, select);
    }
    const list = name === "responsible" ? el("datalist", { id: "desk-offices" }, ...(this.told.offices as string[]).map((one) => el("option", { value: one }))) : null;
    const input = el("input", { type: "text", name, required: needed, maxlength: name === "note" ? 1000 : 120, list: list ? "desk-offices" : null, autocomplete: "off" });
    return el("label", { class: "field" }, about, input, list, name === "note" ? el("small", {}, live.say("agree_no_names")) : null);
  }

  private async send(): Promise<void> {
    const body: Answer = { incident: this.row.incident_id, stage: this.form.getAttribute("data-stage"), role: this.role };
    for (const input of Array.from(this.form.querySelectorAll<HTMLInputElement>("[name]"))) {
      const value = input.value.trim();
      if (input.name === "role" || !value) continue;
      body[input.name] = RATED.indexOf(input.name) >= 0 ? value === "yes" : value;
    }
    await this.cases.send("move", body);
  }
}
