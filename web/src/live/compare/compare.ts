// Two plans side by side: what changes for whom in sentences and tables, the difference on the map, papers for the meeting.
import type Leaflet from "leaflet";
import { el, fill } from "../../dom";
import type { Answer } from "../api";
import type { Live, Mode } from "../live";
import { middleOf, Ring, rowOf, Sketch } from "../sketch";
import { Twin } from "./twin";

const MOVED = "#c2185b";
const BEFORE = "#6a0f6b";
const AFTER = "#0b5394";
const FORMS = ["docx", "pdf", "html"];
const SHOWN = 60;
const VIEWS = ["both", "beside", "before", "after"];

export class Compare implements Mode {
  readonly name = "compare";
  private readonly root = el("div", { class: "compare" });
  private readonly outcome = el("div", { class: "outcome" });
  private sketch: Sketch | null = null;
  private plans: Answer[] = [];
  private before = "";
  private after = "";
  private told: Answer | null = null;
  private view = "both";
  private twin: Twin | null = null;
  private units = true; // whether the map drew the units of the active plan before

  constructor(private readonly live: Live) {}

  open(root: HTMLElement): void {
    const { live } = this;
    fill(root, el("h1", {}, live.say("mode_compare")), el("p", { class: "soft" }, live.say("compare_how")), this.root);
    this.sketch = new Sketch(live);
    void this.load();
  }

  close(): void {
    this.alone();
    if (this.told) this.live.page.desk.show("units", this.units);
    if (this.sketch) this.sketch.close();
    this.sketch = null;
    this.told = null;
    fill(this.outcome);
  }

  private async load(): Promise<void> {
    const told = await this.live.api("/api/agree").catch(() => null);
    this.plans = told ? (told.plans as Answer[]) : [];
    if (this.plans.length < 2) return fill(this.root, el("p", {}, this.live.say("compare_one")));
    const active = this.plans.find((one) => one.active) || this.plans[0];
    const known = (id: string): boolean => this.plans.some((one) => one.plan === id);
    if (!known(this.after)) this.after = active.plan;
    if (!known(this.before) || this.before === this.after) this.before = this.plans.find((one) => one.plan !== this.after)!.plan;
    this.draw();
  }

  private draw(): void {
    const { live } = this;
    const run = el("button", { type: "button", class: "first", onclick: () => void this.run() }, live.say("compare_run"));
    const swap = el("button", { type: "button", onclick: () => this.swap() }, live.say("compare_swap"));
    fill(this.root, this.choice("before"), this.choice("after"), el("div", { class: "buttons" }, run, swap), this.outcome);
  }

  private swap(): void {
    [this.before, this.after] = [this.after, this.before];
    fill(this.outcome);
    this.draw();
  }

  private choice(side: "before" | "after"): HTMLElement {
    const { live } = this;
    const select = el("select", { name: side }, ...this.plans.map((one) => el("option", { value: one.plan }, one.name + " · " + live.say("agree_state_" + one.status) + (one.active ? " · " + live.say("agree_active") : ""))));
    select.value = this[side];
    select.addEventListener("change", () => (this[side] = select.value));
    return el("label", { class: "field" }, el("span", {}, live.say("option_" + side)), select);
  }

  private async run(): Promise<void> {
    fill(this.outcome);
    const done = await this.live.job("beside", { before: this.before, after: this.after }, this.outcome).catch(() => null);
    if (!done || !this.sketch) return;
    const { desk } = this.live.page;
    if (!this.told) this.units = desk.isShown("units");
    desk.show("units", false); // the units of one plan under those of two cannot be read
    this.told = done.result;
    this.result(done.said);
    this.paint();
  }

  private result(said: string[]): void {
    const told = this.told!;
    const changing = (told.units as Answer[]).filter((one) => one.state !== "kept");
    const walks = ((told.walks || []) as Answer[]).filter((one) => one.households_min_before !== null || one.households_min_after !== null);
    fill(
      this.outcome,
      this.tiles(told),
      this.views(),
      el("div", { class: "said" }, ...said.map((text) => el("p", {}, text))),
      this.papers(),
      this.table("units", ["code_before", "code_after", "state_said", "households_before", "households_after", "households_come", "households_go"], changing),
      this.table("gaps", ["title", "people_before", "people_after", "units_before", "units_after"], told.gaps),
      this.table("walks", ["place", "households_min_before", "households_min_after", "elders_min_before", "elders_min_after"], walks),
      this.table("scores", ["term", "before", "after"], told.scores),
    );
  }

  private tiles(told: Answer): HTMLElement {
    const { live } = this;
    const tile = (name: string): HTMLElement | null => {
      const value = told[name];
      if (value === undefined) return null;
      return el("div", {}, el("dd", {}, value === null ? live.say("compare_few") : live.number(value)), el("dt", {}, live.say("compare_" + name)));
    };
    return el("dl", { class: "tiles" }, ...["households_moved", "residents_moved", "age_60_plus_moved", "households_change_worker"].map(tile));
  }

  /** What the map shows: both outlines with what moves, or one of them. */
  private views(): HTMLElement {
    const { live } = this;
    const button = (name: string): HTMLElement =>
      el("button", { type: "button", "aria-pressed": String(this.view === name), "data-view": name, onclick: (event: Event) => this.look(name, event.currentTarget as HTMLElement) }, live.say("compare_view_" + name));
    return el("div", { class: "tabs", role: "group", "aria-label": live.say("compare_views") }, ...VIEWS.map(button));
  }

