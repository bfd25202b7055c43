// Patterns over colours that a grey print or a colour-blind eye could take for one another.
import { HOT, NINE, VACANT } from "./shades";

export type Over = "lines" | "dots";

const SIDE = 8;
const INK = "rgba(20,28,36,0.6)";
const OVER = new Map<string, Over>([
  [HOT.hot, "lines"],
  [HOT.cold, "dots"],
  [VACANT, "lines"],
  ...NINE[1].map((colour): [string, Over] => [colour, "dots"]),
  ...NINE[2].map((colour): [string, Over] => [colour, "lines"]),
]);

/** The pattern that goes with a colour of a finding; null where its lightness alone tells it apart. */
export function overOf(fill: string | null): Over | null {
  return (fill !== null && OVER.get(fill)) || null;
}

const LAND = [243, 241, 236];
export const COVER = 0.66; // how much of the ground a colour covers

/** A colour as it looks on the map, where the ground shines through: legends show this one. */
export function seen(fill: string): string {
  const parts = [1, 3, 5].map((at, turn) => Math.round(parseInt(fill.slice(at, at + 2), 16) * COVER + LAND[turn] * (1 - COVER)));
  return "#" + parts.map((one) => (one < 16 ? "0" : "") + one.toString(16)).join("");
}

const made = new Map<string, HTMLCanvasElement>();

export function overPattern(pen: CanvasRenderingContext2D, over: Over): CanvasPattern | string {
  let tile = made.get(over);
  if (!tile) made.set(over, (tile = drawn(over)));
  return pen.createPattern(tile, "repeat") || "rgba(0,0,0,0)";
}

function drawn(over: Over): HTMLCanvasElement {
  const tile = document.createElement("canvas");
  tile.width = tile.height = SIDE;
  const pen = tile.getContext("2d")!;
  pen.strokeStyle = pen.fillStyle = INK;
  pen.lineWidth = 1;
  pen.beginPath();
  if (over === "dots") for (const [x, y] of [[2, 2], [6, 6]]) pen.rect(x - 0.6, y - 0.6, 1.4, 1.4);
  else for (const at of [-SIDE, 0, SIDE]) line(pen, at);
  if (over === "dots") pen.fill();
  else pen.stroke();
  return tile;
}

function line(pen: CanvasRenderingContext2D, at: number): void {
  pen.moveTo(at, 0);
  pen.lineTo(at + SIDE, SIDE);
}
