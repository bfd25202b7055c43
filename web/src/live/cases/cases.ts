// Incidents at work: listed by stage with the late ones first, looked at, moved on, and written down where they were found.
import { el, fill } from "../../dom";
import type { Answer } from "../api";
import type { Live, Mode } from "../live";
import { Sketch } from "../sketch";
import { Adding } from "./adding";
import { Moving } from "./moving";

const PACKS = ["incidents"]; // what the map has of them

export class Cases implements Mode {
  readonly name = "cases";
  sketch: Sketch | null = null;
  told: Answer = { rows: [], stages: [], ways: [], roles: [] };
  private readonly root = el("div", { class: "cases" });
  private readonly list = el("div", { class: "cases-list" });
  private readonly filter = el("div", { class: "cases-filter" });
  private readonly word = el("input", { type: "search", name: "word", maxlength: 80 });
  private readonly more = el("div", { class: "outcome" });
  private stage = "";
  private late = false;
  private page = 0;
  private open_ = ""; // the incident that is looked at
  private moved = false; // whether the map's incidents are older than what was done here
  private waiting = 0;

  constructor(readonly live: Live) {
    this.word.addEventListener("input", () => this.typed());
  }

  open(root: HTMLElement): void {
    const { live } = this;
    const add = el("button", { type: "button", class: "first", "data-do": "add", onclick: () => this.adding() }, live.say("cases_add"));
    fill(this.more);
    this.word.setAttribute("placeholder", live.say("cases_find"));
    this.word.setAttribute("aria-label", live.say("cases_find"));
    fill(this.root, el("p", { class: "buttons" }, add), this.more, this.filter, this.word, this.list);
    fill(root, el("h1", {}, live.say("mode_cases")), el("p", { class: "soft" }, live.say("cases_how")), this.root);
    this.sketch = new Sketch(live);
    void this.load();
  }

  close(): void {
    if (this.sketch) this.sketch.close();
    this.sketch = null;
    this.open_ = "";
    if (this.moved) void this.live.refresh(PACKS);
    this.moved = false;
  }

  async load(): Promise<void> {
    const { stage, late, word, page } = this;
    const asked = { stage, word: word.value.trim(), late: late ? "true" : "", page: page ? String(page) : "" } as Record<string, string>;
    const query = Object.keys(asked).filter((name) => asked[name]).map((name) => name + "=" + encodeURIComponent(asked[name])).join("&");
    const told = await this.live.api("/api/cases" + (query ? "?" + query : "")).catch(() => null);
    if (!told || !this.sketch) return;
    this.told = told;
    this.draw();
  }

  /** Sends a change, says what was done and shows what is so now; null where it was refused. */
  async send(path: string, body: Answer): Promise<Answer | null> {
    const { live } = this;
    const done = await live.api("/api/cases/" + path, body).catch(() => null);
    if (!done) return null;
    for (const text of ((done.warnings as string[]) || []).concat(done.said[0] || [])) live.notices.done(text);
    this.moved = true;
    await this.load();
    return done;
  }

  private typed(): void {
    window.clearTimeout(this.waiting);
    this.waiting = window.setTimeout(() => this.wanted(this.stage, this.late), 250);
  }

  private wanted(stage: string, late: boolean): void {
    this.stage = stage;
    this.late = late;
    this.page = 0;
    void this.load();
  }

  private adding(): void {
    const adding = new Adding(this, () => fill(this.more));
    fill(this.more, adding.root);
    adding.begin();
  }

  // the list ----------------------------------------------------------------------------------------------------------
  private draw(): void {
    const { live, told } = this;
    const rows = told.rows as Answer[];
    const none = told.incidents ? "cases_none_such" : "cases_none";
    this.filters();
    fill(this.list, el("p", { class: "soft", role: "status" }, live.say("cases_count", { count: told.wanted })), el("ul", {}, ...rows.map((row) => this.row(row))), rows.length ? null : el("p", {}, live.say(none)), this.pages());
    this.paint(rows);
  }

  private filters(): void {
    const { live, told } = this;
    const button = (key: string, count: number, stage: string, late: boolean): HTMLElement =>
      el("button", { type: "button", "data-filter": stage || key, "aria-pressed": String(this.stage === stage && this.late === late), onclick: () => this.wanted(stage, late) }, key, el("small", {}, live.number(count)));
    const open = button(live.say("cases_open"), told.open, "", false);
    const late = button(live.say("cases_late"), told.overdue, "", true);
    const stages = (told.stages as Answer[]).filter((one) => one.count || one.id === this.stage).map((one) => button(one.title, one.count, one.id, false));
    fill(this.filter, el("div", { class: "tabs", role: "group", "aria-label": told.way }, open, late, ...stages));
  }

  private pages(): HTMLElement | null {
    const { live, told } = this;
    if (told.pages < 2) return null;
    const turn = (by: number): void => {
      this.page += by;
      void this.load();
    };
    const button = (key: string, by: number, off: boolean): HTMLElement => el("button", { type: "button", disabled: off, onclick: () => turn(by) }, live.say(key));
    return el("p", { class: "buttons" }, button("cases_former", -1, told.page === 0), el("span", {}, live.say("cases_page", { page: told.page + 1, of: told.pages })), button("cases_next", 1, told.page + 1 >= told.pages));
  }

  private row(row: Answer): HTMLElement {
    const { live } = this;
    const facts = [row.where, row.due ? live.say("cases_due", { day: row.due }) : ""].filter((text) => text).join(" · ");
    const head = el("button", { type: "button", class: "case" + (row.late ? " late" : ""), "data-incident": row.incident_id, "aria-expanded": String(this.open_ === row.incident_id) }, el("b", {}, row.category || live.say("cases_kind_" + (row.kind || "event"))), el("span", { class: "stage" }, row.stage_said), el("small", {}, row.name + (facts ? " · " + facts : "")), row.late ? el("small", { class: "overdue" }, live.say("cases_is_late")) : null);
    const place = el("div", { class: "case-open" });
    head.addEventListener("click", () => this.look(row));
    if (this.open_ === row.incident_id) void new Moving(this, row).fill(place);
    return el("li", {}, head, place);
  }

  private look(row: Answer): void {
    const { map } = this.live.page;
    this.open_ = this.open_ === row.incident_id ? "" : row.incident_id;
    if (this.open_ && row.at) map.setView([row.at[1], row.at[0]], Math.max(17, map.getZoom()));
    this.draw();
    const shown = this.list.querySelector<HTMLElement>('[data-incident="' + row.incident_id + '"]');
    if (shown) shown.focus();
  }

  private paint(rows: Answer[]): void {
    const { sketch } = this;
    if (!sketch) return;
    sketch.clear();
    const last = (row: Answer): number => Number(row.incident_id === this.open_);
    for (const row of rows.slice().sort((one, other) => last(one) - last(other))) {
      const mark = row.incident_id === this.open_ ? "chosen" : row.late ? "late" : "";
      if (row.at) sketch.sign([row.at[1], row.at[0]], mark === "chosen" ? row.name : "", "case " + mark);
    }
  }
}
