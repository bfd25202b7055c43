// The map coloured by person: each in one colour, vacant units outlined in red, names where there is room.
import { UNIT_ZOOM } from "../../shapes";
import { rowOf, Ring, Sketch } from "../sketch";
import type { Answer } from "../api";
import type { Live } from "../live";
import type Leaflet from "leaflet";

// Twelve colours that stay apart for colour-blind readers (Paul Tol's muted scheme and three of his light one).
const COLOURS = ["#332288", "#88CCEE", "#44AA99", "#117733", "#999933", "#DDCC77", "#CC6677", "#882255", "#AA4499", "#77AADD", "#EE8866", "#BBCC33"];
const VACANT = "#b2182b";
const MOST_VACANT = 12;
const SIGN_PX = 7; // about the width of a letter

export class PeopleMap {
  private readonly colours = new Map<string, string>();
  private mark: Leaflet.Layer | null = null;
  private names: [number, string, string][] = []; // row, text, class
  private signs: Leaflet.Layer[] = [];
  private readonly zoomed = (): void => this.letter();
  private marked = -1;

  constructor(
    private readonly live: Live,
    private readonly sketch: Sketch,
  ) {
    live.page.map.on("zoomend", this.zoomed);
  }

  close(): void {
    this.live.page.map.off("zoomend", this.zoomed);
    this.sketch.close();
  }

  colour(worker: string): string {
    return this.colours.get(worker) || "";
  }

  draw(post: Answer, workers: Answer[], picked: Set<string>): void {
    const { units } = this.live.page.desk.tables;
    this.sketch.clear();
    this.mark = null;
    this.names = [];
    this.signs = [];
    this.colours.clear();
    workers.forEach((one, at) => this.colours.set(one.worker_id, COLOURS[at % COLOURS.length]));
    if (!units || !units.shapes) return;
    const rows = post.units as Answer[];
    for (const unit of rows) {
      const row = this.row(unit);
      if (row < 0) continue;
      const rings = this.sketch.ringsOf(units, row);
      const holder = unit.held[0] as Answer | undefined;
      const style = holder ? { color: "#fff", weight: 1, fillColor: this.colour(holder.worker_id) || "#8a949c", fillOpacity: holder.state === "proposed" ? 0.4 : 0.65 } : { color: VACANT, weight: post.vacant.length > 60 ? 1.5 : 3, fillOpacity: 0.08, fillColor: VACANT, dashArray: "6 4" };
      this.sketch.area(rings, picked.has(unit.unit_id) ? { ...style, color: "#111", weight: 4 } : style);
      this.names.push([row, unit.code + " " + (holder ? holder.name : this.live.say("people_vacant")), holder ? "" : "vacant"]);
    }
    this.letter();
  }

  /** Marks the unit over which somebody is carried. */
  over(row: number): void {
    if (row === this.marked) return;
    this.marked = row;
    this.sketch.remove(this.mark);
    const { units } = this.live.page.desk.tables;
    const rings: Ring[][] = row < 0 ? [] : this.sketch.ringsOf(units, row);
    this.mark = row < 0 ? null : this.sketch.area(rings, { color: "#111", weight: 4, fillOpacity: 0.2, fillColor: "#ffd166" });
  }

  private row(unit: Answer): number {
    const { units } = this.live.page.desk.tables;
    const byId = rowOf(units, unit.unit_id);
    return byId >= 0 ? byId : rowOf(units, unit.code, "code");
  }

  /** Writes names where a unit has room for them as the map stands now; vacant units always say so while they are few. */
  private letter(): void {
    const { units } = this.live.page.desk.tables;
    const { origin } = this.live.page.desk;
    for (const one of this.signs) this.sketch.remove(one);
    this.signs = [];
    const scale = Math.pow(2, this.live.page.map.getZoom() - UNIT_ZOOM);
    const few = this.names.filter((one) => one[2]).length <= MOST_VACANT;
    for (const [row, text, name] of this.names) {
      const [x, y, room] = ["label_east", "label_south", "label_radius"].map((column) => units.number(column, row));
      if (x === null || y === null || room === null) continue;
      if (room * scale * 2 < text.length * SIGN_PX && !(name && few)) continue;
      const [lon, lat] = origin.degrees(x, y);
      this.signs.push(this.sketch.sign([lat, lon], text, "person " + name));
    }
  }
}