  private look(name: string, button: HTMLElement): void {
    this.view = name;
    for (const one of Array.from(button.parentElement!.children)) one.setAttribute("aria-pressed", String(one === button));
    this.paint();
  }

  private paint(): void {
    const { sketch, told, view } = this;
    if (!sketch || !told) return;
    sketch.clear();
    if (view !== "beside") this.alone();
    if (view === "beside") return this.beside(told);
    this.moves(sketch);
    if (view !== "after") this.outlines(sketch, told.outlines.before, BEFORE, view === "both" ? "8 5" : undefined);
    if (view !== "before") this.outlines(sketch, told.outlines.after, AFTER);
  }

  /** Lays the second map beside the first, a plan on each; a unit of the same code has the same colour on both. */
  private beside(told: Answer): void {
    const fresh = !this.twin;
    this.twin = this.twin || new Twin(this.live);
    this.twin.sketch.clear();
    this.twin.name(told.plans.before.name, told.plans.after.name);
    const codes = Array.from(new Set([...told.outlines.before, ...told.outlines.after].map((one: Answer) => one.code as string))).sort();
    const { palette } = this.live.page.desk.facts;
    const fill = (code: string): string => palette[codes.indexOf(code) % palette.length];
    this.outlines(this.sketch!, told.outlines.before, BEFORE, undefined, fill);
    this.outlines(this.twin.sketch, told.outlines.after, AFTER, undefined, fill);
    this.moves(this.sketch!);
    this.moves(this.twin.sketch);
    if (fresh) this.seen([...told.outlines.before, ...told.outlines.after]);
  }

  /** Shows these units whole. */
  private seen(rows: Answer[]): void {
    const rings = ([] as Ring[]).concat(...rows.map((one) => (one.rings as Ring[][]).map((rings) => rings[0])));
    const corners = ([] as Ring).concat(...rings);
    if (corners.length) this.live.page.map.fitBounds(corners as Leaflet.LatLngBoundsLiteral, { padding: [30, 30], maxZoom: 18, animate: false });
  }

  private alone(): void {
    if (this.twin) this.twin.close();
    this.twin = null;
  }

  /** The buildings that change unit. */
  private moves(sketch: Sketch): void {
    const { buildings } = this.live.page.desk.tables;
    for (const one of this.told!.buildings as Answer[]) {
      const row = rowOf(buildings, one.building_id);
      if (row >= 0) sketch.area(sketch.ringsOf(buildings, row), { color: MOVED, weight: 1, fillColor: MOVED, fillOpacity: 0.55 });
    }
  }

  private outlines(sketch: Sketch, rows: Answer[], color: string, dashArray?: string, fill?: (code: string) => string): void {
    for (const one of rows) {
      const rings = one.rings as Ring[][];
      if (!rings.length) continue;
      sketch.area(rings, { color, weight: dashArray ? 2.5 : 3, fill: !!fill, fillColor: fill ? fill(one.code) : undefined, fillOpacity: 0.3, dashArray });
      if (this.view !== "both" && rows.length < 200) sketch.sign(middleOf(rings), one.code, "code");
    }
  }

  /** Goes to a unit of the table. */
  private lead(row: Answer): void {
    const { outlines } = this.told!;
    const known = (side: string, id: unknown): Answer | undefined => (outlines[side] as Answer[]).find((one) => one.unit_id === id);
    const found = known("after", row.unit_after) || known("before", row.unit_before);
    if (found) this.seen([found]);
  }

  private papers(): HTMLElement {
    const { live } = this;
    const place = el("div", { class: "files" });
    const make = (step: string, form?: string): HTMLElement => el("button", { type: "button", "data-make": form || step, onclick: () => void this.make(step, form, place) }, form ? live.say("compare_paper_" + form) : live.say("step_" + step));
    return el("div", { class: "papers" }, el("h2", {}, live.say("compare_papers")), el("div", { class: "buttons" }, ...FORMS.map((form) => make("meeting", form)), make("changes")), place);
  }

  private async make(step: string, form: string | undefined, place: HTMLElement): Promise<void> {
    const options: Answer = { before: this.before, after: this.after };
    if (form) options.meeting_form = form;
    const done = await this.live.job(step, options, place).catch(() => null);
    if (done) place.append(...done.files.map((file) => el("a", { class: "file first", href: file.url, download: file.name }, file.name)));
  }

  private table(key: string, columns: string[], rows: Answer[]): HTMLElement | null {
    if (!rows || !rows.length) return null;
    const { live } = this;
    const cell = (value: unknown): string => (value === null || value === undefined ? "–" : typeof value === "number" ? live.number(value, 1) : String(value));
    const cells = (row: Answer): HTMLElement[] => columns.map((name) => el("td", { class: typeof row[name] === "number" ? "number" : "" }, cell(row[name])));
    const line = (row: Answer): HTMLElement => (key === "units" ? el("tr", { class: "leads", tabindex: 0, onclick: () => this.lead(row), onkeydown: (event: Event) => (event as KeyboardEvent).key === "Enter" && this.lead(row) }, ...cells(row)) : el("tr", {}, ...cells(row)));
    const head = el("tr", {}, ...columns.map((name) => el("th", { scope: "col" }, live.say("compare_head_" + name))));
    const more = rows.length > SHOWN ? el("p", { class: "soft" }, live.say("compare_more", { count: rows.length - SHOWN })) : null;
    return el("details", { open: key === "units" }, el("summary", {}, live.say("compare_table_" + key, { count: rows.length })), el("div", { class: "wide-table" }, el("table", {}, el("thead", {}, head), el("tbody", {}, ...rows.slice(0, SHOWN).map(line)))), more);
  }
}
