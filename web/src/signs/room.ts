// Where something stands already, so that no label covers another.
import { Box } from "../shapes";

/** Remembers where something stands already, by squares of 64 pixels. */
export class Room {
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
