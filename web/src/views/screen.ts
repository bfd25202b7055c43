// A display on the wall: everything larger, by how high the screen is, the eight figures with their sentences, and
// nothing that needs a pointer over it.
import { Desk } from "../desk";
import { el, fill } from "../dom";
import { fromHash, toHash } from "./hash";

const KEY = "screen";
const PLAIN_HIGH = 760; // how high the page is in its plain form, in pixels
const LEAST = 1.35;

export class Screen {
  readonly button = el("button", { type: "button", class: "wall" });

  constructor(
    private readonly desk: Desk,
    private readonly panel: HTMLElement,
    private readonly fit: () => void,
  ) {
    this.button.addEventListener("click", () => this.turn(!this.on()));
    window.addEventListener("resize", () => this.on() && this.apply());
    window.addEventListener("hashchange", () => this.apply());
    document.addEventListener("keydown", (event) => {
      if (event.key === "Escape" && this.on() && !desk.choice) this.turn(false);
    });
    desk.on("language", () => this.name());
    this.name();
  }

  on(): boolean {
    return fromHash(KEY) !== null;
  }

  /** Brings the page into the form that the address asks for. */
  apply(): void {
    const scale = this.on() ? Math.max(LEAST, window.innerHeight / PLAIN_HIGH) : 1;
    if (scale === this.desk.scale) return;
    this.desk.scale = scale;
    document.body.classList.toggle("screen", scale > 1);
    for (const one of [this.panel, ...document.querySelectorAll<HTMLElement>(".leaflet-control-container")]) {
      one.style.setProperty("zoom", scale > 1 ? String(scale) : "");
    }
    this.name();
    this.desk.tell("screen");
    this.fit();
  }

  private turn(on: boolean): void {
    toHash(KEY, on ? "1" : null);
    this.apply();
    this.button.focus({ preventScroll: true });
  }

  private name(): void {
    fill(this.button, this.desk.say(this.on() ? "screen_off" : "screen_on"));
    this.button.setAttribute("aria-pressed", String(this.on()));
  }
}
