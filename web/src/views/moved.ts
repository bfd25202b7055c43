// Two plans beside each other: the buildings whose unit changes, from where to where, and the borders as they were.
import { Choice, Desk } from "../desk";
import { el, fill } from "../dom";
import { Findings } from "../findings";
import { Painter } from "../ground";
import { legend, legendBox } from "../legend";
import { FORMER, MOVED } from "../shades";
import { boxOf } from "../shapes";
import { Table } from "../unpack";

const FIRST = 12;

interface Steps {
  go(choice: Choice): void;
}

/** Buildings that change their unit, and the former borders, over the plan of today. */
export function movedGround(desk: Desk, findings: Findings, former: Table): Painter[] {
  const shown = (): boolean => findings.view === "moved";
  return [
    {
      order: 53,
      layer: "units",
      paint(pen, view) {
        const { moves, buildings } = desk.tables;
        if (!shown() || !moves || !buildings || !buildings.shapes) return;
        const moved = new Set(Array.from(moves.numbers.building));
        pen.beginPath();
        buildings.shapes.within(boxOf(view), (row) => {
          if (moved.has(row)) buildings.shapes!.trace(pen, row, view, true);
        });
        pen.fillStyle = MOVED;
        pen.strokeStyle = "#fff";
        pen.lineWidth = 1;
        pen.fill();
        pen.stroke();
      },
    },
    {
      order: 62,
      layer: "units",
      paint(pen, view) {
        if (!shown()) return;
        pen.beginPath();
        former.shapes!.within(boxOf(view, 4), (row) => former.shapes!.trace(pen, row, view, true));
        pen.strokeStyle = FORMER;
        pen.lineWidth = view.zoom >= 16 ? 2.6 : 1.8;
        pen.setLineDash([7, 5]);
        pen.stroke();
        pen.setLineDash([]);
      },
    },
  ];
}

interface Flow {
  from: number;
  to: number;
  households: number;
  buildings: number;
}

export class MovedPanel {
  readonly root = el("div", { class: "moved" });
  private listed = FIRST;

  constructor(
    private readonly desk: Desk,
    private readonly findings: Findings,
    private readonly steps: Steps,
  ) {}

  draw(): HTMLElement {
    const { desk } = this;
    const flows = this.flows();
    const sum = flows.reduce((all, one) => [all[0] + one.households, all[1] + one.buildings], [0, 0]);
    fill(
      this.root,
      el("p", { class: "sum" }, el("strong", {}, desk.say("moved_sum", { households: sum[0], buildings: sum[1] })), " " + desk.say("moved_from_plan", { plan: desk.facts.former || "" })),
      this.beside(),
      legendBox(legend(desk, this.findings)),
      flows.length ? this.list(flows) : el("p", { class: "note" }, desk.say("moved_nothing")),
    );
    return this.root;
  }

  /** From which unit to which, the most households first. */
  private flows(): Flow[] {
    const { moves, buildings } = this.desk.tables;
    const found = new Map<string, Flow>();
    if (!moves || !buildings) return [];
    for (let row = 0; row < moves.rows; row++) {
      const [from, to] = [moves.numbers.from[row], moves.numbers.to[row]];
      const key = from + "/" + to;
      const flow = found.get(key) || { from, to, households: 0, buildings: 0 };
      flow.households += buildings.number("households", moves.numbers.building[row]) || 0;
      flow.buildings++;
      found.set(key, flow);
    }
    return Array.from(found.values()).sort((a, b) => b.households - a.households || b.buildings - a.buildings || a.from - b.from || a.to - b.to);
  }

  private beside(): HTMLElement {
    const { desk, findings } = this;
    const call = (): void => {
      findings.beside = !findings.beside;
      findings.look("moved");
      document.getElementById("govmap-side-by-side")!.focus({ preventScroll: true });
    };
    const chip = el("button", { type: "button", class: "chip", id: "govmap-side-by-side", "aria-pressed": String(findings.beside), onclick: call }, desk.say("side_by_side"));
    return el("div", { class: "chips small wide" }, chip);
  }

  private list(flows: Flow[]): HTMLElement {
    const { desk } = this;
    const former = desk.tables.former;
    const line = (one: Flow): HTMLElement => {
      const from = former.text("label", one.from) || "";
      const to = desk.tables.units.text("label", one.to) || "";
      const told = desk.say("moved_told", { households: one.households, buildings: one.buildings });
      const name = el("span", { class: "name" }, from, el("span", { class: "arrow" }, " → "), to);
      return el("li", {}, el("button", { type: "button", onclick: () => this.steps.go({ kind: "unit", row: one.to }) }, name, el("span", { class: "told" }, told)));
    };
    const rest = flows.length - this.listed;
    const more = rest > 0 && el("button", { type: "button", class: "more", onclick: () => this.grow() }, desk.say("more", { count: rest }));
    return el("div", {}, el("h3", {}, desk.say("moved_list")), el("ol", { class: "ranked" }, ...flows.slice(0, this.listed).map(line)), more || null);
  }

  private grow(): void {
    this.listed += 60;
    this.draw();
  }
}
