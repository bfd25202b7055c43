// The hand on the map: what the pointer does with each tool, by mouse, pen or finger; two fingers move the map.
import L from "leaflet";
import type { Sheet } from "./sheet";
import type { Strokes } from "./strokes";

export type Tool = "hand" | "click" | "brush" | "lasso" | "rectangle" | "eraser" | "line";
export const TOOLS: Tool[] = ["hand", "click", "brush", "lasso", "rectangle", "eraser", "line"];
const SIZES = [6, 12, 20, 32, 48, 72, 110];
const STEP_PX = 3;

export interface Holds {
  begin(): boolean; // whether there is a unit to draw with
  preview(parts: number[]): void;
  end(): void;
  drop(): void;
  take(part: number): void; // the unit of this part becomes the one to draw with
  whole(part: number): void;
  cut(line: [number, number][]): void; // in page units
}

export class Hand {
  tool: Tool = "click";
  size = 2;
  private drawing = false;
  private last: L.Point | null = null;
  private readonly fingers = new Map<number, L.Point>();
  private readonly ring = document.createElement("div");
  private readonly frame: HTMLElement;
  private readonly off: (() => void)[] = [];

  constructor(
    private readonly map: L.Map,
    private readonly sheet: Sheet,
    private readonly strokes: Strokes,
    private readonly holds: Holds,
  ) {
    this.frame = map.getContainer();
    this.ring.className = "redraw-ring";
    this.frame.append(this.ring);
    this.listen("pointerdown", (event) => this.down(event));
    this.listen("pointermove", (event) => this.move(event));
    this.listen("pointerup", (event) => this.up(event));
    this.listen("pointercancel", (event) => this.cancel(event));
    this.listen("pointerleave", () => this.ring.classList.remove("shown"));
    this.listen("dblclick", (event) => this.twice(event));
    this.listen("contextmenu", (event) => this.pick(event));
    map.doubleClickZoom.disable();
    this.use("click");
  }

  close(): void {
    for (const call of this.off) call();
    this.ring.remove();
    this.map.dragging.enable();
    this.map.doubleClickZoom.enable();
    this.frame.classList.remove("redrawing");
  }

  use(tool: Tool): void {
    this.drop();
    this.tool = tool;
    this.frame.classList.toggle("redrawing", tool !== "hand");
    this.frame.setAttribute("data-tool", tool);
    if (tool === "hand" || tool === "click") this.map.dragging.enable();
    else this.map.dragging.disable();
    if (!this.rings) this.ring.classList.remove("shown");
  }

  resize(step: number): void {
    this.size = Math.max(0, Math.min(SIZES.length - 1, this.size + step));
    const wide = SIZES[this.size] * 2;
    this.ring.style.width = this.ring.style.height = wide + "px";
    this.ring.style.margin = -wide / 2 + "px 0 0 " + -wide / 2 + "px";
  }

  get radius(): number {
    return SIZES[this.size];
  }

  /** Leaves off what is being drawn. */
  drop(): void {
    this.drawing = false;
    this.trace([]);
    this.holds.drop();
  }

  /** Does with the tool what a click in the middle of the map would do, for the keyboard. */
  middle(): void {
    const size = this.map.getSize();
    const point = L.point(size.x / 2, size.y / 2);
    if (this.tool === "line") return this.add(point);
    if (!this.holds.begin()) return;
    const [x, y] = this.sheet.at(point);
    const spot = this.tool === "click" || this.tool === "hand";
    this.holds.preview(spot ? this.strokes.partsOf(this.strokes.cellAt(x, y)) : this.strokes.brush(x, y, this.reach(point)));
    this.holds.end();
  }

  /** The part in the middle of the map, or -1. */
  under(): number {
    const size = this.map.getSize();
    return this.part(L.point(size.x / 2, size.y / 2));
  }

  finishLine(): void {
    const line = this.sheet.trace.map(([x, y]) => this.sheet.at(L.point(x, y)));
    this.trace([]);
    this.drawing = false;
    if (line.length > 1) this.holds.cut(line);
  }

  // below ------------------------------------------------------------------------------------------------------------
  private get rings(): boolean {
    return this.tool === "brush" || this.tool === "eraser";
  }

  private listen(name: string, call: (event: PointerEvent) => void): void {
    const heard = (event: Event): void => {
      const at = event.target as Element;
      if (at.closest && at.closest(".leaflet-control, .map-tools, button, a")) return;
      call(event as PointerEvent);
    };
    this.frame.addEventListener(name, heard, true);
    this.off.push(() => this.frame.removeEventListener(name, heard, true));
  }

