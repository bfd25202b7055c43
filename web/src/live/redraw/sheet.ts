// The draft as it is drawn: a canvas over the map, of which a stroke paints only what it changed, and one of the codes.
import L from "leaflet";
import { Box, boxOf, Shapes, UNIT_ZOOM, View } from "../../shapes";
import type { Origin } from "../../shapes";
import type { Draft } from "./draft";
import type { Edges } from "./edges";

const GREY = "#c9ced2";
const PENDING = "#101820";
const BORDER = "#26323c";
const PAD = 0.12; // of the window, drawn beyond its edges
const NEAR_ZOOM = 15;
const CELL_ZOOM = 17;
const REST_MS = 350;
const LETTERS_PX = 46; // a unit this wide or wider has its code written in it

/** What the drawing asks beside the draft. */
export interface Look {
  colourOf(unit: number): string;
  title(unit: number): string;
  greyed(unit: number): boolean;
  target(): number;
}

export class Sheet extends L.Layer {
  readonly canvas = document.createElement("canvas");
  private readonly codes = document.createElement("canvas"); // so that ground can be painted without writing them anew
  private readonly over = document.createElement("canvas"); // of the lasso or line alone
  pending = new Map<number, number>(); // parts of a stroke that is being drawn, or of a proposal, with their unit
  trace: [number, number][] = []; // the lasso, line or rectangle that is being drawn, in pixels of the window
  closed = false;
  private readonly pen: CanvasRenderingContext2D;
  private readonly ratio = Math.min(2, window.devicePixelRatio || 1);
  private corner = L.point(0, 0);
  private chart: L.Map | null = null;
  private readonly cellUnit: Int32Array;
  private readonly drawn: Int32Array; // cells of the drawing that is being made, by its number
  private mark = 0;
  private booked = 0;
  private later = 0; // codes are written when the hand rests

  constructor(
    private readonly draft: Draft,
    private readonly shapes: Shapes,
    private readonly edges: Edges,
    private readonly origin: Origin,
    private readonly look: Look,
  ) {
    super();
    for (const one of this.layers) one.className = "redraw-sheet leaflet-zoom-hide";
    this.pen = this.canvas.getContext("2d")!;
    this.cellUnit = new Int32Array(shapes.rows);
    this.drawn = new Int32Array(shapes.rows);
    for (let cell = 0; cell < shapes.rows; cell++) this.settle(cell);
  }

  override onAdd(map: L.Map): this {
    this.chart = map;
    const pane = map.getPane("redraw") || map.createPane("redraw");
    pane.style.zIndex = "340"; // over the ground, under its signs
    pane.style.pointerEvents = "none";
    for (const one of this.layers) pane.append(one);
    map.on("moveend zoomend resize viewreset", this.place, this);
    this.place();
    return this;
  }

  override onRemove(map: L.Map): this {
    map.off("moveend zoomend resize viewreset", this.place, this);
    for (const one of this.layers) one.remove();
    window.clearTimeout(this.later);
    this.chart = null;
    return this;
  }

  /** Draws the ground of some parts anew, where it is seen and another unit's than was drawn. */
  renew(parts: Iterable<number>): void {
    const box: Box = [Infinity, Infinity, -Infinity, -Infinity];
    for (const part of parts) {
      const cell = this.draft.columns.cell[part];
      if (cell < 0) continue;
      const drawn = this.cellUnit[cell];
      this.settle(cell);
      const own = this.cellUnit[cell] === drawn ? null : this.shapes.box(cell);
      if (own) grow(box, own);
    }
    if (box[0] <= box[2]) this.paint(box);
  }

  /** Draws everything anew. */
  all(): void {
    for (let cell = 0; cell < this.shapes.rows; cell++) this.settle(cell);
    this.paint(null);
  }

  /** Draws the lasso or line anew. */
  retrace(): void {
    window.cancelAnimationFrame(this.booked);
    this.booked = window.requestAnimationFrame(() => this.chart && this.drawTrace());
  }

  /** The view of the canvas on the page units. */
  view(): View {
    const map = this.chart!;
    const size = map.getSize().multiplyBy(1 + 2 * PAD);
    const zoom = map.getZoom();
    const scale = Math.pow(2, zoom - UNIT_ZOOM);
    const at = map.project(map.containerPointToLatLng(this.corner), zoom);
    return { x: at.x / scale - this.origin.x, y: at.y / scale - this.origin.y, scale, width: size.x, height: size.y, zoom };
  }

  /** Brings a point of the window to page units. */
  at(point: L.Point): [number, number] {
    const place = this.chart!.containerPointToLatLng(point);
    return this.origin.at(place.lng, place.lat);
  }

  private get layers(): HTMLCanvasElement[] {
    return [this.canvas, this.codes, this.over];
  }

