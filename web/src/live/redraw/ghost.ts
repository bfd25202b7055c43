// Rebalance here: a proposal as a ghost over the map with its figures, to be taken whole, unit by unit, or not at all.
import { el, fill } from "../../dom";
import type { Answer } from "../api";
import type { Live } from "../live";
import type { Work } from "./work";

const SLOW_MS = 3000; // the first time on a computer the program is made ready for its processor

export interface Shows {
  ghost(moves: Map<number, number>): void;
  take(parts: number[], to: number[]): void;
  see(units: string[]): void; // brings them onto the map
  done(): void;
}

export class Ghost {
  readonly root = el("div", { class: "redraw-ghost", hidden: true });
  private answer: Answer | null = null;
  private readonly refused = new Set<string>();

  constructor(
    private readonly live: Live,
    private readonly work: Work,
    private readonly shows: Shows,
  ) {}

  get open(): boolean {
    return this.answer !== null;
  }

  async ask(units: string[], anew: boolean): Promise<void> {
    await this.work.idle();
    this.root.hidden = false;
    fill(this.root, el("p", { class: "soft" }, this.live.say("working")));
    this.root.scrollIntoView({ block: "nearest" }); // whoever chose units far down the table sees the answer
    this.shows.see(units);
    const slow = window.setTimeout(() => this.root.append(el("p", { class: "soft" }, this.live.say("redraw_ghost_slow"))), SLOW_MS);
    try {
      this.answer = await this.live.api("/api/redraw/rebalance", { units, anew });
    } catch (error) {
      return this.close();
    } finally {
      window.clearTimeout(slow);
    }
    this.refused.clear();
    this.draw(units, anew);
  }

  close(): void {
    this.answer = null;
    this.root.hidden = true;
    fill(this.root);
    this.shows.ghost(new Map());
    this.shows.done();
  }

  private draw(units: string[], anew: boolean): void {
    const { live, answer } = this;
    const { figures, rows } = answer!;
    const button = (key: string, call: () => void, first = false): HTMLElement => el("button", { type: "button", class: first ? "first" : "", onclick: call, "data-ghost": key }, live.say("redraw_ghost_" + key));
    const other = button(anew ? "gently" : "anew", () => void this.ask(units, !anew));
    const none = button("refuse", () => this.close());
    if (!answer!.parts.length) {
      fill(this.root, el("h3", {}, live.say("redraw_ghost")), el("p", {}, live.say(anew ? "redraw_ghost_nothing_anew" : "redraw_ghost_nothing")), el("div", { class: "buttons" }, other, none));
      return;
    }
    const told = live.say("redraw_ghost_told", figures);
    const lines = (rows as Answer[]).map((row) => this.line(row));
    const take = button("take", () => this.take(), true);
    fill(this.root, el("h3", {}, live.say("redraw_ghost")), el("p", {}, told), el("ul", {}, ...lines), el("p", { class: "soft" }, live.say("redraw_ghost_part")), el("div", { class: "buttons" }, take, other, none));
    this.show();
  }

  private line(row: Answer): HTMLElement {
    const { live } = this;
    const box = el("input", { type: "checkbox" });
    box.checked = true;
    box.addEventListener("change", () => {
      if (box.checked) this.refused.delete(row.id);
      else this.refused.add(row.id);
      this.show();
    });
    const mark = row.place_after === "below" ? " ▼" : row.place_after === "above" ? " ▲" : "";
    const told = live.say("redraw_ghost_line", { unit_code: row.code || row.id, before: row.before, after: row.after }) + mark;
    return el("li", {}, el("label", {}, box, told));
  }

  /** Moves that leave or enter a unit that was refused are left out. */
  private kept(): { parts: number[]; to: number[] } {
    const { parts, to } = this.answer!;
    const { draft } = this.work;
    const at = (parts as number[]).map((_, place) => place).filter((place) => !this.refused.has(to[place]) && !this.refused.has(draft.units[draft.unit[parts[place]]].id));
    return { parts: at.map((place) => parts[place]), to: at.map((place) => draft.place.get(to[place])!) };
  }

  private show(): void {
    const { parts, to } = this.kept();
    this.shows.ghost(new Map(parts.map((part, at): [number, number] => [part, to[at]])));
  }

  private take(): void {
    const { parts, to } = this.kept();
    this.close();
    if (parts.length) this.shows.take(parts, to);
  }
}
