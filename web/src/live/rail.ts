// The rail of modes at the left: what there is to do, in the order in which a community is worked on.
import { el, fill } from "../dom";
import type { Live, Mode } from "./live";

export const ORDER = ["map", "start", "steps", "base", "redraw", "people", "cases", "agree", "compare", "hand"];
const SIGNS: Record<string, string> = {
  map: "M3 5l5-2 5 2 4-2v12l-4 2-5-2-5 2zM8 3v12M13 5v12",
  start: "M3 6h5l2 2h7v8H3z",
  steps: "M4 5h12M4 10h12M4 15h12M2 5h.01M2 10h.01M2 15h.01",
  base: "M4 17V7l6-4 6 4v10zM8 17v-5h4v5",
  redraw: "M3 17l1-4L14 3l3 3L7 16z",
  people: "M10 9a3 3 0 100-6 3 3 0 000 6zM4 17c0-4 3-6 6-6s6 2 6 6",
  cases: "M10 3l8 14H2zM10 8v4M10 14.5h.01",
  agree: "M3 10l4 4 10-10M3 17h14",
  compare: "M3 4h6v12H3zM11 4h6v12h-6z",
  hand: "M10 3v9M6 8l4 4 4-4M3 16h14",
  help: "M7 7a3 3 0 116 1c0 2-3 2-3 4M10 16h.01",
};

export function sign(name: string): SVGSVGElement {
  const space = "http://www.w3.org/2000/svg";
  const drawing = document.createElementNS(space, "svg");
  const path = document.createElementNS(space, "path");
  drawing.setAttribute("viewBox", "0 0 20 20");
  drawing.setAttribute("aria-hidden", "true");
  path.setAttribute("d", SIGNS[name] || SIGNS.map);
  drawing.append(path);
  return drawing;
}

const OPEN = "govmap-mode";

export class Rail {
  current: string | null = null;
  fresh: (() => Promise<void>) | null = null; // what makes the map fresh before it is seen again
  private readonly modes: Record<string, Mode> = {};
  private readonly bar = el("nav", { id: "desk-rail" });
  private readonly stage = el("section", { id: "desk-stage", hidden: true });
  private readonly below: HTMLElement[] = [];

  constructor(private readonly live: Live) {
    document.body.classList.add("govmap", "desk");
    document.body.prepend(this.bar);
    document.body.append(this.stage);
    live.on("language", () => this.redraw());
    live.on("state", () => this.draw());
  }

  add(mode: Mode): void {
    this.modes[mode.name] = mode;
    this.draw();
  }

  /** The mode that was open before the page was loaded anew. */
  remembered(): string | null {
    const name = sessionStorage.getItem(OPEN);
    return name && this.names().includes(name) ? name : null;
  }

  forget(): void {
    sessionStorage.removeItem(OPEN);
  }

  /** Whether the map lies under a mode. */
  get covered(): boolean {
    return !!this.current && !!this.modes[this.current].wide;
  }

  has(name: string): boolean {
    return name === "map" || !!this.modes[name];
  }

  /** Opens the mode that stands at this place of the rail. */
  nth(at: number): void {
    const name = this.names()[at];
    if (name) this.go(name);
  }

  /** Puts a button of its own below the modes. */
  foot(button: HTMLElement): void {
    this.below.push(button);
    this.draw();
  }

  /** Opens a mode, or the map alone. */
  go(name: string): void {
    const wide = !!this.modes[name] && !!this.modes[name].wide;
    if (this.fresh && !wide) {
      const { fresh } = this;
      this.fresh = null;
      sessionStorage.setItem(OPEN, name); // the page may be loaded anew on the way
      document.body.setAttribute("data-mode", "loading");
      void fresh().then(() => this.go(name), () => this.go(name));
      return;
    }
    const former = this.current ? this.modes[this.current] : null;
    if (former) former.close();
    const mode = this.modes[name] || null;
    this.current = mode ? name : null;
    fill(this.stage);
    this.stage.className = mode ? "mode-" + name + (mode.wide ? " wide" : "") : "";
    this.stage.hidden = !mode;
    this.stage.setAttribute("aria-label", mode ? this.live.say("mode_" + name) : "");
    document.body.classList.toggle("with-mode", !!mode && !mode.wide);
    document.body.setAttribute("data-mode", this.current || "map");
    sessionStorage.setItem(OPEN, this.current || "map");
    if (mode) mode.open(this.stage);
    this.draw();
    this.live.page.map.invalidateSize({ animate: false });
  }

  private redraw(): void {
    if (this.current) this.go(this.current);
    else this.draw();
  }

  private names(): string[] {
    return ORDER.filter((name) => this.has(name) && (this.live.state.name !== null || name === "start"));
  }

  private draw(): void {
    const shown = this.names();
    this.bar.setAttribute("aria-label", this.live.say("rail"));
    fill(this.bar, ...shown.map((name, at) => this.button(name, at)), el("span", { class: "gap" }), ...this.below);
    const on = this.bar.querySelector<HTMLElement>("[aria-pressed=true]");
    if (on) this.bar.scrollLeft = on.offsetLeft - (this.bar.clientWidth - on.offsetWidth) / 2; // on a phone some lie beyond the edge
  }

  private button(name: string, at: number): HTMLElement {
    const on = name === (this.current || "map");
    const title = this.live.say("mode_" + name);
    const facts = { type: "button", class: "mode", "data-mode": name, "aria-pressed": String(on), title: title + " (Alt+" + ((at + 1) % 10) + ")" };
    return el("button", { ...facts, onclick: () => this.go(name) }, sign(name), el("span", {}, title));
  }
}
