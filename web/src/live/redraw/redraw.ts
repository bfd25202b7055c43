// Redraw: the mode in which units are drawn anew, with brush, lasso and keys, everything counted while the hand moves.
import L from "leaflet";
import { el, fill } from "../../dom";
import type { Box } from "../../shapes";
import { Refused } from "../api";
import { sections } from "../help";
import type { Live, Mode } from "../live";
import { edgesOf } from "./edges";
import { Floors } from "./floors";
import { Ghost } from "./ghost";
import { fine, isLocked, judge, keepLargest, Moves, movesOf, Verdict } from "./guard";
import { Hand, Tool, TOOLS } from "./hand";
import { Keys, rowsOfKeys } from "./keys";
import { Sheet } from "./sheet";
import { Soon } from "./soon";
import { Strokes } from "./strokes";
import { detail, UnitTable } from "./table";
import { Verbs } from "./verbs";
import { Work } from "./work";

const NEW = "#7a2fb0"; // what a stroke will be that makes a unit

export type Guarding = "keep" | "warn" | "refuse";
export const GUARDS: Guarding[] = ["keep", "warn", "refuse"];
export type Round = "out" | "broken" | "unassigned";

export class Redraw implements Mode {
  readonly name = "redraw";
  guarding: Guarding = "keep";
  target = -1;
  readonly chosen = new Set<number>();
  work!: Work;
  hand: Hand | null = null;
  private sheet: Sheet | null = null;
  private strokes!: Strokes;
  private table!: UnitTable;
  private floors!: Floors;
  ghost!: Ghost;
  verbs!: Verbs;
  private keys: Keys | null = null;
  private fresh: number[] = []; // parts of the stroke that is being drawn
  private readonly barred = new Set<number>(); // locked units that it met
  private only: Set<number> | null = null; // units that are not greyed
  private opened = 0;
  private staying = false;
  private touched = new Set<number>(); // units that changed and are not shown yet
  private readonly soon = new Soon(() => this.count());
  private hidden: { shown: boolean } | null = null;
  private readonly parts: Record<string, HTMLElement> = {};

  constructor(readonly live: Live) {
    live.on("version", () => void (this.sheet && !this.work.waiting && this.again())); // another has changed something
    sections.push(() => ({ title: live.say("mode_redraw"), rows: rowsOfKeys(live) }));
  }

  open(root: HTMLElement): void {
    const turn = ++this.opened;
    const { live } = this;
    fill(root, el("h1", {}, live.say("mode_redraw")), el("p", { class: "soft" }, live.say("redraw_loading")));
    this.hide();
    this.work = this.work || new Work(live, (touched) => this.heard(touched), () => void this.again());
    this.start(root, turn).catch((error: unknown) => {
      fill(root, el("h1", {}, live.say("mode_redraw")), el("p", {}, live.say("redraw_no_plan")));
      if (!(error instanceof Refused)) throw error; // what was refused has been said; a fault of ours is left to rise
    });
  }

  close(): void {
    this.opened++;
    this.drop();
    this.leave();
    if (this.work && this.work.draft && !this.staying) void this.settle();
  }

  // laid out ---------------------------------------------------------------------------------------------------------
  private async start(root: HTMLElement, turn: number): Promise<void> {
    await this.work.load();
    const edges = await edgesOf(this.work.shapes);
    if (turn !== this.opened) return;
    this.touched = new Set();
    const { live, work } = this;
    const { map, desk } = live.page;
    const known = (unit: number): boolean => unit < work.draft.units.length;
    const look = { colourOf: (unit: number) => (known(unit) ? work.colour(unit) : NEW), title: (unit: number) => (known(unit) ? work.title(unit) : "+"), greyed: (unit: number) => this.only !== null && !this.only.has(unit), target: () => this.target };
    this.sheet = new Sheet(work.draft, work.shapes, edges, desk.origin, look);
    this.strokes = new Strokes(work.draft, work.shapes);
    this.ghost = new Ghost(live, work, { ghost: (moves) => this.shade(moves), take: (parts, to) => this.taken(parts, to), see: (units) => this.see(units), done: () => this.bar() });
    this.verbs = new Verbs(live, this);
    this.hand = new Hand(map, this.sheet, this.strokes, this);
    this.hand.resize(0);
    this.table = new UnitTable(live, work, this);
    this.floors = new Floors(live, work, (parts) => this.finish(parts), () => this.table.find());
    this.keys = new Keys(this);
    if (this.target >= work.draft.units.length || (this.target >= 0 && work.draft.units[this.target].gone)) this.target = -1;
    this.sheet.addTo(map);
    this.lay(root);
    document.body.setAttribute("data-redraw", "ready");
  }

