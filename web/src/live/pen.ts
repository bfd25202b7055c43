// Drawing by clicks: a point, a line, a rectangle or an area; by pointer, touch and keyboard.
import type Leaflet from "leaflet";
import { el, fill } from "../dom";
import type { Live } from "./live";
import { Corner, Sketch } from "./sketch";

export type Form = "point" | "line" | "box" | "area";

const LEAST: Record<Form, number> = { point: 1, line: 2, box: 2, area: 3 };
const BLUE = "#0b5394";

/** Takes the clicks of the map while something is drawn; `done` gets corners as longitude and latitude. */
export class Pen {
  private corners: Corner[] = [];
  private form: Form = "point";
  private drawn: Leaflet.Layer | null = null;
  private done: ((corners: [number, number][]) => void) | null = null;
  private readonly keys = (event: KeyboardEvent): void => this.key(event);
  private readonly bar = el("div", { class: "desk-pen", role: "status" });

  constructor(
    private readonly live: Live,
    private readonly sketch: Sketch,
    private readonly ended: () => void = () => undefined,
  ) {}

  get busy(): boolean {
    return this.done !== null;
  }

  begin(form: Form, done: (corners: [number, number][]) => void): void {
    this.stop();
    const { desk, map } = this.live.page;
    this.form = form;
    this.done = done;
    desk.taker = (event: { latlng: Leaflet.LatLng }) => this.click(event.latlng);
    map.doubleClickZoom.disable();
    map.getContainer().classList.add("drawing");
    map.on("dblclick", this.finish, this);
    document.addEventListener("keydown", this.keys);
    map.getContainer().append(this.bar);
    this.draw();
  }

  stop(): void {
    if (!this.done) return;
    const { desk, map } = this.live.page;
    this.done = null;
    this.corners = [];
    desk.taker = null;
    map.off("dblclick", this.finish, this);
    map.doubleClickZoom.enable();
    map.getContainer().classList.remove("drawing");
    document.removeEventListener("keydown", this.keys);
    this.bar.remove();
    this.sketch.remove(this.drawn);
    this.drawn = null;
  }

  private click(place: Leaflet.LatLng): void {
    const last = this.corners[this.corners.length - 1];
    if (last && Math.abs(last[0] - place.lat) + Math.abs(last[1] - place.lng) < 1e-8) return; // the second click of two
    this.corners.push([place.lat, place.lng]);
    if (this.form === "point" || (this.form === "box" && this.corners.length === 2)) return this.finish();
    this.draw();
  }

  private key(event: KeyboardEvent): void {
    const typing = event.target instanceof HTMLElement && /^(INPUT|SELECT|TEXTAREA|BUTTON)$/.test(event.target.tagName);
    if (event.key === "Escape") this.cancel();
    else if (typing) return;
    else if (event.key === "Enter" && this.corners.length >= LEAST[this.form]) this.finish();
    else if (event.key === " " || event.key === "Insert" || event.key === "Enter") this.click(this.live.page.map.getCenter());
    else if (event.key === "Backspace") this.back();
    else return;
    event.preventDefault();
  }

  private back(): void {
    this.corners.pop();
    this.draw();
  }

  private cancel(): void {
    this.stop();
    this.ended();
  }

  private finish(): void {
    if (!this.done || this.corners.length < LEAST[this.form]) return;
    const { done } = this;
    let { corners } = this;
    if (this.form === "box") {
      const [[south, west], [north, east]] = corners;
      corners = [[south, west], [south, east], [north, east], [north, west]];
    }
    this.stop();
    done(corners.map(([lat, lon]) => [lon, lat] as [number, number]));
    this.ended();
  }

  private draw(): void {
    const { live, corners } = this;
    this.sketch.remove(this.drawn);
    const style = { color: BLUE, weight: 2, dashArray: "5 4" };
    const area = this.form === "area" && corners.length > 2;
    this.drawn = corners.length ? (area ? this.sketch.area([[corners]], style) : this.sketch.line(corners.concat(corners.length === 1 ? corners : []), style)) : null;
    const button = (key: string, call: () => void): HTMLElement => el("button", { type: "button", onclick: call }, live.say("pen_" + key));
    const enough = corners.length >= LEAST[this.form];
    const buttons = [
      enough ? button("finish", () => this.finish()) : null,
      corners.length ? button("back", () => this.back()) : null,
      button("cancel", () => this.cancel()),
    ];
    fill(this.bar, el("span", {}, live.say("pen_" + this.form, { count: corners.length })), ...buttons);
    this.bar.onclick = (event) => event.stopPropagation();
    this.bar.ondblclick = (event) => event.stopPropagation();
  }
}
