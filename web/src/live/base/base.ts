// Base data by hand: buildings drawn, divided, put together, described and numbered; walls, gates, compounds, boundaries;
// what the map offers. Every change is saved at once and can be taken back; the ground is divided anew when that is asked.
import type Leaflet from "leaflet";
import { el, fill } from "../../dom";
import type { Answer } from "../api";
import type { Live, Mode } from "../live";
import { Form, Pen } from "../pen";
import { Ring, rowAt, Sketch } from "../sketch";
import { Chosen } from "./chosen";
import { Numbers } from "./numbers";
import { Offers } from "./offers";
import { Scan } from "./scan";

type Corners = [number, number][];

/** One thing to do: what it shows in the panel, and what a click on the map does. */
export interface Tool {
  root: HTMLElement;
  begin(): void;
  end(): void;
  take?(building: Answer, place: Leaflet.LatLng): void;
  undone?(): void; // the last change was taken back
}

const GROUPS: [string, string[]][] = [
  ["buildings", ["choose", "number", "add_point", "add_box", "add_area"]],
  ["lines", ["wall", "gate", "compound", "boundary"]],
  ["map", ["offers"]],
];
const BLUE = "#0b5394";
const NEW = "#00695c";
const GONE = "#8c2f08";

export class Base implements Mode {
  readonly name = "base";
  sketch: Sketch | null = null;
  state: Answer = { drawn: [], uses: [], walls: [], kinds: [], communities: [] };
  private pen: Pen | null = null;
  private tool = "choose";
  private shown: Tool | null = null;
  private changed = false; // whether the map's packs are older than what was done here
  private readonly top = el("div", { class: "base-top" });
  private readonly tools = el("div", { class: "base-tools" });
  private readonly stage = el("div", { class: "base-stage" });
  private drawn: Leaflet.Layer[] = [];
  private marks: Leaflet.Layer[] = [];

  constructor(readonly live: Live) {
    live.on("version", () => this.sketch && void this.look());
  }

  open(root: HTMLElement): void {
    fill(root, el("h1", {}, this.live.say("mode_base")), this.top, this.tools, this.stage);
    this.sketch = new Sketch(this.live);
    this.pen = new Pen(this.live, this.sketch, () => this.listen());
    void this.look().then(() => this.go(this.tool));
  }

  close(): void {
    this.leave();
    if (this.sketch) this.sketch.close();
    this.sketch = this.pen = null;
    this.drawn = [];
    this.marks = [];
    if (this.changed) void this.live.refresh();
    this.changed = false;
  }

  /** Asks what stands, and shows it above the tools. */
  private async look(): Promise<void> {
    this.state = await this.live.api("/api/base").catch(() => this.state);
    this.head();
    this.paint();
  }

  private head(): void {
    const { live, state } = this;
    const undo = el("button", { type: "button", "data-do": "undo", disabled: !state.edits, onclick: () => void this.send("undo", {}) }, live.say("base_undo", { action: state.last || "" }));
    const place = el("div", {});
    const again = el("button", { type: "button", class: "first", "data-do": "ground", onclick: () => void this.ground(place) }, live.say("base_again"));
    fill(this.top, state.stale ? el("div", { class: "stale", role: "status" }, el("p", {}, live.say("base_is_stale")), again, place) : null, state.edits ? undo : null);
  }

  private async ground(place: HTMLElement): Promise<void> {
    const done = await this.live.job("ground", {}, place).catch(() => null);
    if (!done) return;
    for (const text of done.said.slice(0, 3)) this.live.notices.done(text);
    this.changed = false;
    this.clear();
    await this.live.refresh();
    await this.look();
  }

  /** Draws what was drawn by hand. */
  private paint(): void {
    const { sketch } = this;
    if (!sketch) return;
    for (const one of this.drawn) sketch.remove(one);
    this.drawn = (this.state.drawn as Answer[]).map((one) => {
      const lines = one.lines as Ring[];
      if (one.what === "compound") return sketch.area(lines.map((line) => [line]), { color: NEW, weight: 2, fillOpacity: 0.06, fillColor: NEW });
      if (one.what === "entrance") return sketch.sign(lines[0][0], "⛩", "gate");
      return sketch.line(lines, { color: GONE, weight: 4 });
    });
  }

  // tools -------------------------------------------------------------------------------------------------------------
  go(tool: string): void {
    this.leave();
    this.tool = tool;
    this.bar();
    this.shown = this.made(tool);
    fill(this.stage, this.shown ? this.shown.root : this.form(tool));
    if (this.shown) this.shown.begin();
    this.listen();
    if (tool.indexOf("add_") === 0) this.draw(tool === "add_point" ? "point" : tool === "add_box" ? "box" : "area");
    if (tool === "gate") this.draw("point");
    if (tool === "wall") this.draw("line");
    if (tool === "compound") this.draw("area");
  }

  private leave(): void {
    if (this.pen) this.pen.stop();
    if (this.shown) this.shown.end();
    this.shown = null;
    this.live.page.desk.taker = null;
  }

  private bar(): void {
    const { live } = this;
    const button = (name: string): HTMLElement => el("button", { type: "button", "data-tool": name, "aria-pressed": String(name === this.tool), onclick: () => this.go(name) }, live.say("base_tool_" + name), name === "offers" && this.state.offers ? el("small", {}, String(this.state.offers)) : null);
    fill(this.tools, ...GROUPS.map(([group, names]) => el("div", { role: "group", "aria-label": live.say("base_group_" + group) }, el("h3", {}, live.say("base_group_" + group)), ...names.map(button))));
  }

  private made(tool: string): Tool | null {
    if (tool === "choose") return new Chosen(this);
    if (tool === "number") return new Numbers(this);
    if (tool === "offers") return new Offers(this);
    return tool === "boundary" ? new Scan(this) : null;
  }