  private lay(root: HTMLElement): void {
    const { live, parts } = this;
    for (const name of ["tools", "state", "target", "rounds"]) parts[name] = el("div", { class: "redraw-" + name });
    parts.verdict = el("div", { class: "redraw-verdict", role: "alert", hidden: true });
    fill(root, el("h1", {}, live.say("mode_redraw")), parts.tools, parts.verdict, this.ghost.root, this.floors.root, parts.state, parts.rounds, parts.target, this.verbs.root, this.table.root);
    this.bar();
    this.state();
  }

  /** The tools, the size of the brush and what is done where a unit would fall into pieces. */
  bar(): void {
    const { live, hand, parts } = this;
    if (!hand) return;
    const tools = TOOLS.map((tool, at) => el("button", { type: "button", "data-tool": tool, "aria-pressed": String(tool === hand.tool), title: live.say("redraw_tool_" + tool) + " (" + (at + 1) + ")", onclick: () => this.use(tool) }, live.say("redraw_tool_" + tool)));
    const sized = hand.tool === "brush" || hand.tool === "eraser";
    const size = (step: number, text: string): HTMLElement => el("button", { type: "button", disabled: !sized, "aria-label": live.say(step < 0 ? "redraw_smaller" : "redraw_larger"), onclick: () => this.resize(step) }, text);
    const line = hand.tool === "line" ? el("button", { type: "button", class: "first", onclick: () => hand.finishLine() }, live.say("redraw_cut")) : null;
    const guard = el("select", { "aria-label": live.say("redraw_guard") }, ...GUARDS.map((one) => el("option", { value: one, selected: one === this.guarding }, live.say("redraw_guard_" + one))));
    guard.addEventListener("change", () => (this.guarding = guard.value as Guarding));
    const about = el("p", { class: "soft" }, live.say("redraw_tool_" + hand.tool + "_about"));
    fill(parts.tools, el("div", { class: "tools", role: "toolbar", "aria-label": live.say("redraw_tools") }, ...tools), about, el("div", { class: "sizes" }, size(-1, "−"), el("span", {}, live.say("redraw_size", { size: hand.radius * 2 })), size(1, "+"), line), el("label", { class: "guard" }, live.say("redraw_guard"), guard));
  }

  private state(): void {
    const { live, work, parts } = this;
    const { told, draft } = work;
    const out = work.order().filter((unit) => draft.outside(unit)).length;
    const counts: [Round, number][] = [["out", out], ["broken", work.inPieces().size], ["unassigned", told.unassigned]];
    const rounds = counts.map(([name, count]) => el("button", { type: "button", "data-round": name, class: count ? "some" : "none", disabled: !count, onclick: () => this.next(name) }, el("b", {}, live.number(count)), " ", live.say("redraw_" + name)));
    const all = this.only ? el("button", { type: "button", onclick: () => this.light(null) }, live.say("redraw_all_light")) : null;
    const { band } = told;
    const source = band.source ? band.source[live.language] : live.say("redraw_own_band");
    const rule = el("p", { class: "rule" }, live.say("redraw_band", { low: band.low, high: band.high, by: live.say("redraw_by_" + band.by) }), el("small", {}, source));
    const turn = (name: "undo" | "redo", count: number): HTMLElement => el("button", { type: "button", disabled: !count, onclick: () => void this.turn(name) }, live.say("redraw_" + name, { count }));
    const saved = el("span", { class: "saved", role: "status" }, live.say(work.waiting ? "redraw_saving" : "redraw_saved"));
    fill(parts.state, turn("undo", work.turns[0]), turn("redo", work.turns[1]), saved);
    fill(parts.rounds, rule, ...rounds, all);
    this.aimed();
  }

