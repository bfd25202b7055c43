// The part of the panel that tells of cases: which ones, of which month, what the colours mean, and where they are.
import { Choice, Desk } from "../desk";
import { el, fill } from "../dom";
import { Findings } from "../findings";
import { ageText, legend, legendBox } from "../legend";
import { AGE, AGE_DAYS, Cases, EVERY_AGE, EVERY_KIND, Which } from "./cases";

const FIRST = 8;
const MORE = 40;
const WHICH: Which[] = ["open", "overdue", "reported"];

interface Steps {
  go(choice: Choice): void;
}

export class CasePanel {
  readonly root = el("div", { class: "cases" });
  private readonly told = el("div", {});
  private readonly when = el("output", { class: "when", for: "govmap-month" });
  private readonly slider = el("input", { type: "range", id: "govmap-month", min: 0, step: 1 });
  private listed = FIRST;
  private readonly cases: Cases;

  constructor(
    private readonly desk: Desk,
    private readonly findings: Findings,
    private readonly steps: Steps,
  ) {
    this.cases = findings.cases;
    this.slider.addEventListener("input", () => this.move(Number(this.slider.value)));
    desk.on("cases", () => {
      this.listed = FIRST;
      this.tell();
    });
  }

  /** Draws everything; the slider itself stays the same element, so that a drag is not cut short. */
  draw(): HTMLElement {
    const { cases } = this;
    const last = cases.stops().length;
    this.slider.max = String(last);
    this.slider.disabled = last < 1;
    fill(this.root, this.chips(), this.kinds(), this.ages(), last > 0 ? this.time() : null, legendBox(legend(this.desk, this.findings)), this.told);
    this.tell();
    return this.root;
  }

  private move(at: number): void {
    this.cases.look({ stop: at >= this.cases.stops().length ? -1 : at });
  }

  private chips(): HTMLElement {
    const { desk, cases } = this;
    const chip = (which: Which): HTMLElement =>
      el(
        "button",
        { type: "button", class: "chip", id: "govmap-cases-" + which, "aria-pressed": String(which === cases.which), onclick: () => this.choose(which) },
        desk.head("cases_" + which),
      );
    return el("div", { class: "chips small", role: "group", "aria-label": desk.say("cases_which") }, ...WHICH.map(chip));
  }

  private choose(which: Which): void {
    this.cases.look({ which });
    this.draw();
    document.getElementById("govmap-cases-" + which)!.focus({ preventScroll: true });
  }

  private kinds(): HTMLElement {
    const { desk, cases } = this;
    const options = [EVERY_KIND, ...cases.kinds()].map((kind) =>
      el("option", { value: kind }, kind === EVERY_KIND ? desk.word("incident", "all")! : desk.word("incident", kind) || kind),
    );
    const list = el("select", { id: "govmap-cases-kind", onchange: () => cases.look({ kind: list.value }) }, ...options);
    list.value = cases.kind;
    return el("label", { class: "chooser" }, el("span", {}, desk.head("look_category")), list);
  }

  /** How long ago they were reported, in the classes of the legend. */
  private ages(): HTMLElement {
    const { desk, cases } = this;
    const days = AGE_DAYS.map((one) => desk.number(one));
    const options = AGE.map((_, at) => el("option", { value: at }, ageText(desk, days, at)));
    const list = el("select", { id: "govmap-cases-age", onchange: () => cases.look({ age: Number(list.value) }) }, el("option", { value: EVERY_AGE }, desk.say("age_every")), ...options);
    list.value = String(cases.age);
    return el("label", { class: "chooser" }, el("span", {}, desk.head("look_age")), list);
  }

  /** The months as a slider, with a button to either side. */
  private time(): HTMLElement {
    const { desk } = this;
    const step = (by: number, key: string, sign: string): HTMLElement =>
      el("button", { type: "button", class: "step", "aria-label": desk.say(key), title: desk.say(key), onclick: () => this.step(by) }, sign);
    this.slider.setAttribute("aria-label", desk.say("cases_month"));
    return el("div", { class: "time" }, this.when, el("div", { class: "track" }, step(-1, "month_before", "‹"), this.slider, step(1, "month_after", "›")));
  }

  private step(by: number): void {
    const last = this.cases.stops().length;
    this.move(Math.max(0, Math.min(last, Number(this.slider.value) + by)));
  }

  // ---- what was found

  private tell(): void {
    const { desk, cases } = this;
    const month = cases.month();
    this.slider.value = String(month === null ? cases.stops().length : cases.stop);
    const told = month === null ? desk.say("cases_today", { date: desk.facts.made }) : desk.say(cases.which === "reported" ? "cases_in_month" : "cases_end_of", { month });
    this.when.textContent = told;
    this.slider.setAttribute("aria-valuetext", told);
    const unit = desk.unitOf(desk.choice);
    const ours = cases.rows().filter((row) => unit === null || cases.table()!.numbers.unit[row] === unit);
    const late = ours.filter((row) => cases.isOverdue(row)).length;
    const sum = el("p", { class: "sum", role: "status" }, el("strong", {}, desk.say("cases_sum_" + cases.which, { count: ours.length })), late && cases.which !== "overdue" ? " " + desk.say("cases_late", { count: late }) : "");
    fill(this.told, sum, unit === null ? this.units() : null, ours.length ? this.list(ours) : null);
  }

  private units(): HTMLElement | null {
    const { desk, cases } = this;
    const rows = cases.byUnit().slice(0, FIRST);
    if (!rows.length) return null;
    const most = rows[0][1];
    const lines = rows.map(([unit, count]) => {
      const bar = el("span", { class: "length" });
      bar.style.width = (count / most) * 100 + "%";
      const inside = [el("span", { class: "name" }, desk.unitTitle(unit)), el("span", { class: "told" }, desk.number(count)), el("span", { class: "measure", "aria-hidden": "true" }, bar)];
      return el("li", {}, el("button", { type: "button", onclick: () => this.steps.go({ kind: "unit", row: unit }) }, ...inside));
    });
    return el("div", {}, el("h3", {}, desk.say("cases_by_unit")), el("ol", { class: "ranked" }, ...lines));
  }

  private list(rows: number[]): HTMLElement {
    const { desk, cases } = this;
    const sorted = cases.byUrgency(rows);
    const lines = sorted.slice(0, this.listed).map((row) => caseLine(desk, cases, row, cases.isOverdue(row), () => this.steps.go({ kind: "incident", row })));
    const rest = sorted.length - this.listed;
    const more = rest > 0 && el("button", { type: "button", class: "more", onclick: () => this.grow() }, desk.say("more", { count: rest }));
    return el("div", {}, el("h3", {}, desk.say("cases_urgent")), el("ol", { class: "ranked" }, ...lines), more || null);
  }

  private grow(): void {
    this.listed += MORE;
    this.tell();
  }
}

/** One case as a line: what, since when, and whether it is late. */
export function caseLine(desk: Desk, cases: Cases, row: number, late: boolean, call: () => void): HTMLElement {
  const table = cases.table()!;
  const since = table.text("reported", row);
  const told = late ? desk.say("late_since", { date: table.text("due", row) || "" }) : since || "";
  const mark = el("span", { class: late ? "age late" : "age", colour: cases.colour(row), "aria-hidden": "true" });
  const name = desk.word("incident", table.text("category", row)) || desk.say("an_incident");
  return el("li", {}, el("button", { type: "button", onclick: call }, mark, el("span", { class: "name" }, name), el("span", { class: late ? "told out" : "told" }, told)));
}