  /** Lets clicks on the map go to the tool, with the building that stands there. */
  private listen(): void {
    const { desk } = this.live.page;
    if (!this.shown || !this.shown.take || (this.pen && this.pen.busy)) return;
    desk.taker = (event: { latlng: Leaflet.LatLng }) => void this.clicked(event.latlng);
  }

  private async clicked(place: Leaflet.LatLng): Promise<void> {
    const row = rowAt(this.live, "buildings", place);
    const id = row < 0 ? null : this.live.page.desk.tables.buildings.text("id", row);
    const asked = id ? this.live.quietly("/api/base/facts", { buildings: [id] }) : this.live.quietly("/api/base/at", { at: [place.lng, place.lat] });
    const told = await asked.catch(() => ({ buildings: [] }) as Answer);
    let found = (told.buildings as Answer[])[0];
    if (found && found.status === "demolished") found = (await this.live.quietly("/api/base/at", { at: [place.lng, place.lat] })).buildings[0];
    if (found && this.shown && this.shown.take) this.shown.take(found, place);
  }

  draw(form: Form, done?: (corners: Corners) => void): void {
    this.pen!.begin(form, done || ((corners) => void this.finished(form, corners)));
  }

  // what is drawn -----------------------------------------------------------------------------------------------------
  /** The fields that go with something drawn: a kind, a name, households. */
  private form(tool: string): HTMLElement {
    const { live, state } = this;
    const fields: HTMLElement[] = [el("p", { class: "hint" }, live.say("base_how_" + tool))];
    if (tool === "wall") fields.push(this.choice("kind", state.walls, "wall"));
    if (tool === "compound") fields.push(this.line("name", "text"), this.choice("kind", state.kinds, "residential"), this.line("households", "number"));
    if (tool.indexOf("add_") === 0) fields.push(this.line("households", "number"), this.line("levels", "number"), this.choice("use", [["", live.say("not_said")], ...state.uses]));
    return el("div", { class: "desk-form" }, ...fields, this.removable(tool));
  }

  private line(name: string, type: string): HTMLElement {
    return el("label", { class: "field" }, el("span", {}, this.live.say("base_field_" + name)), el("input", { name, type, min: type === "number" ? 0 : null, maxlength: 60 }));
  }

  private choice(name: string, options: [string, string][], start = ""): HTMLElement {
    const select = el("select", { name }, ...options.map(([value, title]) => el("option", { value }, title)));
    if (start) select.value = start;
    return el("label", { class: "field" }, el("span", {}, this.live.say("base_field_" + name)), select);
  }

  private removable(tool: string): HTMLElement | null {
    const { live } = this;
    const what = tool === "wall" ? "barrier" : tool === "gate" ? "entrance" : tool;
    const rows = (this.state.drawn as Answer[]).filter((one) => one.what === what);
    if (!rows.length) return null;
    const line = (one: Answer): HTMLElement => el("li", {}, one.name || one.id, el("button", { type: "button", onclick: () => void this.send("remove", { what, id: one.id }).then(() => this.go(tool)) }, live.say("base_remove")));
    return el("div", {}, el("h3", {}, live.say("base_drawn")), el("ul", { class: "drawn" }, ...rows.map(line)));
  }

  private read(name: string): string {
    const field = this.stage.querySelector<HTMLInputElement>('[name="' + name + '"]');
    return field ? field.value.trim() : "";
  }

  private async finished(form: Form, corners: Corners): Promise<void> {
    const { tool } = this;
    const number = (name: string): number | null => (this.read(name) === "" ? null : Number(this.read(name)));
    let done: Answer | null = null;
    if (tool.indexOf("add_") === 0) {
      const facts: Answer = {};
      for (const name of ["households", "levels"]) if (number(name) !== null) facts[name] = number(name);
      if (this.read("use")) facts.use = this.read("use");
      done = await this.send("add", form === "point" ? { at: corners[0], facts } : { ring: corners, facts });
    } else if (tool === "wall") done = await this.send("wall", { line: corners, kind: this.read("kind") });
    else if (tool === "gate") done = await this.send("gate", { at: corners[0] });
    else if (tool === "compound") done = await this.send("compound", { ring: corners, name: this.read("name"), kind: this.read("kind"), households: number("households") });
    if (done && Array.isArray(done.buildings)) this.outline(done.buildings as Answer[]);
    if (this.tool === tool && this.sketch) this.draw(form);
  }

  /** Draws buildings as they are now, before the packs of the map know them. */
  outline(rows: Answer[]): void {
    for (const one of rows) {
      const gone = one.status === "demolished";
      this.marks.push(this.sketch!.area(one.rings as Ring[][], gone ? { color: GONE, weight: 2, dashArray: "3 3", fillOpacity: 0.08, fillColor: GONE } : { color: NEW, weight: 2, fillOpacity: 0.4, fillColor: NEW }));
    }
  }

  private clear(): void {
    for (const one of this.marks) this.sketch!.remove(one);
    this.marks = [];
  }

  /** Sends a change, says what was done and asks what stands now; null where it was refused. */
  async send(path: string, body: Answer): Promise<Answer | null> {
    const { live } = this;
    try {
      const done = await live.api("/api/base/" + path, body);
      for (const text of ((done.warnings as string[]) || []).concat(done.said[0] || [])) live.notices.done(text);
      this.changed = true;
      if (path === "undo") this.clear();
      if (path === "undo" && this.shown && this.shown.undone) this.shown.undone();
      await this.look();
      return done;
    } catch (error) {
      return null;
    }
  }
}

export const CHOSEN = { color: BLUE, weight: 3, fillOpacity: 0.3, fillColor: BLUE };
