// Signs over the ground: what is chosen, symbols of resources and incidents, and labels that never cover each other.
import L from "leaflet";
import { Choice, Desk } from "./desk";
import { Findings } from "./findings";
import { drawMarks } from "./marks";
import { Box, boxOf, UNIT_ZOOM, View } from "./shapes";
import { waysOf } from "./streets";
import { Table } from "./unpack";
import { Bunch, drawCases } from "./views/casemarks";

export const FONT = '"Segoe UI", "Microsoft YaHei", "PingFang SC", "Noto Sans CJK SC", "Noto Sans", sans-serif';
const PAD = 0.15;
const MOST_LABELS = 700;
const REST_MS = 120; // a map that did not move for so long has come to rest

interface Sign {
  x: number;
  y: number;
  reach: number;
  choice: Choice;
}

/** Remembers where something stands already, by squares of 64 pixels. */
class Room {
  private readonly squares = new Map<number, Box[]>();

  take(box: Box): boolean {
    const keys = this.keys(box);
    for (const key of keys) {
      for (const other of this.squares.get(key) || []) {
        if (box[0] < other[2] && box[2] > other[0] && box[1] < other[3] && box[3] > other[1]) return false;
      }
    }
    for (const key of keys) {
      const square = this.squares.get(key);
      if (square) square.push(box);
      else this.squares.set(key, [box]);
    }
    return true;
  }

  private keys(box: Box): number[] {
    const keys: number[] = [];
    for (let x = Math.floor(box[0] / 64); x <= Math.floor(box[2] / 64); x++) {
      for (let y = Math.floor(box[1] / 64); y <= Math.floor(box[3] / 64); y++) keys.push(x * 4096 + y);
    }
    return keys;
  }
}

