// Where the reader stands, if the browser tells: a dot with a circle of how sure it is. Nothing of it leaves the page.
import L from "leaflet";
import { Desk } from "../desk";
import { Rail, Tool } from "./rail";

const WAIT_MS = 15_000;
const NEAR_ZOOM = 17;
const DENIED = 1;

export class Locate implements Tool {
  readonly name = "locate";
  private drawn: L.LayerGroup | null = null;

  constructor(
    private readonly desk: Desk,
    private readonly map: L.Map,
    private readonly rail: Rail,
  ) {}

  /** Not on a page that does not say where it lies, and not without a browser that can tell. */
  static offered(desk: Desk): boolean {
    return desk.facts.georeferenced && "geolocation" in navigator;
  }

  on(): boolean {
    return this.drawn !== null;
  }

  run(): void {
    if (this.drawn) {
      this.drawn.remove();
      this.drawn = null;
      return this.rail.say("");
    }
    this.rail.say(this.desk.say("locate_waits"), true);
    navigator.geolocation.getCurrentPosition(
      (found) => this.found(found.coords),
      (fault) => this.rail.say(this.desk.say(fault.code === DENIED ? "locate_denied" : "locate_failed")),
      { enableHighAccuracy: true, timeout: WAIT_MS, maximumAge: 60_000 },
    );
  }

  private found({ latitude, longitude, accuracy }: { latitude: number; longitude: number; accuracy: number }): void {
    const [west, south, east, north] = this.desk.facts.bounds;
    const at = L.latLng(latitude, longitude);
    if (!L.latLngBounds([south, west], [north, east]).pad(0.5).contains(at)) return this.rail.say(this.desk.say("locate_outside"));
    const plain = { color: "#0b4f8a", interactive: false };
    this.drawn = L.layerGroup([
      L.circle(at, { ...plain, radius: accuracy, weight: 1, fillOpacity: 0.12 }),
      L.circleMarker(at, { radius: 7, color: "#fff", weight: 3, fillColor: "#0b4f8a", fillOpacity: 1, interactive: false }),
    ]).addTo(this.map);
    this.map.setView(at, Math.max(NEAR_ZOOM, this.map.getZoom()));
    this.rail.say(this.desk.say("locate_found", { metres: Math.round(accuracy) }));
    this.rail.name();
  }
}
