// Buildings too small to have a shape: thousands of them on a tile are set as pixels, which no path could draw in time.
import { Shapes, View } from "./shapes";

/** One sheet for all tiles, one after another: a new one each would cost more than what is drawn on it. */
interface Sheet {
  canvas: HTMLCanvasElement;
  image: ImageData;
  pixels: Uint32Array;
}
let spare: Sheet | null = null;

export class Specks {
  private readonly wide: number;
  private readonly high: number;
  private readonly scale: number;
  private sheet: Sheet | null = null;

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
    const { pixels } = this.sheet || this.begin();
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
    const flat = this.sheet && this.sheet.canvas.getContext("2d");
    if (!flat) return;
    flat.putImageData(this.sheet!.image, 0, 0);
    pen.drawImage(this.sheet!.canvas, 0, 0, this.view.width, this.view.height);
  }

  private begin(): Sheet {
    if (spare && spare.image.width === this.wide && spare.image.height === this.high) spare.pixels.fill(0);
    else spare = sheet(this.wide, this.high);
    return (this.sheet = spare);
  }
}

function sheet(wide: number, high: number): Sheet {
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [wide, high];
  const image = new ImageData(wide, high);
  return { canvas, image, pixels: new Uint32Array(image.data.buffer) };
}

/** Gives `#rrggbb`, `rgb()` or `rgba()` as a pixel. */
export function pixelOf(colour: string): number {
  const parts = colour.startsWith("#")
    ? [1, 3, 5].map((at) => parseInt(colour.slice(at, at + 2), 16))
    : colour.replace(/[^\d.,]/g, "").split(",").map(Number);
  const bytes = new Uint8Array([parts[0], parts[1], parts[2], parts.length > 3 ? Math.round(parts[3] * 255) : 255]);
  return new Uint32Array(bytes.buffer)[0];
}