  aimed(): void {
    const { live, work, parts, target } = this;
    const title = target < 0 ? live.say("redraw_draw_with_none") : live.say("redraw_draw_with", { unit_code: work.title(target) });
    fill(parts.target, el("h2", {}, target < 0 ? null : el("span", { class: "swatch", colour: work.colour(target) }), title), detail(live, work, target));
    this.verbs.draw();
  }

  // the hand (Holds) ---------------------------------------------------------------------------------------------------
  founding = false; // the next stroke makes a new unit

  begin(): boolean {
    if (!this.hand || this.ghost.open) return false;
    this.fresh = [];
    this.barred.clear();
    if (this.target >= 0 || this.founding || this.hand.tool === "eraser") return true;
    this.live.notices.done(this.live.say("redraw_first_target"));
    return false;
  }

  preview(parts: number[]): void {
    const { draft } = this.work;
    const sheet = this.sheet!;
    const fresh: number[] = [];
    for (const part of parts) {
      const to = this.goes(part);
      if (sheet.pending.has(part) || to < 0 || draft.unit[part] === to) continue;
      if (isLocked(draft, draft.unit[part]) && !this.founding) {
        this.barred.add(draft.unit[part]);
        continue;
      }
      sheet.pending.set(part, to);
      fresh.push(part);
    }
    this.fresh.push(...fresh);
    sheet.renew(fresh);
  }

  /** What is painted already stays so where the stroke stands: only what does not is painted back. */
  end(): void {
    const parts = this.fresh;
    const sheet = this.sheet!;
    const shown = Array.from(sheet.pending.keys());
    sheet.pending.clear();
    this.fresh = [];
    if (!parts.length && this.barred.size) this.say({ locked: Array.from(this.barred), foreign: [], empty: [], broken: [], cut: [], nothing: false });
    this.finish(parts);
    sheet.renew(shown);
  }

  drop(): void {
    if (!this.sheet || this.ghost.open) return;
    const parts = Array.from(this.sheet.pending.keys());
    this.sheet.pending.clear();
    this.fresh = [];
    this.sheet.renew(parts);
  }

  take(part: number): void {
    if (this.floors.several(part)) this.floors.open(part);
    this.aim(this.work.draft.unit[part]);
  }

  whole(part: number): void {
    if (this.begin()) this.finish(this.strokes.whole(part));
  }

  cut(line: [number, number][]): void {
    if (this.target < 0) return void this.live.notices.done(this.live.say("redraw_first_target"));
    const { origin } = this.live.page.desk;
    const degrees = line.map(([x, y]) => origin.degrees(x, y));
    void this.command("split", { unit: this.work.draft.units[this.target].id, line: degrees });
  }

  private goes(part: number): number {
    const { draft } = this.work;
    if (this.hand!.tool === "eraser") {
      const former = draft.columns.origin[part];
      return former >= 0 && !draft.units[former].gone ? former : -1;
    }
    return this.founding ? draft.units.length : this.target; // a place that no unit has yet
  }

  /** The end of a stroke: the guard looks at it, then it stands or does not. */
  finish(given: number[]): void {
    const begun = performance.now();
    const { draft } = this.work;
    const parts = Array.from(new Set(given));
    if (!parts.length) return;
    if (this.founding) return this.found(parts);
    const free = parts.filter((part) => draft.unit[part] < 0 || !isLocked(draft, draft.unit[part]));
    const moves = movesOf(free.filter((part) => this.goes(part) >= 0), (part) => this.goes(part));
    this.stroke(moves, begun);
  }

