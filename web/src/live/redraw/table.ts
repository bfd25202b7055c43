// The table of units beside the map: what each holds, its size as a bar against the band, locks, and the chosen ones.
import { el, fill } from "../../dom";
import type { Live } from "../live";
import { isLocked } from "./guard";
import type { Work } from "./work";

const SHOWN = 60;
const AGES = ["age_0_6", "age_7_14", "age_15_59", "age_60_plus", "age_80_plus"];

export interface Picks {
  target: number;
  chosen: Set<number>;
  aim(unit: number): void;
  choose(unit: number, on: boolean): void;
  show(unit: number): void;
  lock(unit: number): void;
}

export class UnitTable {
  readonly root = el("div", { class: "redraw-units" });
  private readonly list = el("tbody");
  private readonly sought = el("input", { type: "search" });
  private readonly which = el("select");
  private readonly more: HTMLButtonElement;
  private readonly rows = new Map<number, HTMLTableRowElement>();
  private recent: number[] = [];
  private shown = SHOWN;

  constructor(
    private readonly live: Live,
    private readonly work: Work,
    private readonly picks: Picks,
  ) {
    this.more = el("button", { type: "button", onclick: () => this.longer() }, live.say("redraw_more_rows"));
    this.sought.addEventListener("input", () => this.fill());
    this.sought.setAttribute("placeholder", live.say("redraw_find"));
    this.sought.setAttribute("aria-label", live.say("redraw_find"));
    this.which.addEventListener("change", () => this.fill());
    this.which.setAttribute("aria-label", live.say("redraw_which"));
    for (const key of ["all", "out", "broken", "locked", "chosen"]) this.which.append(el("option", { value: key }, live.say("redraw_which_" + key)));
    const by = live.say("redraw_by_" + work.told.band.by);
    const heads = ["", live.say("redraw_unit"), by, live.say("redraw_people"), live.say("redraw_houses"), ""];
    const head = el("tr", {}, ...heads.map((text) => el("th", { scope: "col" }, text)));
    this.root.append(el("div", { class: "redraw-filter" }, this.sought, this.which), el("table", {}, el("thead", {}, head), this.list), this.more);
    this.fill();
  }

  /** Draws some rows anew; units that changed come to the top after the one that is drawn with. */
  renew(touched: Set<number>): void {
    const fresh = Array.from(touched).filter((unit) => unit >= 0);
    this.recent = fresh.concat(this.recent.filter((unit) => fresh.indexOf(unit) < 0)).slice(0, 12);
    if (fresh.every((unit) => this.rows.has(unit) && !this.work.draft.units[unit].gone)) fresh.forEach((unit) => this.row(unit));
    else this.fill();
  }

  fill(): void {
    const units = this.wanted();
    this.rows.clear();
    fill(this.list, ...units.slice(0, this.shown).map((unit) => this.row(unit)));
    this.more.hidden = units.length <= this.shown;
  }

  find(): void {
    this.sought.focus();
  }

  private longer(): void {
    this.shown += 200;
    this.fill();
  }

  private wanted(): number[] {
    const { work, picks } = this;
    const text = this.sought.value.trim().toLowerCase();
    const out = (unit: number): boolean => work.draft.outside(unit) !== 0;
    const kept: Record<string, (unit: number) => boolean> = {
      all: () => true,
      out,
      broken: (unit) => work.inPieces().has(unit),
      locked: (unit) => isLocked(work.draft, unit),
      chosen: (unit) => picks.chosen.has(unit),
    };
    const rank = (unit: number): number => (unit === picks.target ? 0 : picks.chosen.has(unit) ? 1 : this.recent.indexOf(unit) >= 0 ? 2 : out(unit) ? 3 : 4);
    const found = work.order().filter((unit) => kept[this.which.value](unit) && (!text || work.title(unit).toLowerCase().indexOf(text) >= 0));
    return found.map((unit): [number, number] => [rank(unit), unit]).sort((a, b) => a[0] - b[0]).map((pair) => pair[1]);
  }

