// A second map beside the first that moves with it: one plan on each, the same ground under both.
import type Leaflet from "leaflet";
import { el } from "../../dom";
import type { Live } from "../live";
import { Sketch } from "../sketch";

const leaflet = (): typeof Leaflet => (window as unknown as { L: typeof Leaflet }).L;

export class Twin {
  readonly map: Leaflet.Map;
  readonly sketch: Sketch;
  private readonly place = el("div", { class: "desk-twin" });
  private readonly names = [el("span", { class: "desk-plan" }), el("span", { class: "desk-plan" })];
  private moving = false;
  private readonly led = (): void => this.follow(this.live.page.map, this.map);
  private readonly resized = (): void => void this.map.invalidateSize({ animate: false });

  constructor(private readonly live: Live) {
    const L = leaflet();
    const { map, ground } = live.page;
    document.body.classList.add("with-twin");
    map.getContainer().after(this.place);
    map.invalidateSize({ animate: false });
    const [least, most] = [map.getMinZoom(), map.getMaxZoom()];
    this.map = L.map(this.place, { zoomControl: false, attributionControl: false, minZoom: least, maxZoom: most, zoomSnap: map.options.zoomSnap, zoomAnimation: false, keyboard: true });
    this.map.setView(map.getCenter(), map.getZoom(), { animate: false });
    this.map.addLayer(ground.twin());
    this.sketch = new Sketch(live, this.map);
    this.map.on("move", () => this.follow(this.map, map));
    map.on("move zoomend", this.led);
    map.on("resize", this.resized);
    map.getContainer().append(this.names[0]);
    this.place.append(this.names[1]);
    this.place.setAttribute("aria-label", live.say("compare_view_after"));
  }

  /** Writes above each map which plan it shows. */
  name(before: string, after: string): void {
    this.names[0].textContent = this.live.say("option_before") + " · " + before;
    this.names[1].textContent = this.live.say("option_after") + " · " + after;
  }

  close(): void {
    const { map } = this.live.page;
    map.off("move zoomend", this.led);
    map.off("resize", this.resized);
    this.sketch.close();
    this.map.remove();
    this.place.remove();
    this.names[0].remove();
    document.body.classList.remove("with-twin");
    map.invalidateSize({ animate: false });
  }

  private follow(leader: Leaflet.Map, other: Leaflet.Map): void {
    if (this.moving) return;
    this.moving = true;
    other.setView(leader.getCenter(), leader.getZoom(), { animate: false });
    this.moving = false;
  }
}
