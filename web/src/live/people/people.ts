// Who answers for which unit: people dragged onto units, or picked up and put down by clicks and keys; proposals with
// their reasons, accepted one by one or all; the map coloured by person. People stand by role and name, never by work.
import { el, fill } from "../../dom";
import type { Answer } from "../api";
import type { Live, Mode } from "../live";
import { rowAt, Sketch } from "../sketch";
import { PeopleMap } from "./ground";

const SHOWN = 60; // rows of a list at first: a city part has hundreds
const CARRIED = "text/x-govmap-worker";

export class People implements Mode {
  readonly name = "people";
  private readonly root = el("div", { class: "people" });
  private told: Answer = { posts: [], workers: [] };
  private post = "";
  private held: string | null = null; // the person who is picked up
  private readonly picked = new Set<string>(); // units that are chosen
  private readonly sought = el("input", { type: "search", name: "find" });
  private drawn: Record<string, number> = {}; // how many rows of each list are drawn
  private ground: PeopleMap | null = null;
  private readonly over = (event: DragEvent): void => this.dragged(event);
  private readonly dropped = (event: DragEvent): void => this.drop(event);

  constructor(private readonly live: Live) {
    this.sought.addEventListener("input", () => this.draw());
  }

  open(root: HTMLElement): void {
    const { live } = this;
    const { map, desk } = live.page;
    fill(root, el("h1", {}, live.say("mode_people")), el("p", { class: "soft" }, live.say("people_how")), this.root);
    this.ground = new PeopleMap(live, new Sketch(live));
    map.getContainer().addEventListener("dragover", this.over);
    map.getContainer().addEventListener("drop", this.dropped);
    desk.taker = (event) => this.clicked(rowAt(live, "units", event.latlng));
    fill(this.root, el("p", { class: "soft" }, live.say("working"))); // what stood here may be so no longer
    void this.load();
  }

  close(): void {
    const { map, desk } = this.live.page;
    map.getContainer().removeEventListener("dragover", this.over);
    map.getContainer().removeEventListener("drop", this.dropped);
    desk.taker = null;
    if (this.ground) this.ground.close();
    this.ground = null;
    this.held = null;
    this.picked.clear();
  }

  private async load(): Promise<void> {
    try {
      this.told = await this.live.api("/api/people");
    } catch (error) {
      return fill(this.root, el("p", { class: "soft" }, this.live.say("people_no_plan")));
    }
    const posts = this.told.posts as Answer[];
    if (!posts.some((one) => one.post === this.post)) this.post = posts.length ? posts[posts.length - 1].post : "";
    this.draw();
  }

  private get shown(): Answer {
    return (this.told.posts as Answer[]).find((one) => one.post === this.post) || { units: [], vacant: [] };
  }

  /** Sends a change and shows what is so now. */
  private async send(path: string, body: Answer): Promise<void> {
    const { live } = this;
    try {
      const done = await live.api("/api/people/" + path, body);
      for (const text of done.said) live.notices.done(text);
      this.picked.clear();
      await this.load();
    } catch (error) {
      return undefined;
    }
  }

  private give(worker: string, units: string[], deputy = false): void {
    if (units.length) void this.send("give", { worker, units, post: this.post, deputy });
  }

  // the map -----------------------------------------------------------------------------------------------------------
  private clicked(row: number): void {
    if (row < 0) return;
    const code = this.live.page.desk.tables.units.text("code", row) || "";
    const unit = (this.shown.units as Answer[]).find((one) => one.code === code);
    if (!unit) return this.live.notices.done(this.live.say("people_other_level"));
    if (this.held) return this.give(this.held, [unit.unit_id]);
    this.toggle(unit.unit_id);
  }

  private toggle(unit: string): void {
    if (!this.picked.delete(unit)) this.picked.add(unit);
    this.draw();
    const row = this.root.querySelector('[data-unit="' + unit + '"]');
    if (row) row.scrollIntoView({ block: "nearest" });
  }

  private dragged(event: DragEvent): void {
    if (!event.dataTransfer || Array.prototype.indexOf.call(event.dataTransfer.types, CARRIED) < 0) return;
    event.preventDefault();
    const place = this.live.page.map.mouseEventToLatLng(event);
    this.ground!.over(rowAt(this.live, "units", place));
  }

  private drop(event: DragEvent): void {
    const worker = event.dataTransfer ? event.dataTransfer.getData(CARRIED) : "";
    if (!worker) return;
    event.preventDefault();
    this.ground!.over(-1);
    const row = rowAt(this.live, "units", this.live.page.map.mouseEventToLatLng(event));
    const code = row < 0 ? null : this.live.page.desk.tables.units.text("code", row);
    const unit = (this.shown.units as Answer[]).find((one) => one.code === code);
    if (unit) this.give(worker, [unit.unit_id]);
  }