  private place(): void {
    const map = this.chart!;
    const size = map.getSize();
    this.corner = L.point(Math.round(-size.x * PAD), Math.round(-size.y * PAD));
    const [wide, high] = [Math.round(size.x * (1 + 2 * PAD)), Math.round(size.y * (1 + 2 * PAD))];
    for (const canvas of this.layers) {
      canvas.width = wide * this.ratio;
      canvas.height = high * this.ratio;
      canvas.style.width = wide + "px";
      canvas.style.height = high + "px";
      L.DomUtil.setPosition(canvas, map.containerPointToLayerPoint(this.corner));
    }
    this.paint(null);
  }

  /** Says in which unit a cell is drawn: the one with most of its households, of two the one with more parts. */
  private settle(cell: number): void {
    const { ofCell, unit, columns } = this.draft;
    if (cell + 1 >= ofCell.first.length) return void (this.cellUnit[cell] = -1);
    const [from, to] = [ofCell.first[cell], ofCell.first[cell + 1]];
    if (to - from <= 1) return void (this.cellUnit[cell] = to > from ? this.now(ofCell.near[from], unit) : -1);
    const held = new Map<number, number>();
    for (let at = from; at < to; at++) {
      const own = this.now(ofCell.near[at], unit);
      held.set(own, (held.get(own) || 0) + 1 + 1e6 * columns.households[ofCell.near[at]]);
    }
    let best = -1;
    held.forEach((sum, own) => {
      if (best < 0 || sum > held.get(best)!) best = own;
    });
    this.cellUnit[cell] = best;
  }

  private now(part: number, unit: Int32Array): number {
    const wanted = this.pending.get(part);
    return wanted === undefined ? unit[part] : wanted;
  }

  private paint(box: Box | null): void {
    const view = this.view();
    const { pen } = this;
    pen.setTransform(this.ratio, 0, 0, this.ratio, 0, 0);
    pen.save();
    pen.beginPath();
    const whole = boxOf(view);
    const seen: Box = box ? [Math.max(box[0], whole[0]), Math.max(box[1], whole[1]), Math.min(box[2], whole[2]), Math.min(box[3], whole[3])] : whole;
    if (seen[0] > seen[2] || seen[1] > seen[3]) return pen.restore();
    const [west, north] = [(seen[0] - view.x) * view.scale - 4, (seen[1] - view.y) * view.scale - 4];
    const [wide, high] = [(seen[2] - seen[0]) * view.scale + 8, (seen[3] - seen[1]) * view.scale + 8];
    if (box) {
      pen.rect(west, north, wide, high);
      pen.clip();
    }
    pen.clearRect(west, north, wide, high);
    const margin = 5 / view.scale;
    const cells: number[] = [];
    this.shapes.within([seen[0] - margin, seen[1] - margin, seen[2] + margin, seen[3] + margin], (cell) => cells.push(cell));
    this.fills(view, cells);
    this.lines(view, cells);
    pen.restore();
    window.clearTimeout(this.later);
    if (box) this.later = window.setTimeout(() => this.chart && this.write(), REST_MS);
    else this.write();
  }

  /** Writes the codes of the units anew. */
  private write(): void {
    const view = this.view();
    const pen = this.codes.getContext("2d")!;
    pen.setTransform(this.ratio, 0, 0, this.ratio, 0, 0);
    pen.clearRect(0, 0, view.width, view.height);
    const cells: number[] = [];
    if (view.zoom >= NEAR_ZOOM - 2) this.shapes.within(boxOf(view), (cell) => cells.push(cell));
    this.letters(pen, view, cells);
  }

  private fills(view: View, cells: number[]): void {
    const { pen, shapes } = this;
    const groups = new Map<string, number[]>();
    for (const cell of cells) {
      const unit = this.cellUnit[cell];
      if (unit < 0) continue;
      const colour = this.look.greyed(unit) ? GREY : this.look.colourOf(unit);
      const group = groups.get(colour);
      if (group) group.push(cell);
      else groups.set(colour, [cell]);
    }
    pen.globalAlpha = view.zoom >= CELL_ZOOM ? 0.5 : 0.6;
    groups.forEach((group, colour) => {
      pen.fillStyle = colour;
      pen.beginPath();
      for (const cell of group) {
        const b = cell * 4;
        const wide = (shapes.boxes[b + 2] - shapes.boxes[b]) * view.scale;
        if (wide < 2.5) pen.rect((shapes.boxes[b] - view.x) * view.scale, (shapes.boxes[b + 1] - view.y) * view.scale, Math.max(1, wide), Math.max(1, (shapes.boxes[b + 3] - shapes.boxes[b + 1]) * view.scale));
        else shapes.trace(pen, cell, view, true);
      }
      pen.fill();
    });
    pen.globalAlpha = 1;
  }

