// A tower by stairwell and floor: click a band of floors to put it into the unit that is drawn with.
import { el, fill } from "../../dom";
import type { Live } from "../live";
import { of } from "./strokes";
import type { Work } from "./work";

export class Floors {
  readonly root = el("div", { class: "redraw-floors", hidden: true });
  building = -1;
  private readonly told = new Map<number, [string | null, number | null, number | null]>();

  constructor(
    private readonly live: Live,
    private readonly work: Work,
    private readonly put: (parts: number[]) => void,
    private readonly shut: () => void,
  ) {
    for (const [part, entrance, from, to] of work.told.floors) this.told.set(part, [entrance, from, to]);
  }

  /** Tells whether a part is one of several of its building. */
  several(part: number): boolean {
    return this.told.has(part);
  }

  open(part: number): void {
    this.building = this.work.draft.columns.building[part];
    this.root.hidden = false;
    this.draw();
  }

  close(): void {
    this.root.hidden = true;
    this.building = -1;
    this.shut();
  }

  draw(): void {
    if (this.building < 0) return;
    const { live, work } = this;
    const parts = of(work.draft.ofBuilding, this.building);
    const doors = unique(parts.map((part) => this.told.get(part)![0] || ""));
    const floors = uniqueFloors(parts.map((part) => [this.told.get(part)![1], this.told.get(part)![2]]));
    const head = el("tr", {}, el("th", {}, live.say("redraw_floor")), ...doors.map((door) => el("th", { scope: "col" }, this.column(door, parts))));
    const rows = floors.map(([from, to]) => {
      const cells = doors.map((door) => {
        const part = parts.find((one) => (this.told.get(one)![0] || "") === door && this.told.get(one)![1] === from && this.told.get(one)![2] === to);
        return el("td", {}, part === undefined ? null : this.cell(part));
      });
      return el("tr", {}, el("th", { scope: "row" }, this.span(from, to)), ...cells);
    });
    const name = work.told.names.buildings[this.building] || live.say("redraw_building");
    const close = el("button", { type: "button", class: "close", "aria-label": live.say("close"), onclick: () => this.close() }, "×");
    fill(this.root, close, el("h3", {}, name), el("table", {}, el("thead", {}, head), el("tbody", {}, ...rows)));
  }

  private column(door: string, parts: number[]): HTMLElement {
    const mine = parts.filter((part) => (this.told.get(part)![0] || "") === door);
    return el("button", { type: "button", onclick: () => this.put(mine) }, door || this.live.say("redraw_whole_floor"));
  }

  private cell(part: number): HTMLElement {
    const { live, work } = this;
    const unit = work.draft.unit[part];
    const told = work.title(unit) + " · " + live.number(work.draft.columns.households[part]);
    return el("button", { type: "button", class: "floor", colour: work.colour(unit), "data-part": part, onclick: () => this.put([part]) }, el("span", { class: "swatch", colour: work.colour(unit) }), told);
  }

  private span(from: number | null, to: number | null): string {
    if (from === null && to === null) return this.live.say("redraw_all_floors");
    return from === to ? String(from) : (from === null ? "" : from) + "–" + (to === null ? "" : to);
  }
}

function unique(words: string[]): string[] {
  return Array.from(new Set(words)).sort((a, b) => a.localeCompare(b, undefined, { numeric: true }));
}

/** Bands of floors, the highest first as in the house. */
function uniqueFloors(spans: [number | null, number | null][]): [number | null, number | null][] {
  const seen = new Map<string, [number | null, number | null]>();
  for (const span of spans) seen.set(span.join("-"), span);
  return Array.from(seen.values()).sort((a, b) => (b[0] || 0) - (a[0] || 0));
}
