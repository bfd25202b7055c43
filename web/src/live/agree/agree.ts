// A plan on its way from draft to adopted: where it is, the next step, objections with their answers, comments.
import type Leaflet from "leaflet";
import { el, fill } from "../../dom";
import type { Answer } from "../api";
import type { Live, Mode } from "../live";
import { rowAt, Sketch } from "../sketch";
import { Said } from "./said";

const WAY = ["draft", "proposed", "on_notice", "adopted", "retired"];
const NEXT: Record<string, string[]> = { draft: ["propose"], proposed: ["notice", "withdraw"], on_notice: ["adopt", "withdraw"], adopted: ["retire"], retired: [] };

type Fields = Record<string, HTMLInputElement>;

export class Agree implements Mode {
  readonly name = "agree";
  private readonly root = el("div", { class: "agree" });
  private readonly said: Said;
  private sketch: Sketch | null = null;
  private plan: string | null = null; // null: the active one
  private told: Answer = {};

  constructor(private readonly live: Live) {
    this.said = new Said(live, (path, body) => this.send(path, body));
    live.page.desk.on("choice", () => this.chosen());
  }

  open(root: HTMLElement): void {
    fill(root, el("h1", {}, this.live.say("mode_agree")), this.root);
    this.sketch = new Sketch(this.live);
    this.said.begin(this.sketch);
    void this.load();
  }

  close(): void {
    this.said.end();
    if (this.sketch) this.sketch.close();
    this.sketch = null;
  }

  private chosen(): void {
    const { desk } = this.live.page;
    if (!this.sketch || !desk.choice || desk.choice.kind === "resource" || desk.choice.kind === "incident") return;
    const unit = desk.unitOf(desk.choice);
    if (unit !== null) this.said.pin(desk.tables.units.text("code", unit) || "", null);
  }

  private async load(): Promise<void> {
    const path = "/api/agree" + (this.plan ? "?plan=" + encodeURIComponent(this.plan) : "");
    try {
      this.told = await this.live.api(path);
    } catch (error) {
      return fill(this.root, el("p", { class: "soft" }, this.live.say("agree_no_plan")));
    }
    this.draw();
  }

  /** Sends a step, says what was done, and shows where the plan is now. */
  private async send(path: string, body: Answer): Promise<boolean> {
    const { live } = this;
    try {
      const done = await live.api("/api/agree/" + path, { plan: this.told.plan, ...body });
      for (const text of (done.warnings as string[]).concat(done.said)) live.notices.done(text);
      await this.load();
      if (path === "adopt") void live.look();
      return true;
    } catch (error) {
      return false;
    }
  }

  private draw(): void {
    const { live, told } = this;
    const state = told.status as string;
    const steps = NEXT[state].map((step, at) => this.step(step, at === 0));
    this.said.show(told);
    fill(
      this.root,
      this.plans(),
      el("ol", { class: "way", "aria-label": live.say("agree_way") }, ...WAY.map((one) => el("li", { class: WAY.indexOf(one) < WAY.indexOf(state) ? "gone" : "", "aria-current": one === state ? "step" : null }, live.say("agree_state_" + one)))),
      el("p", { class: "about" }, live.say("agree_now_" + state)),
      ...steps,
      state === "adopted" ? this.notice() : null,
      state === "draft" ? null : this.copy(),
      this.said.root,
      this.history(),
    );
  }

  /** Which plan is shown. */
  private plans(): HTMLElement {
    const { live, told } = this;
    const select = el("select", { name: "plan" }, ...(told.plans as Answer[]).map((one) => el("option", { value: one.plan }, one.name + " · " + live.say("agree_state_" + one.status) + (one.active ? " · " + live.say("agree_active") : ""))));
    select.value = told.plan;
    select.addEventListener("change", () => {
      this.plan = select.value;
      void this.load();
    });
    return el("label", { class: "field" }, el("span", {}, live.say("agree_plan")), select);
  }

