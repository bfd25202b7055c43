// What people say of a plan: objections with their answers, comments; each may be pinned to a unit or a place.
import type Leaflet from "leaflet";
import { el, fill } from "../../dom";
import type { Answer } from "../api";
import type { Live } from "../live";
import { Pen } from "../pen";
import { Corner, Sketch } from "../sketch";

const CHANNELS = ["paper", "counter", "phone", "letter", "meeting", "online"];
const OUTCOMES = ["explained", "partly", "declined", "accepted"];

type Send = (path: string, body: Answer) => Promise<boolean>;

export class Said {
  readonly root = el("div", { class: "said-of" });
  private pen: Pen | null = null;
  private sketch: Sketch | null = null;
  private unit = "";
  private at: [number, number] | null = null;
  private readonly where = el("span", { class: "where", "aria-live": "polite" });

  constructor(
    private readonly live: Live,
    private readonly send: Send,
  ) {}

  begin(sketch: Sketch): void {
    this.sketch = sketch;
    this.pen = new Pen(this.live, sketch);
  }

  end(): void {
    if (this.pen) this.pen.stop();
    this.pen = this.sketch = null;
  }

  /** Says where the next words belong: a unit that was chosen, or a place. */
  pin(unit: string, at: [number, number] | null): void {
    this.unit = unit;
    this.at = at;
    const { live } = this;
    fill(this.where, at ? live.say("agree_at_place") : unit ? live.say("agree_at_unit", { name: unit }) : live.say("agree_at_none"));
  }

  show(told: Answer): void {
    const { live } = this;
    const open = told.status === "on_notice";
    const objections = told.objections as Answer[];
    const comments = told.comments as Answer[];
    this.pin(this.unit, this.at);
    const place = el("div", { class: "place" }, this.where, el("button", { type: "button", onclick: () => this.choose() }, live.say("agree_pin")), el("button", { type: "button", onclick: () => this.pin("", null) }, live.say("agree_unpin")));
    fill(
      this.root,
      el("h2", {}, live.say("agree_said_title")),
      place,
      open ? this.objecting() : null,
      objections.length ? el("h3", {}, live.say("agree_objections", { count: objections.length })) : null,
      ...objections.map((one) => this.objection(one, open)),
      this.commenting(),
      comments.length ? el("h3", {}, live.say("agree_comments", { count: comments.length })) : null,
      ...comments.map((one) => this.comment(one)),
    );
    this.signs(objections.filter((one) => !one.outcome).concat(comments.filter((one) => one.state === "open")));
  }

  private choose(): void {
    this.pen!.begin("point", ([place]) => this.pin("", place));
  }

  private signs(rows: Answer[]): void {
    if (!this.sketch) return;
    this.sketch.clear();
    for (const one of rows) if (one.at_degrees) this.sketch.sign([one.at_degrees[1], one.at_degrees[0]], one.number ? String(one.number) : "…", "pinned");
  }

  private objecting(): HTMLElement {
    const { live } = this;
    const channel = el("select", { name: "channel" }, ...CHANNELS.map((one) => el("option", { value: one }, live.say("agree_channel_" + one))));
    const received = el("input", { type: "date", name: "received" });
    const text = this.area("object_text", 3);
    const form = el("form", { class: "step", "data-form": "object" }, el("label", { class: "field" }, el("span", {}, live.say("agree_object")), text, el("small", {}, live.say("agree_no_names"))), el("div", { class: "row" }, el("label", { class: "field" }, el("span", {}, live.say("agree_channel")), channel), el("label", { class: "field" }, el("span", {}, live.say("agree_received")), received)), el("button", { type: "submit" }, live.say("agree_do_object")));
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      void this.send("objections", { ...this.place(), text: text.value, channel: channel.value, received: received.value || null }).then((kept) => kept && this.pin("", null)); // the next slip is of another place
    });
    return form;
  }

  private place(): Answer {
    return { unit: this.at ? null : this.unit || null, at: this.at };
  }

  private area(name: string, rows: number): HTMLTextAreaElement {
    return el("textarea", { name, rows, maxlength: 2000 });
  }

  private objection(one: Answer, open: boolean): HTMLElement {
    const { live } = this;
    const facts = [live.say("agree_number", { number: one.number }), one.received, live.say("agree_channel_" + one.channel), one.unit || "", one.late ? live.say("agree_late") : ""];
    const box = el("article", { class: "saying" + (one.outcome ? "" : " open"), "data-objection": one.number }, el("small", {}, facts.filter((text) => text).join(" · ")), el("p", {}, one.text));
    if (one.at_degrees || one.unit) box.append(this.look(one));
    if (one.outcome) box.append(el("p", { class: "answer" }, el("b", {}, live.say("agree_outcome_" + one.outcome)), " ", one.answer));
    if (open) box.append(this.answering(one));
    return box;
  }

  private answering(one: Answer): HTMLElement {
    const { live } = this;
    const outcome = el("select", { name: "outcome" }, ...OUTCOMES.map((name) => el("option", { value: name }, live.say("agree_outcome_" + name))));
    const text = this.area("answer_text", 2);
    const form = el("form", { class: "answering" }, el("label", { class: "field" }, el("span", {}, live.say("agree_answer")), text), outcome, el("button", { type: "submit" }, live.say("agree_do_answer")));
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      void this.send("answers", { number: one.number, text: text.value, outcome: outcome.value });
    });
    return one.outcome ? el("details", {}, el("summary", {}, live.say("agree_answer_again")), form) : form;
  }

  private commenting(): HTMLElement {
    const { live } = this;
    const text = this.area("comment_text", 2);
    const form = el("form", { class: "step", "data-form": "comment" }, el("label", { class: "field" }, el("span", {}, live.say("agree_comment")), text, el("small", {}, live.say("agree_no_names"))), el("button", { type: "submit" }, live.say("agree_do_comment")));
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      void this.send("comments", { ...this.place(), text: text.value }).then((kept) => kept && this.pin("", null));
    });
    return form;
  }

  private comment(one: Answer): HTMLElement {
    const { live } = this;
    const done = one.state === "done";
    const facts = [String(one.at).slice(0, 10), one.by, one.unit || ""].filter((text) => text).join(" · ");
    const settle = el("button", { type: "button", onclick: () => void this.send("settle", { comment: one.comment_id, done: !done }) }, live.say(done ? "agree_reopen" : "agree_settle"));
    const box = el("article", { class: "saying" + (done ? "" : " open"), "data-comment": one.comment_id }, el("small", {}, facts), el("p", {}, one.text), settle);
    if (one.at_degrees || one.unit) box.append(this.look(one));
    return box;
  }

  /** Shows on the map what was spoken of. */
  private look(one: Answer): HTMLElement {
    return el("button", { type: "button", onclick: () => this.go(one) }, this.live.say("agree_look"));
  }

  private go(one: Answer): void {
    const { desk, map } = this.live.page;
    if (one.at_degrees) return void map.setView([one.at_degrees[1], one.at_degrees[0]] as Corner, Math.max(17, map.getZoom()));
    const { units } = desk.tables;
    for (let row = 0; row < units.rows; row++) {
      if (units.text("code", row) !== one.unit) continue;
      const box = units.shapes!.box(row);
      if (!box) return;
      const [west, north] = desk.origin.degrees(box[0], box[1]);
      const [east, south] = desk.origin.degrees(box[2], box[3]);
      return void map.fitBounds([[south, west], [north, east]] as Leaflet.LatLngBoundsLiteral, { maxZoom: 18 });
    }
  }
}
