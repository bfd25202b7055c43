// Signs over the ground: what is chosen, symbols of resources and incidents, and labels that never cover each other.
import L from "leaflet";
import { Choice, Desk } from "./desk";
import { Findings } from "./findings";
import { drawMarks } from "./marks";
import { UNIT_ZOOM, View } from "./shapes";
import { drawChosen } from "./signs/chosen";
import { drawCounts } from "./signs/counts";
import { Lettering } from "./signs/lettering";
import { labelBuildings, labelCompounds, labelPlaces, labelUnits } from "./signs/names";
import { drawIncidents, drawResources, Sign } from "./signs/symbols";
import { labelWays } from "./signs/ways";
import { Bunch } from "./views/casemarks";

const PAD = 0.15;
const REST_MS = 120; // a map that did not move for so long has come to rest

/** What was drawn on a view: symbols that can be chosen, and circles of several cases. */
interface Drawn {
  symbols: Sign[];
  bunches: Bunch[];
}

export class Signs extends L.Layer {
  private canvas!: HTMLCanvasElement;
  private pen!: CanvasRenderingContext2D;
  private drawn: Drawn = { symbols: [], bunches: [] };
  private booked = false;
  private later = 0; // the timer of a drawing that can wait
  private readonly drawings: (Path2D | null)[];

  constructor(
    private readonly desk: Desk,
    private readonly findings: Findings,
  ) {
    super();
    this.drawings = desk.facts.categories.map((one) => (desk.facts.icons[one.icon] ? new Path2D(desk.facts.icons[one.icon]) : null));
    desk.on("language", () => this.book());
    desk.on("choice", () => this.book());
    desk.on("layers", () => this.book());
    desk.on("tables", () => this.book());
    for (const event of ["theme", "cases", "screen"] as const) desk.on(event, () => this.book());
  }

  override onAdd(map: L.Map): this {
    this.canvas = document.createElement("canvas");
    this.canvas.className = "govmap-signs leaflet-zoom-hide";
    this.pen = this.canvas.getContext("2d")!;
    map.getPanes().overlayPane.appendChild(this.canvas);
    map.on("zoomend viewreset resize", this.book, this);
    map.on("moveend", this.moved, this);
    this.book();
    return this;
  }

  override onRemove(map: L.Map): this {
    map.off("zoomend viewreset resize", this.book, this);
    map.off("moveend", this.moved, this);
    window.clearTimeout(this.later);
    this.canvas.remove();
    return this;
  }

  /** Finds the symbol drawn at a point of the map's frame. */
  at(point: L.Point): Choice | null {
    const { x, y } = this.onCanvas(point);
    let found: Choice | null = null;
    let least = Infinity;
    for (const one of this.drawn.symbols) {
      const away = Math.hypot(one.x - x, one.y - y);
      if (away <= one.reach && away < least) [found, least] = [one.choice, away];
    }
    return found;
  }

  /** Finds the circle of several cases drawn at a point of the map's frame. */
  bunchAt(point: L.Point): Bunch | null {
    const { x, y } = this.onCanvas(point);
    return this.drawn.bunches.find((one) => Math.hypot(one.x - x, one.y - y) <= one.reach) || null;
  }

  /** Where a point of the map's frame is on the canvas, which moves with the map until it is drawn anew. */
  private onCanvas(point: L.Point): L.Point {
    return this.map()!.containerPointToLayerPoint(point).subtract(L.DomUtil.getPosition(this.canvas)).divideBy(this.desk.scale);
  }

  /** After a move: at once where the canvas no longer covers the frame, else when the map has come to rest. */
  private moved(): void {
    const map = this.map()!;
    const beyond = map.containerPointToLayerPoint([0, 0]).subtract(L.DomUtil.getPosition(this.canvas));
    const spare = map.getSize().multiplyBy(PAD);
    window.clearTimeout(this.later);
    if (Math.abs(beyond.x - spare.x) < spare.x && Math.abs(beyond.y - spare.y) < spare.y) this.later = window.setTimeout(() => this.book(), REST_MS);
    else this.book();
  }

  book(): void {
    if (this.booked) return;
    this.booked = true;
    requestAnimationFrame(() => {
      this.booked = false;
      if (this.map()) this.draw();
    });
  }

  private map(): L.Map | null {
    return (this as unknown as { _map: L.Map | null })._map;
  }

  private draw(): void {
    this.drawn = this.paint(this.pen, this.frame());
  }

  /** Draws the signs of another view with another pen, for a picture; what stands on the map stays as it is. */
  picture(pen: CanvasRenderingContext2D, view: View): void {
    this.paint(pen, view);
  }

  private paint(pen: CanvasRenderingContext2D, view: View): Drawn {
    const { desk, findings } = this;
    const hand = new Lettering(pen, view);
    drawChosen(hand, desk);
    const under = drawMarks(pen, view, desk, findings, (box) => void hand.room.take(box));
    const cases = desk.isShown("incidents") && findings.showsReports;
    const { signs, bunches } = cases ? drawIncidents(hand, findings) : { signs: [], bunches: [] };
    labelUnits(hand, desk, under);
    const resources = desk.isShown("resources") ? drawResources(hand, desk, findings, this.drawings) : [];
    if (cases) drawCounts(hand, desk);
    labelCompounds(hand, desk);
    labelBuildings(hand, desk);
    if (desk.isShown("base")) {
      labelPlaces(hand, desk);
      labelWays(hand, desk);
    }
    return { symbols: [...signs, ...resources], bunches };
  }

  /** Lays the canvas over the map with a margin, so that a short pan shows no edge. */
  private frame(): View {
    const map = this.map()!;
    const size = map.getSize();
    const pad = size.multiplyBy(PAD).round();
    const ratio = Math.min(2, window.devicePixelRatio || 1);
    const width = size.x + pad.x * 2;
    const height = size.y + pad.y * 2;
    this.canvas.width = width * ratio;
    this.canvas.height = height * ratio;
    this.canvas.style.width = width + "px";
    this.canvas.style.height = height + "px";
    const large = this.desk.scale;
    L.DomUtil.setPosition(this.canvas, map.containerPointToLayerPoint([-pad.x, -pad.y]));
    this.pen.setTransform(ratio * large, 0, 0, ratio * large, 0, 0);
    this.pen.lineJoin = "round";
    const zoom = map.getZoom();
    const scale = Math.pow(2, zoom - UNIT_ZOOM);
    const origin = map.getPixelBounds().min!.subtract(pad);
    return { x: origin.x / scale - this.desk.origin.x, y: origin.y / scale - this.desk.origin.y, scale: scale / large, width: width / large, height: height / large, zoom };
  }
}