  private row(unit: number): HTMLTableRowElement {
    const { live, work, picks } = this;
    const row = this.rows.get(unit) || el("tr", { "data-unit": work.draft.units[unit].id, title: live.say("redraw_go_there"), onclick: (event: Event) => this.went(event, unit) });
    this.rows.set(unit, row);
    const locked = isLocked(work.draft, unit);
    const chosen = el("input", { type: "checkbox", "aria-label": live.say("redraw_choose", { unit_code: work.title(unit) }) });
    chosen.checked = picks.chosen.has(unit);
    chosen.addEventListener("change", () => picks.choose(unit, chosen.checked));
    const aim = el("button", { type: "button", class: "aim", "aria-pressed": String(unit === picks.target), onclick: () => picks.aim(unit), ondblclick: () => picks.show(unit) }, el("span", { class: "swatch", colour: work.colour(unit) }), work.title(unit));
    const lock = el("button", { type: "button", class: "lock", "aria-pressed": String(locked), title: live.say(locked ? "redraw_unlock" : "redraw_lock"), "aria-label": live.say(locked ? "redraw_unlock" : "redraw_lock") + " " + work.title(unit), onclick: () => picks.lock(unit) }, padlock(locked));
    const { sums, buildings } = work.draft;
    const cells = [el("td", {}, chosen), el("th", { scope: "row" }, aim), this.bar(unit), el("td", { class: "number" }, live.number(sums.residents[unit])), el("td", { class: "number" }, live.number(buildings[unit])), el("td", {}, lock)];
    row.className = (unit === picks.target ? "target " : "") + (work.draft.outside(unit) ? "out" : "");
    fill(row, ...cells);
    return row;
  }

  /** A click on a row, but not on what can be pressed in it, goes to the unit. */
  private went(event: Event, unit: number): void {
    const pressed = (event.target as Element).closest("button, input");
    if (!pressed) this.picks.show(unit);
  }

  /** The size of a unit as a bar, over the band that it should lie in. */
  private bar(unit: number): HTMLElement {
    const { draft } = this.work;
    const { low, high, kind } = draft.units[unit];
    const size = draft.sums.weight[unit];
    const most = Math.max(high * 1.5, 1);
    const at = (value: number): string => Math.min(100, (value / most) * 100).toFixed(1) + "%";
    const side = draft.outside(unit);
    const bar = el("span", { class: "bar" }, el("i", { class: "band" }), el("i", { class: "full" }));
    const [band, full] = Array.from(bar.children) as HTMLElement[];
    band.style.left = at(low);
    band.style.width = at(high - low);
    band.hidden = kind === "exclusive";
    full.style.width = at(size);
    const sign = side < 0 ? "▼" : side > 0 ? "▲" : "";
    const told = side ? this.live.say(side < 0 ? "redraw_below" : "redraw_above", { low, high }) : "";
    return el("td", { class: "size", title: told }, el("b", {}, this.live.number(size)), el("span", { class: "sign", "aria-label": told }, sign), bar);
  }
}

/** What one unit holds, in full: for the unit that is drawn with. */
export function detail(live: Live, work: Work, unit: number): HTMLElement {
  if (unit < 0) return el("p", { class: "soft" }, live.say("redraw_no_target"));
  const { sums, buildings, held, units } = work.draft;
  const rows: [string, string][] = [
    [live.say("redraw_households"), live.number(sums.households[unit])],
    [live.say("redraw_residents"), live.number(sums.residents[unit])],
    [live.say("redraw_buildings"), live.number(buildings[unit])],
    [live.say("redraw_parts"), live.number(held[unit])],
  ];
  if (sums.load[unit] > 0) rows.push([live.say("redraw_load"), live.say("redraw_hours", { hours: live.number(sums.load[unit] / 60, 0) })]);
  const ages = work.ages[units[unit].id];
  for (const age of AGES) if (ages && ages[age] !== undefined) rows.push([live.say("redraw_" + age), live.number(ages[age])]);
  const kind = work.told.kinds.find((one) => one.key === units[unit].exclusive_kind);
  if (kind) rows.push([live.say("redraw_exclusive"), kind.title[live.language]]);
  return el("dl", { class: "redraw-detail" }, ...rows.map(([name, value]) => el("div", {}, el("dt", {}, name), el("dd", {}, value))));
}

function padlock(locked: boolean): SVGSVGElement {
  const space = "http://www.w3.org/2000/svg";
  const drawing = document.createElementNS(space, "svg");
  const path = document.createElementNS(space, "path");
  drawing.setAttribute("viewBox", "0 0 16 16");
  drawing.setAttribute("aria-hidden", "true");
  path.setAttribute("d", locked ? "M3 7h10v7H3zM5 7V5a3 3 0 016 0v2" : "M3 7h10v7H3zM5 7V4a3 3 0 016-1");
  drawing.append(path);
  return drawing;
}
