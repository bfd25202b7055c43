// The steps of the way, each a card: what it does, its options in plain words, its result in sentences, what comes next.
import { el, fill } from "../dom";
import { Form, StepTold } from "./form";
import type { Live, Mode } from "./live";
import { result } from "./result";

const STARTS: Record<string, Record<string, unknown>> = { delineate: { low: 300, high: 500 } };

const USUAL = ["delineate", "attach", "assess", "assign"];

export class Cards implements Mode {
  private told: StepTold[] = [];
  private readonly kept: Record<string, HTMLElement> = {}; // results stay while the page does

  /** `name` is the mode's, `room` says which steps it shows. */
  constructor(
    private readonly live: Live,
    readonly name: string,
    private readonly room: string,
  ) {}

  open(root: HTMLElement): void {
    const { live } = this;
    const list = el("div", { class: "desk-cards" }, el("p", { class: "soft" }, live.say("working")));
    fill(root, el("h1", {}, live.say("mode_" + this.name)), el("p", { class: "soft" }, live.say(this.name + "_about")), list);
    live.api("/api/steps").then(({ steps }) => {
      this.told = (steps as StepTold[]).filter((step) => step.room === this.room);
      fill(list, ...this.told.map((step) => this.card(step)));
    }, () => undefined);
  }

  close(): void {
    return undefined;
  }

  /** The step that usually comes now; a community without lists is divided all the same. */
  private get next(): string {
    const { next, gone } = this.live.state;
    return next === "lists" ? USUAL.find((name) => !gone || !gone[name]) || "hand" : String(next);
  }

  private card(step: StepTold): HTMLElement {
    const { live } = this;
    const { state } = live;
    const gone = state.gone && state.gone[step.name];
    const next = this.next === step.name;
    const form = new Form(live, step.options, STARTS[step.name]);
    const place = el("div", { class: "outcome" });
    if (this.kept[step.name]) place.append(this.kept[step.name]);
    const run = el("button", { type: "button", class: next || this.room === "hand" ? "first" : "", "data-run": step.name }, live.say("run_" + (live.knows("run_" + step.name) ? step.name : this.room === "hand" ? "make" : gone ? "again" : "step")));
    run.addEventListener("click", () => void this.run(step, form, run, place));
    const mark = this.room === "hand" ? null : el("span", { class: "mark " + (gone ? "gone" : next ? "next" : "") }, gone ? live.say("gone") : next ? live.say("next") : "");
    const body = el("div", { class: "inside" }, el("p", { class: "soft" }, live.say("step_" + step.name + "_about")), form.root, run, place);
    const facts = { class: "desk-card", "data-step": step.name, open: next || !!this.kept[step.name] };
    return el("details", facts, el("summary", {}, el("b", {}, live.say("step_" + step.name)), mark), body);
  }

  private async run(step: StepTold, form: Form, run: HTMLButtonElement, place: HTMLElement): Promise<void> {
    run.disabled = true;
    fill(place);
    try {
      await form.ready();
      const done = await this.live.job(step.name, form.read(), place);
      this.kept[step.name] = result(this.live, done);
      fill(place, this.kept[step.name]);
      if (this.room === "hand") return;
      await this.live.look();
      this.renew(step);
      const onward = this.onward(step);
      if (onward) place.append(onward);
    } catch (error) {
      delete this.kept[step.name];
    } finally {
      run.disabled = false;
    }
  }

  /** Marks what is done and what comes next; nothing opens or closes under the hand. */
  private renew(done: StepTold): void {
    const { live } = this;
    for (const step of this.told) {
      const mark = document.querySelector('[data-step="' + step.name + '"] .mark');
      if (!mark) continue;
      const gone = step.name === done.name || (live.state.gone && live.state.gone[step.name]);
      const next = this.next === step.name;
      mark.className = "mark " + (gone ? "gone" : next ? "next" : "");
      fill(mark, gone ? live.say("gone") : next ? live.say("next") : "");
    }
  }

  /** A button that leads to what usually comes next: another card, or the mode in which things are handed out. */
  private onward(done: StepTold): HTMLElement | null {
    const { live } = this;
    const name = this.next;
    const known = this.told.some((step) => step.name === name);
    if (this.room === "hand" || name === done.name || !(known || name === "hand")) return null;
    const go = (): void => {
      if (!known) return live.rail.go(name);
      const card = document.querySelector<HTMLDetailsElement>('.desk-card[data-step="' + name + '"]')!;
      card.open = true;
      card.scrollIntoView({ block: "start" });
      card.querySelector("summary")!.focus();
    };
    const title = live.say((known ? "step_" : "mode_") + name);
    return el("button", { type: "button", class: "onward", onclick: go }, live.say("onward", { step: title }));
  }
}