  /** Draws the borders of units, thin ones between cells from near by, and those of the target and of what moves bold. */
  private lines(view: View, cells: number[]): void {
    const { pen, edges, cellUnit } = this;
    const target = this.look.target();
    const paths = { cell: new Path2D(), unit: new Path2D(), target: new Path2D() };
    const cells_ = view.zoom >= CELL_ZOOM;
    const { drawn } = this;
    const mark = ++this.mark;
    for (const cell of cells) drawn[cell] = mark;
    for (const cell of cells) {
      for (let at = edges.first[cell]; at < edges.first[cell + 1]; at++) {
        const edge = edges.list[at];
        if (edges.one[edge] !== cell && drawn[edges.one[edge]] === mark) continue; // its first cell draws it
        const [a, b] = [cellUnit[edges.one[edge]], edges.other[edge] < 0 ? -2 : cellUnit[edges.other[edge]]];
        if (a === b && !cells_) continue;
        const path = a === b ? paths.cell : target >= 0 && (a === target || b === target) ? paths.target : paths.unit;
        path.moveTo((edges.ends[edge * 4] - view.x) * view.scale, (edges.ends[edge * 4 + 1] - view.y) * view.scale);
        path.lineTo((edges.ends[edge * 4 + 2] - view.x) * view.scale, (edges.ends[edge * 4 + 3] - view.y) * view.scale);
      }
    }
    pen.lineCap = "round";
    stroke(pen, paths.cell, "rgba(255,255,255,0.75)", 0.8);
    stroke(pen, paths.unit, BORDER, view.zoom >= NEAR_ZOOM ? 1.7 : 0.9);
    stroke(pen, paths.target, "#fff", view.zoom >= NEAR_ZOOM ? 5.5 : 4);
    stroke(pen, paths.target, PENDING, view.zoom >= NEAR_ZOOM ? 3 : 2.2);
  }

  private letters(pen: CanvasRenderingContext2D, view: View, cells: number[]): void {
    const { shapes } = this;
    const middle = new Map<number, [number, number, number, number, number]>();
    for (const cell of cells) {
      const unit = this.cellUnit[cell];
      const b = cell * 4;
      if (unit < 0) continue;
      const [x, y] = [(shapes.boxes[b] + shapes.boxes[b + 2]) / 2, (shapes.boxes[b + 1] + shapes.boxes[b + 3]) / 2];
      const sum = middle.get(unit) || [0, 0, 0, Infinity, -Infinity];
      middle.set(unit, [sum[0] + x, sum[1] + y, sum[2] + 1, Math.min(sum[3], shapes.boxes[b]), Math.max(sum[4], shapes.boxes[b + 2])]);
    }
    pen.font = "600 12px system-ui, sans-serif";
    pen.textAlign = "center";
    pen.textBaseline = "middle";
    pen.lineWidth = 3;
    pen.strokeStyle = "rgba(255,255,255,0.9)";
    pen.fillStyle = "#1b2730";
    middle.forEach(([x, y, count, west, east], unit) => {
      if ((east - west) * view.scale < LETTERS_PX) return;
      const [px, py] = [(x / count - view.x) * view.scale, (y / count - view.y) * view.scale];
      const text = this.look.title(unit);
      pen.strokeText(text, px, py);
      pen.fillText(text, px, py);
    });
  }

  private drawTrace(): void {
    const { corner } = this;
    const pen = this.over.getContext("2d")!;
    pen.setTransform(this.ratio, 0, 0, this.ratio, 0, 0);
    pen.clearRect(0, 0, this.over.width, this.over.height);
    if (!this.trace.length) return;
    const path = new Path2D();
    this.trace.forEach(([x, y], at) => (at ? path.lineTo(x - corner.x, y - corner.y) : path.moveTo(x - corner.x, y - corner.y)));
    if (this.trace.length === 1) path.arc(this.trace[0][0] - corner.x, this.trace[0][1] - corner.y, 3, 0, 7);
    if (this.closed) path.closePath();
    stroke(pen, path, "#fff", 4);
    pen.setLineDash([6, 4]);
    stroke(pen, path, "#0b4f8a", 2);
    pen.setLineDash([]);
  }
}

function stroke(pen: CanvasRenderingContext2D, path: Path2D, colour: string, width: number): void {
  pen.strokeStyle = colour;
  pen.lineWidth = width;
  pen.stroke(path);
}

function grow(box: Box, own: Box): void {
  box[0] = Math.min(box[0], own[0]);
  box[1] = Math.min(box[1], own[1]);
  box[2] = Math.max(box[2], own[2]);
  box[3] = Math.max(box[3], own[3]);
}
