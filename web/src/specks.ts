// Buildings too small to have a shape: thousands of them on a tile are set as pixels, which no path could draw in time.
import { Shapes, View } from "./shapes";

const spare = document.createElement("canvas");

export class Specks {
  private readonly wide: number;
  private readonly high: number;
  private readonly scale: number;
  private pixels: Uint32Array | null = null;
  private image: ImageData | null = null;

  constructor(
    private readonly view: View,
    ratio: number,
  ) {
    this.wide = Math.round(view.width * ratio);
    this.high = Math.round(view.height * ratio);
    this.scale = view.scale * ratio;
  }

  /** Sets the box of a row, at least a pixel of it. */
  add(shapes: Shapes, row: number, colour: number): void {
    const pixels = this.pixels || this.begin();
    const { boxes } = shapes;
    const b = row * 4;
    const { view, scale } = this;
    const west = Math.round((boxes[b] - view.x) * scale);
    const north = Math.round((boxes[b + 1] - view.y) * scale);
    const east = Math.max(west + 1, Math.round((boxes[b + 2] - view.x) * scale));
    const south = Math.max(north + 1, Math.round((boxes[b + 3] - view.y) * scale));
    for (let y = Math.max(0, north); y < Math.min(this.high, south); y++) {
      for (let x = Math.max(0, west); x < Math.min(this.wide, east); x++) pixels[y * this.wide + x] = colour;
    }
  }

  draw(pen: CanvasRenderingContext2D): void {
    const flat = this.image && spare.getContext("2d");
    if (!flat) return;
    [spare.width, spare.height] = [this.wide, this.high];
    flat.putImageData(this.image!, 0, 0);
    pen.drawImage(spare, 0, 0, this.view.width, this.view.height);
  }

  private begin(): Uint32Array {
    this.image = new ImageData(this.wide, this.high);
    this.pixels = new Uint32Array(this.image.data.buffer);
    return this.pixels;
  }
}

/** Gives `#rrggbb`, `rgb()` or `rgba()` as a pixel. */
export function pixelOf(colour: string): number {
  const parts = colour.startsWith("#")
    ? [1, 3, 5].map((at) => parseInt(colour.slice(at, at + 2), 16))
    : colour.replace(/[^\d.,]/g, "").split(",").map(Number);
  const bytes = new Uint8Array([parts[0], parts[1], parts[2], parts.length > 3 ? Math.round(parts[3] * 255) : 255]);
  return new Uint32Array(bytes.buffer)[0];
}
