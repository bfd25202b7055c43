// A display on the wall: everything larger, by how high the screen is, the eight figures with their sentences, and
// nothing that needs a pointer over it. A very large window alone makes everything larger too.
import { Desk } from "../desk";
import { el, fill } from "../dom";
import { fromHash, toHash } from "./hash";

const KEY = "screen";
const PLAIN_HIGH = 760; // how high the page is in its plain form, in pixels
const LEAST = 1.35;
const USUAL = { wide: 1920, high: 1080 }; // windows of so many pixels are read in the plain form
const COARSE = 1.5; // pixels of a screen to one of the page: a browser that has so many draws larger by itself

export class Screen {
  readonly button = el("button", { type: "button", class: "wall" });

  constructor(
    private readonly desk: Desk,
    private readonly panel: HTMLElement,
    private readonly fit: () => void,
  ) {
    this.button.addEventListener("click", () => this.turn(!this.on()));
    window.addEventListener("resize", () => this.apply());
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
    const wall = this.on();
    const scale = wall ? Math.max(LEAST, window.innerHeight / PLAIN_HIGH) : this.plainScale();
    if (scale === this.desk.scale && wall === this.desk.wall) return;
    Object.assign(this.desk, { scale, wall });
    document.body.classList.toggle("screen", wall);
    document.body.classList.toggle("large", scale > 1);
    for (const one of [this.panel, ...document.querySelectorAll<HTMLElement>(".leaflet-control-container, .govmap-tools")]) {
      one.style.setProperty("zoom", scale > 1 ? String(scale) : "");
    }
    this.name();
    this.desk.tell("screen");
    this.fit();
  }

  private plainScale(): number {
    if (this.desk.facts.live || window.devicePixelRatio >= COARSE) return 1;
    return Math.max(1, Math.min(window.innerWidth / USUAL.wide, window.innerHeight / USUAL.high));
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
