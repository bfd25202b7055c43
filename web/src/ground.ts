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

/** A tile that is being drawn: one painter after another, over several frames where they are slow. */
interface Job {
  tile: Tile;
  canvas: HTMLCanvasElement; // the tile's own while nobody sees it, else a spare one that is copied at the end
  next: number;
}

const BUDGET_MS = 10;
const FIRST_BUDGET_MS = 400; // until the first is drawn there is nothing to move, and each frame costs its own showing

export class Ground extends L.GridLayer {
  private painters: Painter[] = [];
  private readonly standing = new Map<HTMLElement, Tile>();
  private waiting: Tile[] = [];
  private job: Job | null = null;
  private booked = false;
  private stood = false; // whether the ground was drawn once
  private readonly ratio = Math.min(2, window.devicePixelRatio || 1);

  constructor(private readonly desk: Desk) {
    super({ tileSize: 512, updateWhenIdle: false, updateWhenZooming: false, keepBuffer: 1, maxZoom: 22, minZoom: 1 });
    this.on("tileunload", (event) => {
      this.standing.delete((event as L.TileEvent).tile);
    });
    desk.on("layers", () => this.refresh());
    desk.on("theme", () => this.refresh());
    desk.on("screen", () => this.refresh());
  }

  /** Draws with these painters from now on. */
  set(painters: Painter[]): void {
    this.painters = painters.slice().sort((a, b) => a.order - b.order);
    if (this.job) this.waiting.push(this.job.tile);
    this.job = null;
    this.refresh();
  }

  /** The same ground for a second map beside the first, as it is drawn now. */
  twin(): Ground {
    const other = new Ground(this.desk);
    other.set(this.painters);
    return other;
  }

  /** A tile beyond the 180th meridian is ground of its own, not the other end of the world. */
  override _wrapCoords(coords: L.Coords): L.Coords {
    return coords;
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
    if (this.job) this.waiting.push(this.job.tile);
    this.job = null;
    const fresh = new Set(this.waiting);
    this.standing.forEach((tile) => {
      if (!fresh.has(tile)) this.waiting.push(tile);
    });
    this.book();
  }

  /** Draws everything of a view with another pen, for a picture. */
  picture(pen: CanvasRenderingContext2D, view: View): void {
    for (const painter of this.painters) {
      if (painter.layer !== null && !this.desk.isShown(painter.layer)) continue;
      pen.save();
      pen.lineJoin = "round";
      painter.paint(pen, view);
      pen.restore();
    }
  }

  /** Calls once everything that waits is drawn. */
  whenDrawn(call: () => void): void {
    if (this.painters.length && (this.waiting.length || this.job)) this.once("painted", call);
    else call();
  }

  private book(): void {
    if (this.booked || !this.painters.length || (this.waiting.length === 0 && !this.job)) return;
    this.booked = true;
    requestAnimationFrame(() => this.work());
  }

  private work(): void {
    this.booked = false;
    const until = performance.now() + (this.stood ? BUDGET_MS : FIRST_BUDGET_MS);
    do {
      this.job = this.job || this.begun();
      if (!this.job) break;
      this.paint(this.job);
      if (this.job.next >= this.painters.length) this.finish(this.job);
    } while (performance.now() < until);
    if (this.waiting.length || this.job) this.book();
    else {
      this.stood = true;
      this.fire("painted");
    }
  }

  private begun(): Job | null {
    const tile = this.nearest();
    if (!tile) return null;
    const canvas = tile.done ? tile.canvas : document.createElement("canvas");
    if (!tile.done) [canvas.width, canvas.height] = [tile.canvas.width, tile.canvas.height];
    const pen = canvas.getContext("2d");
    if (pen) {
      pen.setTransform(1, 0, 0, 1, 0, 0);
      pen.clearRect(0, 0, canvas.width, canvas.height);
    }
    return { tile, canvas, next: 0 };
  }

  private finish(job: Job): void {
    this.job = null;
    const { tile } = job;
    if (tile.done) {
      tile.done(undefined, tile.canvas);
      tile.done = null;
      return;
    }
    const pen = tile.canvas.getContext("2d");
    if (!pen) return;
    pen.setTransform(1, 0, 0, 1, 0, 0);
    pen.clearRect(0, 0, tile.canvas.width, tile.canvas.height);
    pen.drawImage(job.canvas, 0, 0);
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

  /** Lets the next painter draw on a tile. */
  private paint(job: Job): void {
    const { tile } = job;
    const painter = this.painters[job.next++];
    const pen = job.canvas.getContext("2d");
    if (!pen || !painter || (painter.layer !== null && !this.desk.isShown(painter.layer))) return;
    const size = this.getTileSize();
    const scale = Math.pow(2, tile.coords.z - UNIT_ZOOM);
    const large = this.desk.scale; // a large display shows what a usual one does, with lines as much larger as labels
    const view: View = {
      x: (tile.coords.x * size.x) / scale - this.desk.origin.x,
      y: (tile.coords.y * size.y) / scale - this.desk.origin.y,
      scale: scale / large,
      width: size.x / large,
      height: size.y / large,
      zoom: tile.coords.z - Math.log2(large),
    };
    pen.setTransform(this.ratio * large, 0, 0, this.ratio * large, 0, 0);
    pen.lineJoin = "round";
    pen.globalAlpha = 1;
    painter.paint(pen, view);
  }
}
