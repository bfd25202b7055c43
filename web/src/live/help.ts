// The help over everything: what the modes are for and which keys do what; "?" opens it, Escape closes it.
import { el, fill } from "../dom";
import type { Live } from "./live";
import { ORDER } from "./rail";

const KEYS = ["alt", "question", "escape", "search"];

/** Sections that modes add: a title and rows of key and meaning, made anew each time it opens. */
export type Section = () => { title: string; rows: [string, string][] };

export const sections: Section[] = [];

export class Help {
  private readonly root = el("dialog", { id: "desk-help" });
  private before: Element | null = null;

  constructor(private readonly live: Live) {
    document.body.append(this.root);
    this.root.addEventListener("close", () => this.shut());
    document.addEventListener("keydown", (event) => this.key(event));
  }

  toggle(): void {
    if (this.root.hasAttribute("open")) return this.shut();
    this.draw();
    this.before = document.activeElement;
    if (this.root.showModal) this.root.showModal();
    else this.root.setAttribute("open", "");
    (this.root.querySelector("button") as HTMLElement).focus();
  }

  private shut(): void {
    if (this.root.close && this.root.open) this.root.close();
    this.root.removeAttribute("open");
    if (this.before instanceof HTMLElement) this.before.focus();
    this.before = null;
  }

  private draw(): void {
    const { live } = this;
    const close = el("button", { type: "button", class: "close", "aria-label": live.say("close"), onclick: () => this.shut() }, "×");
    const modes = ORDER.filter((name) => live.rail.has(name)).map((name): [string, string] => [live.say("mode_" + name), live.say(name + "_about")]);
    const keys = KEYS.map((key): [string, string] => [live.say("key_" + key), live.say("key_" + key + "_does")]);
    this.root.setAttribute("aria-label", live.say("help"));
    const more = sections.map((one) => one()).map((one) => table(one.title, one.rows));
    fill(this.root, close, el("h2", {}, live.say("help_title")), table(live.say("help_modes"), modes), table(live.say("help_keys"), keys), ...more);
  }

  private key(event: KeyboardEvent): void {
    const target = event.target as HTMLElement;
    const typing = /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName);
    if (event.key === "Escape" && this.root.hasAttribute("open")) this.shut();
    else if (event.key === "?" && !typing) this.toggle();
    else if (event.altKey && !event.ctrlKey && /^[0-9]$/.test(event.key)) {
      event.preventDefault();
      this.live.rail.nth((Number(event.key) + 9) % 10);
    }
  }
}

function table(title: string, rows: [string, string][]): HTMLElement {
  const body = rows.map(([head, text]) => el("tr", {}, el("th", { scope: "row" }, head), el("td", {}, text)));
  return el("table", {}, el("caption", {}, title), el("tbody", {}, ...body));
}
