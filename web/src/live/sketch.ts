// What a mode draws over the map for a while: areas, lines and short signs, on one canvas; all of it goes with the mode.
import type Leaflet from "leaflet";
import { el } from "../dom";
import type { Table } from "../unpack";
import type { Live } from "./live";

export type Corner = [number, number]; // latitude, longitude, as the map takes them
export type Ring = Corner[];

const leaflet = (): typeof Leaflet => (window as unknown as { L: typeof Leaflet }).L;

export class Sketch {
  private readonly group: Leaflet.LayerGroup;
  private readonly canvas: Leaflet.Renderer;

  constructor(
    private readonly live: Live,
    map = live.page.map,
  ) {
    const L = leaflet();
    this.canvas = L.canvas({ padding: 0.3 });
    this.group = L.layerGroup().addTo(map);
  }

  /** Draws areas; each is a list of rings, the first its outside. */
  area(rings: Ring[][], style: Leaflet.PolylineOptions): Leaflet.Layer {
    return leaflet().polygon(rings, { renderer: this.canvas, interactive: false, weight: 2, fillOpacity: 0.35, ...style }).addTo(this.group);
  }

  line(corners: Ring | Ring[], style: Leaflet.PolylineOptions): Leaflet.Layer {
    return leaflet().polyline(corners as Ring, { renderer: this.canvas, interactive: false, weight: 3, ...style }).addTo(this.group);
  }

  /** Puts a short text on a place; it goes in as text. */
  sign(at: Corner, text: string, name = ""): Leaflet.Layer {
    const L = leaflet();
    const icon = L.divIcon({ className: "desk-sign " + name, html: el("span", {}, text), iconSize: undefined });
    return L.marker(at, { icon, interactive: false, keyboard: false }).addTo(this.group);
  }

  remove(layer: Leaflet.Layer | null): void {
    if (layer) this.group.removeLayer(layer);
  }

  clear(): void {
    this.group.clearLayers();
  }

  close(): void {
    this.group.remove();
    this.canvas.remove();
  }

  /** The outline of a row of the page's tables. */
  ringsOf(table: Table, row: number): Ring[][] {
    const { shapes } = table;
    const { origin } = this.live.page.desk;
    if (!shapes) return [];
    const rings: Ring[] = [];
    for (let path = shapes.rowStart[row]; path < shapes.rowStart[row + 1]; path++) {
      const ring: Ring = [];
      for (let at = shapes.pathStart[path]; at < shapes.pathStart[path + 1]; at++) {
        const [lon, lat] = origin.degrees(shapes.x[at], shapes.y[at]);
        ring.push([lat, lon]);
      }
      rings.push(ring);
    }
    return rings.map((ring) => [ring]);
  }
}

/** The row of a table that lies at a place, or -1. */
export function rowAt(live: Live, name: "units" | "buildings", place: Leaflet.LatLng): number {
  const { desk } = live.page;
  const table = desk.tables[name];
  const [x, y] = desk.origin.at(place.lng, place.lat);
  return table && table.shapes ? table.shapes.hit(x, y) : -1;
}

/** The row whose column `id` (or another) holds a text, or -1. */
export function rowOf(table: Table | undefined, id: string, column = "id"): number {
  if (!table || !table.texts[column]) return -1;
  const { index, words } = table.texts[column];
  const word = words.indexOf(id) + 1;
  return word ? index.indexOf(word) : -1;
}

export function middleOf(rings: Ring[][]): Corner {
  const every = rings.length ? rings[0][0] : [];
  const lat = every.map((one) => one[0]);
  const lon = every.map((one) => one[1]);
  return [(Math.min(...lat) + Math.max(...lat)) / 2, (Math.min(...lon) + Math.max(...lon)) / 2];
}
