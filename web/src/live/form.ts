// A form of the options that a step takes, in plain words: what most people say first, the rest behind "more".
import { el } from "../dom";
import type { Live } from "./live";

export interface Offered {
  name: string;
  kind: "number" | "text" | "flag" | "choice" | "many" | "upload";
  choices: [string, string][];
  open: boolean; // the choices are of the project, and may be none
  least: number;
  most: number;
  start: unknown;
  more: boolean;
}

export interface StepTold {
  name: string;
  room: string;
  options: Offered[];
}

type Read = () => unknown;

export class Form {
  readonly root: HTMLElement;
  private readonly reads: Record<string, Read> = {};
  private coming: Promise<unknown> = Promise.resolve(); // files that are still on their way to the desk

  constructor(
    private readonly live: Live,
    options: Offered[],
    private readonly said: Record<string, unknown> = {},
  ) {
    const shown = options.filter((one) => !(one.open && one.kind === "choice" && !one.choices.length));
    const first = shown.filter((one) => !one.more).map((one) => this.field(one));
    const more = shown.filter((one) => one.more).map((one) => this.field(one));
    const rest = more.length ? el("details", {}, el("summary", {}, live.say("more_options")), ...more) : null;
    this.root = el("div", { class: "desk-form" }, ...first, rest);
  }

  /** Waits until every chosen file has arrived. */
  async ready(): Promise<void> {
    await this.coming;
  }

  /** What was said; what was left open is left out. */
  read(): Record<string, unknown> {
    const given: Record<string, unknown> = {};
    for (const name of Object.keys(this.reads)) {
      const value = this.reads[name]();
      if (value !== null && value !== "" && value !== false && !(Array.isArray(value) && !value.length)) given[name] = value;
    }
    return given;
  }

  private field(one: Offered): HTMLElement {
    const start = this.said[one.name] !== undefined ? this.said[one.name] : one.start;
    if (one.kind === "flag") return this.flag(one, start);
    if (one.kind === "many" && one.choices.length) return this.several(one, start);
    if (one.kind === "choice") return this.labelled(one, this.choice(one, start));
    if (one.kind === "upload") return this.labelled(one, this.file(one));
    if (one.kind === "many") return this.labelled(one, this.lines(one, start));
    return this.labelled(one, this.line(one, start));
  }

  private labelled(one: Offered, input: HTMLElement): HTMLElement {
    const { live } = this;
    const about = live.knows("option_" + one.name + "_about") ? el("small", {}, live.say("option_" + one.name + "_about")) : null;
    return el("label", { class: "field", "data-option": one.name }, el("span", {}, live.say("option_" + one.name)), input, about);
  }

  private flag(one: Offered, start: unknown): HTMLElement {
    const box = el("input", { type: "checkbox", name: one.name });
    box.checked = start === true;
    this.reads[one.name] = () => box.checked;
    const { live } = this;
    const about = live.knows("option_" + one.name + "_about") ? el("small", {}, live.say("option_" + one.name + "_about")) : null;
    return el("label", { class: "field flag", "data-option": one.name }, box, live.say("option_" + one.name), about);
  }

  private choice(one: Offered, start: unknown): HTMLElement {
    const options = one.choices.map(([value, title]) => el("option", { value }, title));
    const { live } = this;
    const unsaid = live.knows("none_" + one.name) ? "none_" + one.name : "not_said";
    const none = one.start === null ? [el("option", { value: "" }, live.say(unsaid))] : [];
    const select = el("select", { name: one.name }, ...none, ...options);
    select.value = typeof start === "string" ? start : "";
    this.reads[one.name] = () => select.value;
    return select;
  }

  private several(one: Offered, start: unknown): HTMLElement {
    const chosen = Array.isArray(start) ? (start as string[]) : [];
    const boxes = one.choices.map(([value, title]) => {
      const box = el("input", { type: "checkbox", value });
      box.checked = chosen.indexOf(value) >= 0;
      return { box, label: el("label", {}, box, title) };
    });
    this.reads[one.name] = () => boxes.filter(({ box }) => box.checked).map(({ box }) => box.value);
    const list = el("div", { class: "several" }, ...boxes.map(({ label }) => label));
    const title = el("summary", {}, this.live.say("option_" + one.name));
    const facts = { class: "field", "data-option": one.name, open: chosen.length > 0 };
    return el("details", facts, title, list);
  }

  private lines(one: Offered, start: unknown): HTMLElement {
    const area = el("textarea", { name: one.name, rows: 2 });
    area.value = Array.isArray(start) ? start.join("\n") : "";
    this.reads[one.name] = () => area.value.split("\n").map((line) => line.trim()).filter((line) => line);
    return area;
  }

  private line(one: Offered, start: unknown): HTMLElement {
    const number = one.kind === "number";
    const input = el("input", { type: number ? "number" : "text", name: one.name, min: number ? one.least : null, max: number ? one.most : null, maxlength: number ? null : 200, autocomplete: "off" });
    input.value = start === null || start === undefined ? "" : String(start);
    this.reads[one.name] = () => (input.value.trim() === "" ? null : number ? Math.round(Number(input.value)) : input.value.trim());
    return input;
  }

  private file(one: Offered): HTMLElement {
    const input = el("input", { type: "file", name: one.name });
    let number = "";
    input.addEventListener("change", () => {
      number = "";
      const file = input.files && input.files[0];
      if (file) this.coming = this.live.upload(file).then((answer) => (number = answer.upload), () => (input.value = ""));
    });
    this.reads[one.name] = () => number;
    return input;
  }
}
