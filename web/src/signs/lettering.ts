// A pen that writes and draws on one view, and only where there is room.
import { View } from "../shapes";
import { Room } from "./room";

export const FONT = '"Segoe UI", "Microsoft YaHei", "PingFang SC", "Noto Sans CJK SC", "Noto Sans", sans-serif';

export class Lettering {
  readonly room = new Room();

  constructor(
    readonly pen: CanvasRenderingContext2D,
    readonly view: View,
  ) {}

  written(text: string, x: number, y: number, size: number, colour: string, weight = ""): void {
    const pen = this.pen;
    pen.font = weight + size + "px " + FONT;
    pen.strokeStyle = "rgba(255,255,255,0.92)";
    pen.lineWidth = 3;
    pen.strokeText(text, x, y);
    pen.fillStyle = colour;
    pen.fillText(text, x, y);
  }

  /** Writes a label where there is room. */
  label(text: string, x: number, y: number, size: number, colour: string, weight = ""): boolean {
    this.pen.font = weight + size + "px " + FONT;
    this.pen.textAlign = "center";
    this.pen.textBaseline = "middle";
    const half = this.pen.measureText(text).width / 2 + 2;
    if (!this.room.take([x - half, y - size / 2 - 2, x + half, y + size / 2 + 2])) return false;
    this.written(text, x, y, size, colour, weight);
    return true;
  }

  /** A unit's label: its code on a white plate, its name below where there is room for it too. */
  plate(x: number, y: number, label: string, name: string | null, size: number): void {
    const pen = this.pen;
    pen.textAlign = "center";
    pen.textBaseline = "middle";
    const called = name === null ? "" : short(name);
    pen.font = "600 " + (size - 2) + "px " + FONT;
    const below = pen.measureText(called).width + 4;
    pen.font = "600 " + size + "px " + FONT;
    const wide = pen.measureText(label).width + 10;
    const high = size + 7;
    const room = (across: number, under: number): boolean =>
      this.room.take([x - across / 2 - 2, y - high / 2 - 2, x + across / 2 + 2, y + high / 2 + under]);
    const named = called !== "" && room(Math.max(wide, below), size + 4);
    if (!named && !room(wide, 2)) return;
    pen.fillStyle = "rgba(255,255,255,0.88)";
    pen.strokeStyle = "rgba(38,50,60,0.55)";
    pen.lineWidth = 1;
    rounded(pen, x - wide / 2, y - high / 2, wide, high, 4);
    pen.fill();
    pen.stroke();
    pen.fillStyle = "#1b2730";
    pen.fillText(label, x, y + 0.5);
    if (named) this.written(called, x, y + high / 2 + size / 2 + 1, size - 2, "#1b2730", "600 ");
  }

  dot(x: number, y: number, radius: number, colour: string): void {
    const pen = this.pen;
    pen.beginPath();
    pen.arc(x, y, radius, 0, Math.PI * 2);
    pen.fillStyle = colour;
    pen.fill();
    pen.strokeStyle = "#fff";
    pen.lineWidth = radius > 4 ? 1.5 : 1;
    pen.stroke();
  }

  ring(x: number, y: number): void {
    this.pen.beginPath();
    this.pen.arc(x, y, 15, 0, Math.PI * 2);
    this.pen.strokeStyle = "#fff";
    this.pen.lineWidth = 6;
    this.pen.stroke();
    this.pen.strokeStyle = "#b3261e";
    this.pen.lineWidth = 3;
    this.pen.stroke();
  }
}

export function short(text: string): string {
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
