// The tools on the map: a column of buttons, and a line in which they say what they did.
import L from "leaflet";
import { Desk } from "../desk";
import { el } from "../dom";
import { icon } from "./icons";

const FORGET_MS = 9000;

export interface Tool {
  readonly name: string; // its drawing, and its words: `tool_NAME`
  /** Does its work, or begins it. */
  run(): void;
  /** Whether it is at work; without it the tool does its work at once. */
  on?(): boolean;
}

export class Rail {
  readonly root = el("div", { class: "govmap-tools leaflet-bar", role: "toolbar", "aria-orientation": "vertical" });
  private readonly said = el("p", { class: "govmap-said", role: "status" });
  private readonly opener = el("button", { type: "button", class: "tool opener", id: "govmap-tools-open", "aria-expanded": "false" }, icon("more"));
  private readonly buttons: HTMLButtonElement[] = [];
  private tools: Tool[] = [];
  private timer = 0;

  constructor(
    private readonly desk: Desk,
    map: L.Map,
  ) {
    map.getContainer().append(this.root, this.said);
    L.DomEvent.disableClickPropagation(this.root);
    L.DomEvent.disableScrollPropagation(this.root);
    this.opener.addEventListener("click", () => this.unfold(!this.root.classList.contains("open")));
    this.root.addEventListener("keydown", (event) => this.walk(event));
    desk.on("language", () => this.name());
  }

  add(tools: Tool[]): void {
    this.tools = tools;
    for (const tool of tools) {
      const button = el("button", { type: "button", class: "tool", id: "govmap-tool-" + tool.name }, icon(tool.name));
      button.addEventListener("click", () => {
        tool.run();
        this.unfold(false);
        this.name();
      });
      this.buttons.push(button);
    }
    this.root.append(this.opener, ...this.buttons);
    this.reach(0);
    this.name();
  }

  /** On a phone the tools stand behind one button. */
  private unfold(open: boolean): void {
    this.root.classList.toggle("open", open);
    this.opener.setAttribute("aria-expanded", String(open));
  }

  /** Says what was done; for a while, or until something else is said. */
  say(text: string, stays = false): void {
    clearTimeout(this.timer);
    this.said.textContent = text;
    if (text && !stays) this.timer = window.setTimeout(() => (this.said.textContent = ""), FORGET_MS);
  }

  name(): void {
    const { desk } = this;
    for (const one of [this.root, this.opener]) one.setAttribute("aria-label", desk.say("tools"));
    this.opener.title = desk.say("tools");
    this.tools.forEach((tool, at) => {
      const button = this.buttons[at];
      const told = desk.say("tool_" + tool.name);
      button.title = told;
      button.setAttribute("aria-label", told);
      if (tool.on) button.setAttribute("aria-pressed", String(tool.on()));
    });
  }

  /** Arrow keys go from tool to tool, as in every toolbar; Tab leaves it. */
  private walk(event: KeyboardEvent): void {
    const step = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 }[event.key];
    event.stopPropagation();
    if (step === undefined) return;
    event.preventDefault();
    const at = this.buttons.indexOf(document.activeElement as HTMLButtonElement);
    const next = (at + step + this.buttons.length) % this.buttons.length;
    this.reach(next);
    this.buttons[next].focus();
  }

  private reach(at: number): void {
    this.buttons.forEach((button, place) => (button.tabIndex = place === at ? 0 : -1));
  }

}
