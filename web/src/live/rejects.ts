// Rows that were not taken in: each with its reason, its cells to be corrected on the page and taken in again.
import { el, fill } from "../dom";
import type { Live } from "./live";
import { Task } from "./task";

interface Reject {
  row: number;
  column: string;
  reason: string;
  cells: Record<string, string>;
}

const SHOWN = 50; // more of them are quicker corrected in the file

export class Rejects {
  readonly root = el("div", { class: "rejected" });
  private readonly said: Record<string, Record<string, string>> = {}; // row -> column -> what stands there now
  private readonly go: HTMLButtonElement;
  private readonly place = el("div", { class: "outcome" });

  constructor(
    private readonly live: Live,
    private readonly number: string,
    rows: Reject[],
    private readonly taken: () => void,
  ) {
    this.go = el("button", { type: "button", class: "first", "data-do": "correct", onclick: () => void this.send() });
    this.draw(rows);
  }

  private draw(rows: Reject[]): void {
    const { live } = this;
    for (const row of Object.keys(this.said)) delete this.said[row];
    if (!rows.length) return fill(this.root, el("p", { class: "soft" }, live.say("reject_none_left")), this.place);
    const heads = ["reject_row", "reject_reason", "reject_cell"].map((key) => el("th", { scope: "col" }, live.say(key)));
    const body = rows.slice(0, SHOWN).map((one) => this.row(one));
    const table = el("table", { class: "rejects" }, el("thead", {}, el("tr", {}, ...heads)), el("tbody", {}, ...body));
    const more = rows.length > SHOWN ? el("p", { class: "soft" }, live.say("reject_more", { count: rows.length - SHOWN })) : null;
    this.count();
    fill(this.root, el("p", {}, live.say("reject_here")), el("div", { class: "scroll" }, table), more, this.go, this.place);
  }

  private row(one: Reject): HTMLElement {
    const { live } = this;
    const names = Object.keys(one.cells);
    const own = names.indexOf(one.column) >= 0 ? this.cell(one, one.column) : null;
    const others = names.filter((name) => name !== one.column);
    const rest = others.length ? el("details", {}, el("summary", {}, live.say(own ? "reject_rest" : "reject_all")), ...others.map((name) => this.cell(one, name))) : null;
    return el("tr", { "data-row": one.row }, el("td", {}, String(one.row)), el("td", {}, one.reason), el("td", {}, own, rest));
  }

  private cell(one: Reject, name: string): HTMLElement {
    const input = el("input", { type: "text", value: one.cells[name], maxlength: 400, "data-column": name, autocomplete: "off" });
    input.addEventListener("input", () => {
      const told = (this.said[one.row] = this.said[one.row] || {});
      if (input.value === one.cells[name]) delete told[name];
      else told[name] = input.value;
      if (!Object.keys(told).length) delete this.said[one.row];
      this.count();
    });
    return el("label", { class: "field" }, el("span", {}, name), input);
  }

  private count(): void {
    const count = Object.keys(this.said).length;
    this.go.disabled = !count;
    this.go.textContent = this.live.say(count ? "reject_take" : "reject_first", { count });
  }

  private async send(): Promise<void> {
    const { live } = this;
    this.go.disabled = true;
    try {
      const { job } = await live.api("/api/start/correct", { number: this.number, cells: this.said });
      const done = await new Task(live, job).run(this.place);
      this.draw((done.result.rejected || []) as Reject[]);
      fill(this.place, ...done.said.slice(0, 3).map((text) => el("p", {}, text)));
      this.taken();
    } catch (error) {
      this.count();
    }
  }
}
