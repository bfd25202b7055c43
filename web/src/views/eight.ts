// The eight figures: red ones first, and each a button that leads to where it comes from.
import { Choice, Desk } from "../desk";
import { el, fill } from "../dom";
import { Figure } from "../facts";
import { Findings, View } from "../findings";

interface Steps {
  go(choice: Choice): void;
  whole(): void;
}

export class Eight {
  readonly root = el("section", { class: "eight" });
  private told: string | null = null; // the key of the figure whose sentence is open

  constructor(
    private readonly desk: Desk,
    private readonly findings: Findings,
    private readonly steps: Steps,
  ) {
    for (const event of ["language", "tables", "choice", "screen"] as const) desk.on(event, () => this.draw());
  }

  private draw(): void {
    const { numbers } = this.desk.facts;
    const wall = this.wall();
    if (!numbers.length || (this.desk.choice && !wall)) return fill(this.root);
    const held = this.root.contains(document.activeElement) ? document.activeElement!.id : "";
    const tiles = numbers.map((one) => this.tile(one, wall));
    const open = numbers.find((one) => one.key === this.told);
    fill(
      this.root,
      el("h2", {}, this.desk.say("eight")),
      el("div", { class: "tiles" }, ...tiles),
      open && !wall ? el("p", { class: "note", role: "status" }, open.told[this.desk.language]) : null,
    );
    const again = held && document.getElementById(held);
    if (again) again.focus({ preventScroll: true });
  }

  private tile(one: Figure, wall: boolean): HTMLElement {
    const { desk } = this;
    const told = one.told[desk.language];
    const state = el("span", { class: "state" }, desk.say("state_" + one.state));
    return el(
      "button",
      { type: "button", class: "tile " + one.state, id: "govmap-eight-" + one.key, title: told, onclick: () => this.follow(one) },
      el("span", { class: "row" }, el("span", { class: "value" }, value(desk, one)), one.state === "ok" ? null : state),
      el("span", { class: "title" }, desk.title(one.title)),
      wall ? el("span", { class: "sentence" }, told) : null,
    );
  }

  /** Goes to where the figure comes from, and opens its sentence. */
  private follow(one: Figure): void {
    this.told = one.key;
    this.desk.choose(null);
    const ways: Record<string, () => void> = {
      units: () => this.look("units"),
      households: () => this.look("units"),
      out_of_band: () => this.outOfBand(),
      workers: () => this.look("duties"),
      vacant: () => this.look("duties"),
      overdue: () => this.cases("overdue", -1),
      worst_gap: () => this.worstGap(),
      change: () => this.cases("reported", this.findings.cases.stops().indexOf(one.month || "")),
    };
    const way = ways[one.key];
    if (one.value !== null && way) way();
    this.draw();
    if (one.value !== null && one.key !== "out_of_band" && !this.wall()) this.show();
  }

  private wall(): boolean {
    return this.desk.wall;
  }

  /** Brings what was asked for to the top of the panel. */
  private show(): void {
    if (!this.desk.choice) this.root.parentElement!.scrollTop = this.root.offsetHeight;
  }

  private look(view: View): void {
    if (this.findings.views().includes(view)) this.findings.look(view);
    this.steps.whole();
  }

  private outOfBand(): void {
    this.look("units");
    const list = document.querySelector("#govmap-panel .band");
    if (list) list.scrollIntoView({ block: "center" });
  }

  private cases(which: "overdue" | "reported", stop: number): void {
    if (!this.findings.views().includes("incidents")) return this.look("rates");
    this.findings.cases.look({ which, stop, kind: "", age: -1 });
    this.look("incidents");
  }

  private worstGap(): void {
    const gaps = this.findings.table("gaps");
    if (!gaps) return;
    let worst = 0;
    for (let row = 1; row < gaps.rows; row++) if ((gaps.number("short", row) || 0) > (gaps.number("short", worst) || 0)) worst = row;
    this.findings.look("gaps", { service: gaps.numbers.service[worst] });
    this.steps.go({ kind: "unit", row: gaps.numbers.unit[worst] });
  }
}

function value(desk: Desk, one: Figure): string {
  if (one.value === null) return "?";
  const sign = one.key === "change" && one.value > 0 ? "+" : "";
  return (one.about ? "≈ " : "") + sign + desk.number(one.value);
}
