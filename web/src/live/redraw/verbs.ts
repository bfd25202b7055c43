// What can be done to whole units: named, split, put together, locked, made exclusive, balanced among themselves.
import { el, fill } from "../../dom";
import type { Live } from "../live";
import type { Redraw } from "./redraw";

export class Verbs {
  readonly root = el("div", { class: "redraw-verbs" });

  constructor(
    private readonly live: Live,
    private readonly mode: Redraw,
  ) {}

  draw(): void {
    const { live, mode } = this;
    const { draft } = mode.work;
    const none = mode.target < 0;
    const locked = !none && draft.units[mode.target].locked;
    const few = this.group().length < 2;
    const verb = (key: string, call: () => void, off = false): HTMLElement => el("button", { type: "button", "data-verb": key, disabled: off, onclick: call }, live.say("redraw_" + key));
    const every = (locks: boolean) => (): void => void mode.command("lock", { every: true, locked: locks });
    fill(
      this.root,
      verb("rename", () => this.rename(), none),
      verb("split", () => this.split(), none),
      verb("exclusive", () => this.exclude(), none),
      verb(locked ? "unlock" : "lock", () => this.lock(mode.target), none),
      verb("merge", () => this.merge(), few),
      verb("rebalance", () => this.rebalance(), few),
      verb("new_unit", () => mode.beginNew()),
      verb("lock_all", every(true)),
      verb("unlock_all", every(false)),
    );
  }

  /** Units that are chosen, with the one that is drawn with. */
  group(): number[] {
    const { mode } = this;
    const all = new Set(mode.chosen);
    if (mode.target >= 0) all.add(mode.target);
    return Array.from(all).filter((unit) => !mode.work.draft.units[unit].gone);
  }

  rename(): void {
    const row = this.mode.work.draft.units[this.mode.target];
    const box = el("input", { type: "text", maxlength: 80, "aria-label": this.live.say("redraw_rename") });
    box.value = row.name || "";
    this.ask(box, () => void this.mode.command("rename", { unit: row.id, name: box.value }));
  }

  split(): void {
    const box = el("input", { type: "number", min: 2, max: 100, "aria-label": this.live.say("redraw_split_number") });
    box.value = "2";
    const unit = this.mode.work.draft.units[this.mode.target].id;
    this.ask(box, () => void this.mode.command("split", { unit, number: Math.round(Number(box.value)) }), this.live.say("redraw_split_about"));
  }

  exclude(): void {
    const row = this.mode.work.draft.units[this.mode.target];
    const { kinds } = this.mode.work.told;
    const box = el("select", { "aria-label": this.live.say("redraw_exclusive") }, el("option", { value: "" }, this.live.say("redraw_like_others")), ...kinds.map((one) => el("option", { value: one.key, selected: one.key === row.exclusive_kind }, one.title[this.live.language])));
    this.ask(box, () => void this.mode.command("exclusive", { unit: row.id, kind: box.value || null }));
  }

  lock(unit: number): void {
    const row = this.mode.work.draft.units[unit];
    void this.mode.command("lock", { units: [row.id], locked: !row.locked });
  }

  merge(): void {
    const { units } = this.mode.work.draft;
    const into = this.mode.target >= 0 ? units[this.mode.target].id : null;
    void this.mode.command("merge", { units: this.group().map((unit) => units[unit].id), into }).then((made) => made && this.mode.chosen.clear());
  }

  rebalance(): void {
    this.mode.say(null);
    void this.mode.ghost.ask(this.group().map((unit) => this.mode.work.draft.units[unit].id), false);
  }

  private ask(box: HTMLInputElement | HTMLSelectElement, call: () => void, about: string | null = null): void {
    const go = (): void => {
      this.mode.aimed();
      call();
    };
    box.addEventListener("keydown", (event) => {
      if ((event as KeyboardEvent).key === "Enter") go();
      if ((event as KeyboardEvent).key === "Escape") this.mode.aimed();
    });
    fill(this.root, about ? el("p", { class: "soft" }, about) : null, box, el("button", { type: "button", class: "first", onclick: go }, this.live.say("redraw_do")), el("button", { type: "button", onclick: () => this.mode.aimed() }, this.live.say("cancel")));
    box.focus();
  }
}