  private stroke(moves: Moves, begun = performance.now(), target = this.target): void {
    this.say(null);
    const verdict = judge(this.work.draft, moves);
    if (verdict.nothing) return;
    let sure: Moves | null = fine(verdict) ? moves : null;
    const pieces = verdict.broken.length > 0 && !verdict.locked.length && !verdict.foreign.length && !verdict.empty.length;
    if (!sure && pieces && this.guarding === "keep") sure = keepLargest(this.work.draft, moves, target);
    if (!sure) return this.say(verdict, this.guarding === "refuse" ? null : moves);
    this.make(sure, false);
    performance.measure("redraw-stroke", { start: begun, end: performance.now(), detail: sure.parts.length });
    if (sure.parts.length !== moves.parts.length) this.live.notices.done(this.live.say("redraw_kept", { asked: moves.parts.length, made: sure.parts.length }));
  }

  private make(moves: Moves, force: boolean): void {
    this.work.stroke(moves, force);
    this.sheet!.renew(moves.parts);
  }

  /** Says which rule a stroke would break; with moves it can be made all the same. */
  say(verdict: Verdict | null, moves: Moves | null = null): void {
    const { live, work, parts } = this;
    if (!parts.verdict) return;
    parts.verdict.hidden = verdict === null;
    if (verdict === null) return;
    const names = (units: number[]): string => units.slice(0, 4).map((unit) => work.title(unit)).join(live.language === "zh" ? "、" : ", ");
    const told: string[] = [];
    if (verdict.locked.length) told.push(live.say("redraw_is_locked", { unit_codes: names(verdict.locked) }));
    if (verdict.foreign.length) told.push(live.say("redraw_is_foreign", { count: verdict.foreign.length }));
    if (verdict.empty.length) told.push(live.say("redraw_is_empty", { unit_codes: names(verdict.empty) }));
    if (verdict.broken.length) told.push(live.say("redraw_is_broken", { unit_codes: names(verdict.broken), count: verdict.cut.length }));
    const anyway = moves ? el("button", { type: "button", onclick: () => { this.say(null); this.make(moves, true); } }, live.say("redraw_anyway")) : null;
    fill(parts.verdict, ...told.map((text) => el("p", {}, text)), anyway, el("button", { type: "button", onclick: () => this.say(null) }, live.say("redraw_leave")));
  }

  // edits by the desk --------------------------------------------------------------------------------------------------
  async command(path: string, body: Record<string, unknown> = {}): Promise<boolean> {
    this.say(null);
    const answer = await this.work.command(path, body);
    if (!answer) return false;
    for (const line of (answer.said as string[]).slice(0, 2)) this.live.notices.speak(line);
    for (const line of answer.warnings as string[]) this.live.notices.done(line);
    if (this.target >= 0 && this.work.draft.units[this.target].gone) this.aim(-1);
    this.sheet?.all();
    this.table.fill();
    return true;
  }

  async turn(way: "undo" | "redo"): Promise<void> {
    if (this.work.turns[way === "undo" ? 0 : 1] || this.work.waiting) await this.command(way);
  }

  private found(parts: number[]): void {
    this.founding = false;
    this.aimed();
    void this.command("found", { parts, force: false }).then((made) => made && this.aim(this.work.draft.units.length - 1));
  }

  beginNew(): void {
    this.founding = !this.founding;
    this.live.notices.done(this.live.say(this.founding ? "redraw_new_unit_how" : "redraw_new_unit_off"));
  }

  lock(unit: number): void {
    this.verbs.lock(unit);
  }

  // choices (Picks) ----------------------------------------------------------------------------------------------------
  use(tool: Tool): void {
    this.hand!.use(tool);
    this.bar();
  }

  resize(step: number): void {
    this.hand!.resize(step);
    this.bar();
  }

  aim(unit: number): void {
    this.target = unit;
    this.founding = false;
    this.table.fill();
    this.aimed();
    this.sheet!.all();
    if (unit >= 0) this.live.notices.speak(this.live.say("redraw_draw_with", { unit_code: this.work.title(unit) }));
  }