  // the lists ---------------------------------------------------------------------------------------------------------
  private draw(): void {
    const { live, told } = this;
    const workers = (told.workers as Answer[]).filter((one) => one.post === this.post);
    const units = this.shown.units as Answer[];
    const others = (told.workers as Answer[]).filter((one) => one.post !== this.post).length;
    if (this.ground) this.ground.draw(this.shown, workers, this.picked);
    const held = this.focused();
    fill(
      this.root,
      this.posts(),
      this.proposals(),
      this.finder(Math.max(workers.length, units.length)),
      el("h2", {}, live.say("people_people", { count: workers.length })),
      workers.length ? el("p", { class: "hint" }, live.say(this.held ? "people_put_down" : "people_pick_up")) : el("p", { class: "soft" }, live.say(others ? "people_nobody" : "people_none", { count: others })),
      this.list("workers", workers.filter((one) => this.fits(one.name)), (one) => this.worker(one)),
      el("h2", {}, live.say("people_units", { count: this.shown.units.length, vacant: this.shown.vacant.length })),
      this.bulk(workers),
      this.list("units", units.filter((one) => this.fits(one.code + " " + (one.name || "")) || this.picked.has(one.unit_id)), (one) => this.unit(one), (one) => this.picked.has(one.unit_id)),
    );
    const again = held ? this.root.querySelector<HTMLElement>(held) : null;
    if (again) again.focus({ preventScroll: true });
  }

  /** Where the keyboard stands, as a selector that finds it again in lists drawn anew. */
  private focused(): string | null {
    const active = document.activeElement;
    if (!active || !this.root.contains(active)) return null;
    if (active === this.sought) return '[name="find"]';
    for (const name of ["data-worker", "data-post"]) if (active.hasAttribute(name)) return "[" + name + '="' + active.getAttribute(name) + '"]';
    const unit = active.closest("[data-unit]");
    return unit ? '[data-unit="' + unit.getAttribute("data-unit") + '"] input' : null;
  }

  /** A field to find a person or a unit, where there are more than one sees at once. */
  private finder(most: number): HTMLElement | null {
    if (most <= SHOWN / 4) return null;
    this.sought.placeholder = this.live.say("people_find");
    this.sought.setAttribute("aria-label", this.live.say("people_find"));
    return el("div", { class: "find" }, this.sought);
  }

  private fits(text: string): boolean {
    return text.toLowerCase().indexOf(this.sought.value.trim().toLowerCase()) >= 0;
  }

  /** The first rows of a list, those that must be seen, and a button for more. */
  private list(name: string, rows: Answer[], row: (one: Answer) => HTMLElement, always: (one: Answer) => boolean = () => false): HTMLElement {
    const most = this.drawn[name] || SHOWN;
    const seen = rows.filter((one, at) => at < most || always(one));
    const more = (): void => {
      this.drawn[name] = most * 4;
      this.draw();
    };
    const rest = rows.length - seen.length;
    return el("ul", { class: name }, ...seen.map(row), rest ? el("li", {}, el("button", { type: "button", class: "more", onclick: more }, this.live.say("people_more", { count: rest }))) : null);
  }

  private posts(): HTMLElement {
    const posts = this.told.posts as Answer[];
    const button = (one: Answer): HTMLElement =>
      el("button", { type: "button", "data-post": one.post, "aria-pressed": String(one.post === this.post), onclick: () => this.choose(one.post) }, one.title, one.vacant.length ? el("small", { class: "vacant" }, String(one.vacant.length)) : null);
    return el("div", { class: "tabs", role: "group", "aria-label": this.live.say("people_posts") }, ...posts.map(button));
  }

  private choose(post: string): void {
    this.post = post;
    this.held = null;
    this.picked.clear();
    this.draw();
  }

  private proposals(): HTMLElement {
    const { live } = this;
    const open = (this.shown.units as Answer[]).filter((one) => one.held.some((duty: Answer) => duty.state === "proposed")).length;
    const place = el("div", {});
    const ask = el("button", { type: "button", onclick: () => void this.propose(place) }, live.say("people_propose"));
    const all = el("button", { type: "button", class: "first", onclick: () => void this.send("fix", { units: [], post: this.post }) }, live.say("people_accept_all", { count: open }));
    const back = this.told.undo ? el("button", { type: "button", "data-do": "undo", onclick: () => void this.send("undo", {}) }, live.say("people_undo", { action: this.told.undo })) : null;
    return el("div", { class: "proposals" }, el("div", { class: "buttons" }, ask, open ? all : null, back), place);
  }

  private async propose(place: HTMLElement): Promise<void> {
    const done = await this.live.job("assign", {}, place).catch(() => null);
    if (!done) return;
    for (const text of (done.result.warnings as string[]) || []) this.live.notices.done(text);
    await this.load();
  }