export class Signs extends L.Layer {
  private canvas!: HTMLCanvasElement;
  private pen!: CanvasRenderingContext2D;
  private symbols: Sign[] = [];
  private bunches: Bunch[] = [];
  private booked = false;
  private later = 0; // the timer of a drawing that can wait
  private room = new Room();
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
    for (const one of this.symbols) {
      const away = Math.hypot(one.x - x, one.y - y);
      if (away <= one.reach && away < least) [found, least] = [one.choice, away];
    }
    return found;
  }

  /** Finds the circle of several cases drawn at a point of the map's frame. */
  bunchAt(point: L.Point): Bunch | null {
    const { x, y } = this.onCanvas(point);
    return this.bunches.find((one) => Math.hypot(one.x - x, one.y - y) <= one.reach) || null;
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
    this.symbols = [];
    this.bunches = [];
    this.paint(this.frame());
  }

  /** Draws the signs of another view with another pen, for a picture; what stands on the map stays as it is. */
  picture(pen: CanvasRenderingContext2D, view: View): void {
    const kept = { pen: this.pen, symbols: this.symbols, bunches: this.bunches, room: this.room };
    Object.assign(this, { pen, symbols: [], bunches: [] });
    this.paint(view);
    Object.assign(this, kept);
  }

  private paint(view: View): void {
    this.room = new Room();
    this.drawChosen(view);
    const under = drawMarks(this.pen, view, this.desk, this.findings, (box) => void this.room.take(box));
    if (this.desk.isShown("incidents") && ["units", "incidents"].includes(this.findings.view)) this.drawIncidents(view);
    this.labelUnits(view, under);
    if (this.desk.isShown("resources")) this.drawResources(view);
    this.labelCompounds(view);
    this.labelBuildings(view);
    if (this.desk.isShown("base")) {
      this.labelPlaces(view);
      this.labelWays(view);
    }
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

  private drawChosen(view: View): void {
    const { choice, tables } = this.desk;
    if (!choice) return;
    const pen = this.pen;
    const outline = (table: Table, row: number, wide: number, colour: string, closed = true): void => {
      pen.beginPath();
      table.shapes!.trace(pen, row, view, closed);
      pen.strokeStyle = "rgba(255,255,255,0.95)";
      pen.lineWidth = wide + 3.5;
      pen.stroke();
      pen.strokeStyle = colour;
      pen.lineWidth = wide;
      pen.stroke();
    };
    const unit = this.desk.unitOf(choice);
    if (unit !== null && tables.units.shapes) outline(tables.units, unit, 3, "#0b4f8a");
    if (choice.kind === "building") outline(tables.buildings, choice.row, 2.4, "#b3261e");
    if (choice.kind === "compound") outline(tables.compounds, choice.row, 2.4, "#62487f");
    if (choice.kind === "street") for (const row of waysOf(this.desk, choice.row)) outline(tables.ways, row, 2.4, "#b3261e", false);
    if (choice.kind === "resource" || choice.kind === "incident" || choice.kind === "address") {
      const table = tables[{ resource: "resources", incident: "incidents", address: "addresses" }[choice.kind]];
      const middle = table.shapes!.middle(choice.row);
      if (middle) this.ring((middle[0] - view.x) * view.scale, (middle[1] - view.y) * view.scale);
    }
  }

  private ring(x: number, y: number): void {
    this.pen.beginPath();
    this.pen.arc(x, y, 15, 0, Math.PI * 2);
    this.pen.strokeStyle = "#fff";
    this.pen.lineWidth = 6;
    this.pen.stroke();
    this.pen.strokeStyle = "#b3261e";
    this.pen.lineWidth = 3;
    this.pen.stroke();
  }

  private labelUnits(view: View, under: Map<number, number>): void {
    const units = this.desk.tables.units;
    if (!units || !this.desk.isShown("units")) return;
    const chosen = this.desk.unitOf(this.desk.choice);
    const { label_east, label_south, label_radius } = units.numbers;
    const rows: number[] = [];
    for (let row = 0; row < units.rows; row++) {
      if (!isNaN(label_east[row]) && inView(view, label_east[row], label_south[row])) rows.push(row);
    }
    rows.sort((a, b) => Number(b === chosen) - Number(a === chosen) || label_radius[b] - label_radius[a] || a - b);
    const size = view.zoom >= 17 ? 15 : view.zoom >= 15 ? 13 : 12;
    for (const row of rows) {
      const room = label_radius[row] * view.scale;
      if (room < 7 && row !== chosen) continue;
      const x = (label_east[row] - view.x) * view.scale;
      const y = (label_south[row] - view.y) * view.scale + (under.get(row) || 0);
      const name = view.zoom >= 15 && room > 45 ? units.text("name", row) : null;
      const label = units.text("label", row) || "";
      this.plate(x, y, label, name && name !== label ? name : null, size);
    }
  }

  /** A unit's label: its code on a white plate, its name below. */
  private plate(x: number, y: number, label: string, name: string | null, size: number): void {
    const pen = this.pen;
    pen.font = "600 " + size + "px " + FONT;
    pen.textAlign = "center";
    pen.textBaseline = "middle";
    const wide = pen.measureText(label).width + 10;
    const high = size + 7;
    if (!this.room.take([x - wide / 2 - 2, y - high / 2 - 2, x + wide / 2 + 2, y + high / 2 + (name ? size + 4 : 2)])) return;
    pen.fillStyle = "rgba(255,255,255,0.88)";
    pen.strokeStyle = "rgba(38,50,60,0.55)";
    pen.lineWidth = 1;
    rounded(pen, x - wide / 2, y - high / 2, wide, high, 4);
    pen.fill();
    pen.stroke();
    pen.fillStyle = "#1b2730";
    pen.fillText(label, x, y + 0.5);
    if (name) this.written(name, x, y + high / 2 + size / 2 + 1, size - 2, "#1b2730", "600 ");
  }

  private written(text: string, x: number, y: number, size: number, colour: string, weight = ""): void {
    const pen = this.pen;
    pen.font = weight + size + "px " + FONT;
    pen.strokeStyle = "rgba(255,255,255,0.92)";
    pen.lineWidth = 3;
    pen.strokeText(text, x, y);
    pen.fillStyle = colour;
    pen.fillText(text, x, y);
  }

  /** Writes a label where there is room. */
  private label(text: string, x: number, y: number, size: number, colour: string, weight = ""): boolean {
    this.pen.font = weight + size + "px " + FONT;
    this.pen.textAlign = "center";
    this.pen.textBaseline = "middle";
    const half = this.pen.measureText(text).width / 2 + 2;
    if (!this.room.take([x - half, y - size / 2 - 2, x + half, y + size / 2 + 2])) return false;
    this.written(text, x, y, size, colour, weight);
    return true;
  }

  private drawResources(view: View): void {
    const table = this.desk.tables.resources;
    if (!table || !table.shapes) return;
    const dots = view.zoom < 16;
    if (view.zoom < 14) return;
    const { categories } = this.desk.facts;
    const wanted = this.findings.wanted();
    const told = categories.map((one, at) => (wanted === null ? (one.main || view.zoom >= 17) && !this.desk.hiddenCategories.has(at) : wanted.includes(one.key)));
    const rows = within(table, view, (row) => told[table.numbers.category[row]]);
    for (const row of rows) {
      const [x, y] = place(table, row, view);
      const category = table.numbers.category[row];
      const { colour } = categories[category];
      if (dots) {
        if (!this.room.take([x - 3, y - 3, x + 3, y + 3])) continue;
        this.dot(x, y, 3, colour);
      } else {
        if (!this.room.take([x - 9, y - 9, x + 9, y + 9])) continue;
        this.symbol(x, y, category, colour);
      }
      this.symbols.push({ x, y, reach: dots ? 7 : 11, choice: { kind: "resource", row } });
    }
    if (view.zoom < 18) return;
    for (const one of this.symbols.slice()) {
      if (one.choice.kind !== "resource") continue;
      const name = table.text("name", one.choice.row);
      if (name) this.label(short(name), one.x, one.y + 17, 11, "#44505a");
    }
  }

  private symbol(x: number, y: number, category: number, colour: string): void {
    this.dot(x, y, 9, colour);
    const drawing = this.drawings[category];
    if (!drawing) return;
    const pen = this.pen;
    pen.save();
    pen.translate(x - 6, y - 6);
    pen.scale(12 / 15, 12 / 15);
    pen.fillStyle = "#fff";
    pen.fill(drawing);
    pen.restore();
  }

  private dot(x: number, y: number, radius: number, colour: string): void {
    const pen = this.pen;
    pen.beginPath();
    pen.arc(x, y, radius, 0, Math.PI * 2);
    pen.fillStyle = colour;
    pen.fill();
    pen.strokeStyle = "#fff";
    pen.lineWidth = radius > 4 ? 1.5 : 1;
    pen.stroke();
  }

  private drawIncidents(view: View): void {
    const drawn = drawCases(this.pen, view, this.findings.cases);
    this.bunches = drawn.bunches;
    for (const { x, y, reach, row } of drawn.singles) this.symbols.push({ x, y, reach, choice: { kind: "incident", row } });
    for (const { x, y, reach } of [...drawn.singles, ...drawn.bunches]) this.room.take([x - reach, y - reach, x + reach, y + reach]);
  }

  private labelCompounds(view: View): void {
    const table = this.desk.tables.compounds;
    if (!table || !table.shapes || view.zoom < 15 || !this.desk.isShown("compounds")) return;
    const rows = within(table, view, (row) => span(table, row, view) > 46);
    rows.sort((a, b) => span(table, b, view) - span(table, a, view) || a - b);
    for (const row of rows) {
      const name = this.desk.named(table, row);
      const [x, y] = place(table, row, view);
      if (name) this.label(short(name), x, y, view.zoom >= 17 ? 13 : 12, "#5b3f7a", "600 ");
    }
  }

  private labelBuildings(view: View): void {
    const table = this.desk.tables.buildings;
    if (!table || view.zoom < 17 || !this.desk.isShown("buildings")) return;
    let left = MOST_LABELS;
    for (const row of within(table, view, (row) => span(table, row, view) > 12)) {
      const text = this.buildingLabel(table, row, view);
      if (!text) continue;
      const [x, y] = place(table, row, view);
      if (this.label(text, x, y, 11, "#39434b") && --left === 0) return;
    }
  }

  private buildingLabel(table: Table, row: number, view: View): string | null {
    const name = table.text("number", row) || table.text("name", row);
    const room = span(table, row, view);
    if (name && (room > 40 || name.length < 6)) return short(name);
    const door = table.text("door", row);
    return door && (room > 24 || view.zoom >= 18) ? short(door) : null;
  }

  private labelPlaces(view: View): void {
    const table = this.desk.tables.places;
    if (!table || !table.shapes) return;
    for (const row of within(table, view, (row) => table.numbers.from[row] <= view.zoom)) {
      const name = this.desk.named(table, row);
      const [x, y] = place(table, row, view);
      if (!name) continue;
      const water = table.text("class", row) === "water";
      this.label(short(name), x, y, water ? 12 : 13, water ? "#3a6f93" : "#4b5560", water ? "italic " : "");
    }
  }

  /** Street names along the longest straight piece of the street that is in view. */
  private labelWays(view: View): void {
    const table = this.desk.tables.ways;
    if (!table || !table.shapes || view.zoom < 15) return;
    const used = new Set<string>();
    let left = MOST_LABELS;
    for (const row of within(table, view, (row) => span(table, row, view) > 50 && table.numbers.from[row] <= view.zoom - 1)) {
      const name = this.desk.named(table, row);
      if (!name || name.length > 40) continue;
      const piece = longest(table, row, view);
      if (!piece) continue;
      const square = name + Math.round(piece.x / 420) + "/" + Math.round(piece.y / 420);
      if (used.has(square)) continue;
      if (this.along(name, piece)) {
        used.add(square);
        if (--left === 0) return;
      }
    }
  }

  private along(name: string, piece: Piece): boolean {
    const pen = this.pen;
    pen.font = "11px " + FONT;
    const wide = pen.measureText(name).width;
    if (wide > piece.length + 14) return false;
    const across = Math.abs(Math.cos(piece.angle)) * wide + 14;
    const down = Math.abs(Math.sin(piece.angle)) * wide + 14;
    if (!this.room.take([piece.x - across / 2, piece.y - down / 2, piece.x + across / 2, piece.y + down / 2])) return false;
    pen.save();
    pen.translate(piece.x, piece.y);
    pen.rotate(piece.angle);
    pen.textAlign = "center";
    pen.textBaseline = "middle";
    this.written(name, 0, 0, 11, "#5f5a50");
    pen.restore();
    return true;
  }
}