  choose(unit: number, on: boolean): void {
    if (on) this.chosen.add(unit);
    else this.chosen.delete(unit);
    this.aimed();
  }

  show(unit: number): void {
    this.fit(this.work.box([unit]), true);
  }

  /** Brings units onto the map where they are not all seen. */
  private see(units: string[]): void {
    this.fit(this.work.box(units.map((one) => this.work.draft.place.get(one)!)), false);
  }

  private fit(box: Box | null, always: boolean): void {
    if (!box) return;
    const { desk, map } = this.live.page;
    const [west, south] = desk.origin.degrees(box[0], box[3]);
    const [east, north] = desk.origin.degrees(box[2], box[1]);
    const bounds = L.latLngBounds([south, west], [north, east]);
    if (always || !map.getBounds().contains(bounds)) map.fitBounds(bounds, { padding: [60, 60], maxZoom: 18 });
  }

  /** Goes to the next unit that is out of its band or in pieces, with the rest greyed. */
  next(round: Round): void {
    const { work } = this;
    const broken = round === "broken" ? work.inPieces() : null;
    const found = work.order().filter((unit) => (broken ? broken.has(unit) : round === "out" && work.draft.outside(unit) !== 0));
    if (!found.length) return this.light(null);
    const unit = found[(found.indexOf(this.target) + 1) % found.length];
    this.only = new Set(found);
    this.aim(unit);
    this.state();
    this.show(unit);
  }

  light(units: Set<number> | null): void {
    this.only = units;
    this.sheet!.all();
    this.state();
  }

  seek(): void {
    this.table.find();
  }

  escape(): void {
    if (this.ghost.open) this.ghost.close();
    this.hand!.drop();
    this.founding = false;
    this.say(null);
    this.light(null);
  }

  // heard --------------------------------------------------------------------------------------------------------------
  private heard(touched: Set<number>): void {
    touched.forEach((unit) => this.touched.add(unit));
    this.soon.book();
  }

  /** Shows what became of units: after the frame that shows the stroke, for a table takes longer than its ground. */
  private count(): void {
    const touched = this.touched;
    this.touched = new Set();
    if (!this.sheet) return;
    this.table.renew(touched);
    this.floors.draw();
    this.state();
  }

  private shade(moves: Map<number, number>): void {
    const sheet = this.sheet!;
    const former = Array.from(sheet.pending.keys());
    sheet.pending = moves;
    sheet.renew([...former, ...Array.from(moves.keys())]);
  }

  private taken(parts: number[], to: number[]): void {
    const at = new Map(parts.map((part, place): [number, number] => [part, to[place]]));
    this.stroke(movesOf(parts, (part) => at.get(part)!), performance.now(), -1);
  }

  /** The desk has another state than the page: shows it. */
  private async again(): Promise<void> {
    if (document.body.getAttribute("data-mode") !== this.name) return;
    this.staying = true; // what follows from strokes is drawn when the hand leaves
    this.live.rail.go(this.name);
    this.staying = false;
  }

  private hide(): void {
    const { desk } = this.live.page;
    if (this.hidden) return;
    this.hidden = { shown: desk.isShown("units") };
    desk.taker = () => undefined;
    desk.show("units", false);
    desk.choose(null);
  }

  private leave(): void {
    const { desk, map } = this.live.page;
    if (this.keys) this.keys.close();
    if (this.hand) this.hand.close();
    if (this.sheet) map.removeLayer(this.sheet);
    this.keys = this.hand = this.sheet = null;
    this.only = null;
    if (this.hidden) {
      desk.taker = null;
      desk.show("units", this.hidden.shown);
    }
    this.hidden = null;
    document.body.removeAttribute("data-redraw");
  }

  private async settle(): Promise<void> {
    await this.work.idle();
    const answer = await this.live.quietly("/api/redraw/settle", {}).catch(() => null);
    if (answer && answer.settled) await this.live.refresh();
  }
}