  private worker(one: Answer): HTMLElement {
    const { live } = this;
    const on = this.held === one.worker_id;
    const load = one.hours === null ? "" : live.say(one.assumed ? "people_load_about" : "people_load", { hours: live.number(one.hours, 1), capacity: live.number(one.capacity_hours || 0) });
    const share = one.hours === null || !one.capacity_hours ? 0 : one.hours / one.capacity_hours;
    const bar = el("span", { class: "bar" + (share > 1 ? " over" : ""), "aria-hidden": "true" }, el("span", {}));
    (bar.firstChild as HTMLElement).style.width = Math.round(Math.min(1, share) * 100) + "%";
    const colour = this.ground ? this.ground.colour(one.worker_id) : "";
    const dot = el("span", { class: "dot" });
    dot.style.background = colour || "transparent";
    const facts = live.say("people_has", { count: one.units.length, households: one.households });
    const row = el("button", { type: "button", draggable: "true", "data-worker": one.worker_id, "aria-pressed": String(on) }, dot, el("b", {}, one.name), " ", el("small", {}, one.role || ""), el("small", { class: "facts" }, [facts, load].filter((text) => text).join(" · ")), load ? bar : null);
    row.addEventListener("click", () => {
      if (!on && this.picked.size) return this.give(one.worker_id, Array.from(this.picked));
      this.held = on ? null : one.worker_id;
      this.draw();
    });
    row.addEventListener("dragstart", (event) => event.dataTransfer!.setData(CARRIED, one.worker_id));
    return el("li", {}, row);
  }

  /** What to do with the units that are chosen. */
  private bulk(workers: Answer[]): HTMLElement | null {
    if (!this.picked.size) return null;
    const { live } = this;
    const units = Array.from(this.picked);
    const who = el("select", { name: "who", "aria-label": live.say("people_who") }, ...workers.map((one) => el("option", { value: one.worker_id }, one.name)));
    const give = el("button", { type: "button", class: "first", onclick: () => this.give(who.value, units) }, live.say("people_give", { count: units.length }));
    const deputy = el("button", { type: "button", onclick: () => this.give(who.value, units, true) }, live.say("people_deputy"));
    const take = el("button", { type: "button", onclick: () => void this.send("take", { units, post: this.post }) }, live.say("people_make_vacant"));
    return el("div", { class: "bulk" }, who, give, deputy, take);
  }

  private unit(one: Answer): HTMLElement {
    const { live } = this;
    const facts = [live.say("people_households", { count: one.households }), one.hours === null ? "" : live.say("people_hours", { count: live.number(one.hours, 1) })];
    const box = el("input", { type: "checkbox", "aria-label": live.say("people_choose_unit", { name: one.code }) });
    box.checked = this.picked.has(one.unit_id);
    box.addEventListener("change", () => this.toggle(one.unit_id));
    const held = (one.held as Answer[]).map((duty) => this.duty(one, duty));
    const deputies = (one.deputies as Answer[]).map((duty) => this.duty(one, duty));
    const vacant = held.length ? null : el("span", { class: "vacant" }, live.say("people_vacant"));
    const here = this.held && !one.held.some((duty: Answer) => duty.worker_id === this.held) ? el("button", { type: "button", onclick: () => this.give(this.held!, [one.unit_id]) }, live.say("people_here")) : null;
    const row = el("li", { "data-unit": one.unit_id, "data-code": one.code, class: held.length ? "" : "empty" }, box, el("b", {}, one.code), " ", one.name && one.name !== one.code ? one.name : "", el("small", {}, facts.filter((text) => text).join(" · ")), vacant, ...held, ...deputies, here);
    row.addEventListener("dragover", (event) => event.preventDefault());
    row.addEventListener("drop", (event) => {
      event.preventDefault();
      const worker = event.dataTransfer ? event.dataTransfer.getData(CARRIED) : "";
      if (worker) this.give(worker, [one.unit_id]);
    });
    return row;
  }

  /** One person on one unit: how it came to be, why, and how to change it. */
  private duty(unit: Answer, duty: Answer): HTMLElement {
    const { live } = this;
    const units = [unit.unit_id];
    const accept = duty.state === "proposed" ? el("button", { type: "button", class: "accept", onclick: () => void this.send("fix", { units, post: this.post }) }, live.say("people_accept")) : null;
    const free = duty.state === "fixed" ? el("button", { type: "button", onclick: () => void this.send("fix", { units, post: this.post, fixed: false }) }, live.say("people_free")) : null;
    const gone = el("button", { type: "button", class: "away", "aria-label": live.say("people_away", { name: duty.name }), onclick: () => void this.send("take", { units, post: this.post, worker: duty.worker_id }) }, "×");
    const why = (duty.why as string[]).length ? el("details", {}, el("summary", {}, live.say("people_why")), el("p", {}, duty.why.join(live.language === "zh" ? "；" : "; "))) : null;
    return el("div", { class: "duty " + duty.state }, el("span", { class: "name" }, duty.name), el("small", {}, live.say("people_state_" + duty.state)), accept, free, gone, why);
  }
}
