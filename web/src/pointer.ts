// What the pointer and the Enter key do on the map: choose what stands there, and tell its name before.
import L from "leaflet";
import { Choice, Desk } from "./desk";
import { el } from "./dom";
import { Findings } from "./findings";
import { called } from "./naming";
import { Signs } from "./signs";

const NEAREST_ZOOM = 19;
const CLOSEST_ZOOM = 20;
const BUILDING_ZOOM = 15;

interface Spot {
  containerPoint: L.Point;
  latlng: L.LatLng;
}

export class Pointer {
  private readonly tip = el("div", { class: "tip", "aria-hidden": "true" });
  private last: Spot | null = null;

  constructor(
    private readonly desk: Desk,
    private readonly findings: Findings,
    private readonly map: L.Map,
    private readonly signs: Signs,
  ) {
    const frame = map.getContainer();
    frame.append(this.tip);
    map.on("click", (event) => (desk.taker ? desk.taker(event) : this.take(event)));
    map.on("mousemove", (event) => {
      if (!this.last) requestAnimationFrame(() => this.point());
      this.last = event;
    });
    map.on("mouseout movestart zoomstart", () => {
      this.last = null;
      this.tip.textContent = "";
    });
    frame.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && event.target === frame && !desk.taker) this.takeMiddle(event);
    });
  }

  private takeMiddle(event: KeyboardEvent): void {
    event.preventDefault();
    const latlng = this.map.getCenter();
    this.take({ latlng, containerPoint: this.map.latLngToContainerPoint(latlng) });
  }

  private take(spot: Spot): void {
    const bunch = this.signs.bunchAt(spot.containerPoint);
    if (bunch) this.spread(bunch.rows);
    else this.desk.choose(this.at(spot));
  }

  /** What stands at a point: a symbol, else a building, else a unit. */
  private at(spot: Spot): Choice | null {
    const { desk, map } = this;
    const symbol = this.signs.at(spot.containerPoint);
    if (symbol) return symbol;
    const [x, y] = desk.origin.at(spot.latlng.lng, spot.latlng.lat);
    const { buildings, units } = desk.tables;
    if (buildings && buildings.shapes && desk.isShown("buildings") && map.getZoom() >= BUILDING_ZOOM) {
      const row = buildings.shapes.hit(x, y);
      if (row >= 0) return { kind: "building", row };
    }
    const row = units && units.shapes && desk.isShown("units") ? units.shapes.hit(x, y) : -1;
    return row >= 0 ? { kind: "unit", row } : null;
  }

  private point(): void {
    const { desk, map, tip } = this;
    if (!this.last || desk.taker) return void (this.last = null);
    const found = this.at(this.last);
    const { x, y } = this.last.containerPoint;
    this.last = null;
    map.getContainer().style.cursor = found ? "pointer" : "";
    tip.textContent = found ? called(desk, found) : "";
    tip.style.transform = "translate(" + Math.round(x + 14) + "px," + Math.round(y + 18) + "px)";
    tip.classList.toggle("left", x > map.getSize().x - 240);
  }

  /** Of cases that stand in one place, each click tells of the next, the most urgent first. */
  private next(rows: number[]): void {
    const { desk } = this;
    const sorted = this.findings.cases.byUrgency(rows);
    const at = desk.choice && desk.choice.kind === "incident" ? sorted.indexOf(desk.choice.row) : -1;
    desk.choose({ kind: "incident", row: sorted[(at + 1) % sorted.length] });
  }

  /** Goes nearer to cases that stand in one circle, until they come apart. */
  private spread(rows: number[]): void {
    const { desk, map } = this;
    const { shapes } = desk.tables.incidents;
    const bounds = L.latLngBounds([]);
    for (const row of rows) {
      const [lon, lat] = desk.origin.degrees(...shapes!.middle(row)!);
      bounds.extend([lat, lon]);
    }
    if (map.getZoom() >= NEAREST_ZOOM || bounds.getNorthEast().equals(bounds.getSouthWest())) return this.next(rows);
    const near = map.getBoundsZoom(bounds, false, L.point(60, 60));
    map.setView(bounds.getCenter(), Math.min(CLOSEST_ZOOM, Math.max(map.getZoom() + 1, near)));
  }
}