interface Piece {
  x: number;
  y: number;
  angle: number;
  length: number;
}

function longest(table: Table, row: number, view: View): Piece | null {
  const { x, y, rowStart, pathStart } = table.shapes!;
  let found: Piece | null = null;
  for (let path = rowStart[row]; path < rowStart[row + 1]; path++) {
    for (let i = pathStart[path]; i + 1 < pathStart[path + 1]; i++) {
      if (!inView(view, (x[i] + x[i + 1]) / 2, (y[i] + y[i + 1]) / 2)) continue;
      const length = Math.hypot(x[i + 1] - x[i], y[i + 1] - y[i]) * view.scale;
      if (found && length <= found.length) continue;
      let angle = Math.atan2(y[i + 1] - y[i], x[i + 1] - x[i]);
      if (angle > Math.PI / 2) angle -= Math.PI;
      if (angle <= -Math.PI / 2) angle += Math.PI;
      found = { x: ((x[i] + x[i + 1]) / 2 - view.x) * view.scale, y: ((y[i] + y[i + 1]) / 2 - view.y) * view.scale, angle, length };
    }
  }
  return found;
}

function within(table: Table, view: View, keep: (row: number) => boolean): number[] {
  const rows: number[] = [];
  table.shapes!.within(boxOf(view), (row) => {
    if (keep(row)) rows.push(row);
  });
  return rows;
}

function place(table: Table, row: number, view: View): [number, number] {
  const middle = table.shapes!.middle(row)!;
  return [(middle[0] - view.x) * view.scale, (middle[1] - view.y) * view.scale];
}

function span(table: Table, row: number, view: View): number {
  const box = table.shapes!.box(row);
  return box ? Math.max(box[2] - box[0], box[3] - box[1]) * view.scale : 0;
}

function inView(view: View, x: number, y: number): boolean {
  return x >= view.x && y >= view.y && x <= view.x + view.width / view.scale && y <= view.y + view.height / view.scale;
}

function short(text: string): string {
  return text.length > 28 ? text.slice(0, 27) + "…" : text;
}

function rounded(pen: CanvasRenderingContext2D, x: number, y: number, wide: number, high: number, radius: number): void {
  pen.beginPath();
  pen.moveTo(x + radius, y);
  pen.arcTo(x + wide, y, x + wide, y + high, radius);
  pen.arcTo(x + wide, y + high, x, y + high, radius);
  pen.arcTo(x, y + high, x, y, radius);
  pen.arcTo(x, y, x + wide, y, radius);
  pen.closePath();
}
