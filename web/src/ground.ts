// The ground: base map, units and buildings, drawn on canvas tiles by painters in a fixed order.
import L from "leaflet";
import { Desk } from "./desk";
import { UNIT_ZOOM, View } from "./shapes";

export interface Painter {
  order: number;
  layer: string | null; // the layer that hides it, or null for what is always there
  paint(pen: CanvasRenderingContext2D, view: View): void;
}

interface Tile {
  coords: L.Coords;
  canvas: HTMLCanvasElement;
  done: L.DoneCallback | null;
}

const BUDGET_MS = 10;

export class Ground extends L.GridLayer {
  private readonly painters: Painter[] = [];
  private readonly standing = new Map<HTMLElement, Tile>();
  private waiting: Tile[] = [];
  private booked = false;
  private readonly ratio = Math.min(2, window.devicePixelRatio || 1);

  constructor(private readonly desk: Desk) {
    super({ tileSize: 512, updateWhenIdle: false, updateWhenZooming: false, keepBuffer: 1, maxZoom: 22, minZoom: 1 });
    this.on("tileunload", (event) => {
      this.standing.delete((event as L.TileEvent).tile);
    });
    desk.on("layers", () => this.refresh());
  }

  add(...painters: Painter[]): void {
    this.painters.push(...painters);
    this.painters.sort((a, b) => a.order - b.order);
    this.refresh();
  }

  override createTile(coords: L.Coords, done: L.DoneCallback): HTMLElement {
    const canvas = document.createElement("canvas");
    const size = this.getTileSize();
    canvas.width = size.x * this.ratio;
    canvas.height = size.y * this.ratio;
    const tile: Tile = { coords, canvas, done };
    this.standing.set(canvas, tile);
    this.waiting.push(tile);
    this.book();
    return canvas;
  }

  /** Draws what stands again, where it stands. */
  refresh(): void {
    const fresh = new Set(this.waiting);
    this.standing.forEach((tile) => {
      if (!fresh.has(tile)) this.waiting.push(tile);
    });
    this.book();
  }

  private book(): void {
    if (this.booked || this.waiting.length === 0) return;
    this.booked = true;
    requestAnimationFrame(() => this.work());
  }

  private work(): void {
    this.booked = false;
    const until = performance.now() + BUDGET_MS;
    do {
      const tile = this.nearest();
      if (!tile) break;
      this.paint(tile);
      if (tile.done) {
        tile.done(undefined, tile.canvas);
        tile.done = null;
      }
    } while (performance.now() < until);
    if (this.waiting.length) this.book();
    else this.fire("painted");
  }

  /** Takes the waiting tile nearest to the middle of what is seen. */
  private nearest(): Tile | null {
    const map = this.desk_map();
    this.waiting = this.waiting.filter((tile) => this.standing.has(tile.canvas));
    if (!map || this.waiting.length === 0) return null;
    const size = this.getTileSize().x;
    const middle = map.project(map.getCenter(), map.getZoom()).divideBy(size);
    let best = 0;
    let least = Infinity;
    this.waiting.forEach((tile, at) => {
      const away = Math.abs(tile.coords.x + 0.5 - middle.x) + Math.abs(tile.coords.y + 0.5 - middle.y);
      if (away < least) [best, least] = [at, away];
    });
    return this.waiting.splice(best, 1)[0];
  }

  private desk_map(): L.Map | null {
    return (this as unknown as { _map: L.Map | null })._map;
  }

  private paint(tile: Tile): void {
    const pen = tile.canvas.getContext("2d");
    if (!pen) return;
    const size = this.getTileSize();
    const scale = Math.pow(2, tile.coords.z - UNIT_ZOOM);
    const view: View = {
      x: (tile.coords.x * size.x) / scale - this.desk.origin.x,
      y: (tile.coords.y * size.y) / scale - this.desk.origin.y,
      scale,
      width: size.x,
      height: size.y,
      zoom: tile.coords.z,
    };
    pen.setTransform(this.ratio, 0, 0, this.ratio, 0, 0);
    pen.clearRect(0, 0, size.x, size.y);
    pen.lineJoin = "round";
    for (const painter of this.painters) {
      if (painter.layer === null || this.desk.isShown(painter.layer)) painter.paint(pen, view);
    }
  }
}