  private point(event: MouseEvent): L.Point {
    return this.map.mouseEventToContainerPoint(event);
  }

  private part(point: L.Point): number {
    const parts = this.strokes.partsOf(this.strokes.cellAt(...this.sheet.at(point)));
    return parts.length ? parts[0] : -1;
  }

  /** How many page units the brush reaches from a point. */
  private reach(point: L.Point): number {
    const [x] = this.sheet.at(point);
    return Math.abs(this.sheet.at(point.add(L.point(this.radius, 0)))[0] - x);
  }

  private down(event: PointerEvent): void {
    const point = this.point(event);
    this.fingers.set(event.pointerId, point);
    if (this.fingers.size > 1) return this.drop();
    if (event.button !== 0 || this.tool === "hand") return;
    if (event.altKey) return this.pick(event);
    this.last = point;
    if (this.tool === "click" || this.tool === "line") return;
    event.preventDefault();
    event.stopPropagation();
    if (!this.holds.begin()) return;
    this.drawing = true;
    if (this.frame.setPointerCapture) this.frame.setPointerCapture(event.pointerId);
    if (this.rings) this.holds.preview(this.strokes.brush(...this.sheet.at(point), this.reach(point)));
    else this.trace([[point.x, point.y]], true);
  }

  private move(event: PointerEvent): void {
    const point = this.point(event);
    if (this.fingers.has(event.pointerId)) {
      if (this.fingers.size === 2) this.pan(event.pointerId, point);
      this.fingers.set(event.pointerId, point);
    }
    this.ring.classList.toggle("shown", this.rings);
    this.ring.style.transform = "translate(" + point.x + "px," + point.y + "px)";
    if (!this.drawing || !this.last || point.distanceTo(this.last) < STEP_PX) return;
    event.stopPropagation();
    if (this.rings) this.holds.preview(this.strokes.sweep(this.sheet.at(this.last), this.sheet.at(point), this.reach(point)));
    else if (this.tool === "lasso") this.trace([...this.sheet.trace, [point.x, point.y]], true);
    else this.trace(this.corners(point), true);
    this.last = point;
  }

  private corners(point: L.Point): [number, number][] {
    const [x, y] = this.sheet.trace[0];
    return [[x, y], [point.x, y], [point.x, point.y], [x, point.y]];
  }

  private up(event: PointerEvent): void {
    this.fingers.delete(event.pointerId);
    const point = this.point(event);
    const still = this.last !== null && point.distanceTo(this.last) < STEP_PX * 2;
    if (this.tool === "line" && still && event.button === 0) return this.add(point);
    if (this.tool === "click" && still && event.button === 0) return this.clicked(point);
    if (!this.drawing) return;
    event.stopPropagation();
    this.drawing = false;
    if (!this.rings) {
      const ring = this.sheet.trace.map(([x, y]) => this.sheet.at(L.point(x, y)));
      this.trace([]);
      if (ring.length > 2) this.holds.preview(this.strokes.inside(ring));
    }
    this.holds.end();
  }

  private clicked(point: L.Point): void {
    if (!this.holds.begin()) return;
    this.holds.preview(this.strokes.partsOf(this.strokes.cellAt(...this.sheet.at(point))));
    this.holds.end();
  }

  private add(point: L.Point): void {
    this.trace([...this.sheet.trace, [point.x, point.y]], false);
  }

  private twice(event: MouseEvent): void {
    event.preventDefault();
    event.stopPropagation();
    if (this.tool === "line") return this.finishLine();
    const part = this.part(this.point(event));
    if (part >= 0 && this.tool !== "hand") this.holds.whole(part);
  }

  private pick(event: MouseEvent): void {
    event.preventDefault();
    event.stopPropagation();
    const part = this.part(this.point(event));
    if (part >= 0) this.holds.take(part);
  }

  private cancel(event: PointerEvent): void {
    this.fingers.delete(event.pointerId);
    if (this.drawing) this.drop();
  }

  /** Two fingers move the map while a tool is in the hand. */
  private pan(finger: number, point: L.Point): void {
    if (this.map.dragging.enabled()) return;
    const was = this.fingers.get(finger)!;
    this.map.panBy(was.subtract(point).divideBy(2), { animate: false });
  }

  private trace(points: [number, number][], closed = false): void {
    if (!points.length && !this.sheet.trace.length) return;
    this.sheet.trace = points;
    this.sheet.closed = closed;
    this.sheet.retrace();
  }
}