  /** One step with what it asks for; why it cannot be taken stands in the place of its button. */
  private step(step: string, first: boolean): HTMLElement {
    const { live, told } = this;
    const fields: Fields = {};
    const title = live.say("agree_step_" + step);
    const form = el("form", { class: first ? "step" : "", "data-step": step }, first ? el("h2", {}, title) : null);
    for (const [name, kind] of this.asked(step)) form.append(this.field(fields, name, kind));
    const against = told.against[step] as string | null;
    if (against) form.append(el("p", { class: "against" }, against));
    else form.append(el("button", { type: "submit", class: first ? "first" : "" }, live.say("agree_do_" + step)));
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const body: Answer = {};
      for (const name of Object.keys(fields)) body[name] = fields[name].value || null;
      if (body.document_no === null) body.document_no = "";
      void this.send(step, body);
    });
    return first ? form : el("details", { class: "step" }, el("summary", {}, title), form); // seldom wanted, never in the way
  }

  private asked(step: string): [string, string][] {
    if (step === "notice") return [["begins", "date"], ["ends", "date"], ["by", "text"]];
    if (step === "adopt") return [["document_no", "text"], ["effective", "date"], ["by", "text"]];
    if (step === "retire") return [["document_no", "text"], ["effective", "date"], ["reason", "text"], ["by", "text"]];
    return step === "withdraw" ? [["reason", "text"], ["by", "text"]] : [["by", "text"]];
  }

  private field(fields: Fields, name: string, kind: string): HTMLElement {
    const { live } = this;
    const input = el("input", { type: kind, name, maxlength: kind === "text" ? 120 : null, placeholder: name === "by" ? live.state.person : null });
    fields[name] = input;
    const about = live.knows("agree_about_" + name) ? el("small", {}, live.say("agree_about_" + name)) : null;
    return el("label", { class: "field" }, el("span", {}, live.say("agree_field_" + name)), input, about);
  }

  /** What is settled is changed in a copy. */
  private copy(): HTMLElement {
    const { live } = this;
    const button = el("button", { type: "button", "data-do": "draft", title: live.say("agree_copy_about"), onclick: () => void this.draft() }, live.say("agree_copy"));
    return el("p", {}, button, " ", el("small", { class: "soft" }, live.say("agree_copy_about")));
  }

  private async draft(): Promise<void> {
    const made = await this.live.api("/api/agree/draft", { plan: this.told.plan }).catch(() => null);
    if (!made) return;
    this.plan = made.plan;
    this.live.notices.done(made.said[0]);
    await this.live.refresh();
    await this.load();
  }

  /** After adoption: the table old to new and the paper that says what changes. */
  private notice(): HTMLElement | null {
    const { live, told } = this;
    const former = (told.plans as Answer[]).find((one) => one.plan !== told.plan && one.status === "retired");
    if (!former) return null;
    const place = el("div", { class: "files" });
    const make = (step: string): HTMLElement => el("button", { type: "button", onclick: () => void this.make(step, former.plan, place) }, live.say("step_" + step));
    return el("div", { class: "step" }, el("h2", {}, live.say("agree_notice_title")), el("div", { class: "buttons" }, make("changes"), make("meeting")), place);
  }

  private async make(step: string, former: string, place: HTMLElement): Promise<void> {
    const done = await this.live.job(step, { before: former, after: this.told.plan }, place).catch(() => null);
    if (done) fill(place, ...done.files.map((file) => el("a", { class: "file first", href: file.url, download: file.name }, file.name)));
  }

  private history(): HTMLElement | null {
    const { live, told } = this;
    const rows = (told.steps as Answer[]).map((one) => {
      const more = [one.begins ? live.say("agree_span_of", { begins: one.begins, ends: one.ends }) : "", one.document_no || "", one.effective ? live.say("agree_from_of", { day: one.effective }) : "", one.reason || ""];
      return el("li", {}, el("time", {}, String(one.at).slice(0, 10)), " ", el("b", {}, live.say("agree_done_" + one.step)), " · ", one.by, el("small", {}, more.filter((text) => text).join(" · ")));
    });
    return rows.length ? el("details", { class: "history" }, el("summary", {}, live.say("agree_history")), el("ul", {}, ...rows)) : null;
  }
}

/** The unit at a place of the map, by its code. */
export function unitAt(live: Live, place: Leaflet.LatLng): string | null {
  const row = rowAt(live, "units", place);
  return row < 0 ? null : live.page.desk.tables.units.text("code", row);
}
