// Measures on the map: the length along the points that were set, and the area within them.
import L from "leaflet";
import { Desk } from "../desk";
import { areaOf, lengthOf, Point, toldArea, toldLength } from "./metres";
import { Rail, Tool } from "./rail";

const COLOUR = "#8c1d5a";

export class Measure implements Tool {
  readonly name = "measure";
  private points: L.LatLng[] = [];
  private drawn: L.LayerGroup | null = null;
  private ended = false;
  private readonly take = (event: L.LeafletMouseEvent): void => this.set(event.latlng);

  constructor(
    private readonly desk: Desk,
    private readonly map: L.Map,
    private readonly rail: Rail,
  ) {
    desk.on("language", () => this.on() && this.tell());
    map.getContainer().addEventListener("keydown", (event) => this.key(event));
  }

  on(): boolean {
    return this.drawn !== null;
  }

  run(): void {
    if (this.on()) return this.stop();
    this.drawn = L.layerGroup().addTo(this.map);
    this.desk.taker = this.take;
    this.map.doubleClickZoom.disable();
    this.map.on("dblclick", this.end, this);
    this.map.getContainer().classList.add("measuring");
    this.map.getContainer().focus({ preventScroll: true });
    this.tell();
  }

  private stop(): void {
    this.drawn!.remove();
    this.drawn = null;
    this.points = [];
    this.ended = false;
    if (this.desk.taker === this.take) this.desk.taker = null;
    this.map.doubleClickZoom.enable();
    this.map.off("dblclick", this.end, this);
    this.map.getContainer().classList.remove("measuring");
    this.rail.say("");
    this.rail.name();
  }

  private set(at: L.LatLng): void {
    if (this.ended) this.points = [];
    this.ended = false;
    const last = this.points[this.points.length - 1];
    if (!last || !last.equals(at)) this.points.push(at);
    this.draw();
  }

  private end(): void {
    this.ended = true;
    this.draw();
  }

  private key(event: KeyboardEvent): void {
    if (!this.on() || event.target !== this.map.getContainer()) return;
    if (event.key === "Enter") this.set(this.map.getCenter());
    else if (event.key === "Backspace" || event.key === "Delete") this.takeBack();
    else if (event.key === "Escape") this.stop();
    else return;
    event.preventDefault();
    event.stopImmediatePropagation();
  }

  private takeBack(): void {
    this.points.pop();
    this.ended = false;
    this.draw();
  }

  private draw(): void {
    const { points } = this;
    const plain = { color: COLOUR, interactive: false };
    this.drawn!.clearLayers();
    if (points.length > 2) L.polygon(points, { ...plain, weight: 1.5, dashArray: "4 5", fillOpacity: 0.12 }).addTo(this.drawn!);
    L.polyline(points, { color: "#fff", weight: 6, opacity: 0.85, interactive: false }).addTo(this.drawn!);
    L.polyline(points, { ...plain, weight: 3 }).addTo(this.drawn!);
    for (const one of points) L.circleMarker(one, { ...plain, radius: 5, weight: 2.5, fillColor: "#fff", fillOpacity: 1 }).addTo(this.drawn!);
    this.tell();
  }

  /** Draws what was measured, for a picture. */
  picture(pen: CanvasRenderingContext2D): void {
    const places = this.points.map((one) => this.map.latLngToContainerPoint(one));
    if (places.length < 2) return;
    for (const [colour, wide] of [["#fff", 6], [COLOUR, 3]] as const) {
      pen.beginPath();
      for (const { x, y } of places) pen.lineTo(x, y);
      pen.strokeStyle = colour;
      pen.lineWidth = wide;
      pen.stroke();
    }
  }

  private tell(): void {
    const { desk } = this;
    const placed = desk.facts.georeferenced;
    const points = this.points.map((one): Point => [one.lng, one.lat]);
    if (points.length < 2) return this.rail.say(desk.say(points.length ? "measure_next" : "measure_begin"), true);
    const length = desk.say("measure_length", { length: toldLength(desk, lengthOf(points, placed)) });
    const area = points.length > 2 ? " · " + desk.say("measure_area", { area: toldArea(desk, areaOf(points, placed)) }) : "";
    this.rail.say(length + area, true);
  }
}
