// Bytes as characters of seven bits, and whole numbers as bytes: what render/coding.py writes.
import { pause } from "./pause";

const MARKS = [0, 13, 38, 60, 123]; // what HTML or a template would take for a mark
const PAIRED = 128; // characters from here on stand for a mark and the seven bits after it
const LAST = 1024; // and from here on for a mark with nothing after it
const [PLAIN, LONG] = [224, 255]; // first bytes below are the number itself; the last one announces four bytes
const PIECE = 200_000;

/** Reads bytes from characters of seven bits. */
export function unfolded(text: string): Uint8Array {
  const codes = sevens(text);
  const bytes = new Uint8Array((codes.length * 7) >> 3);
  const wholes = codes.length & ~7;
  let to = 0;
  for (let at = 0; at < wholes; at += 8) {
    const high = (codes[at] << 21) | (codes[at + 1] << 14) | (codes[at + 2] << 7) | codes[at + 3];
    const low = (codes[at + 4] << 21) | (codes[at + 5] << 14) | (codes[at + 6] << 7) | codes[at + 7];
    bytes[to++] = high >> 20;
    bytes[to++] = high >> 12;
    bytes[to++] = high >> 4;
    bytes[to++] = (high << 4) | (low >> 24);
    bytes[to++] = low >> 16;
    bytes[to++] = low >> 8;
    bytes[to++] = low;
  }
  let hold = 0;
  let bits = 0;
  for (let at = wholes; at < codes.length; at++) {
    hold = (hold << 7) | codes[at];
    bits += 7;
    if (bits < 8) continue;
    bits -= 8;
    bytes[to++] = hold >> bits;
    hold &= 127;
  }
  return bytes;
}

function sevens(text: string): Uint8Array {
  const codes = new Uint8Array(text.length * 2);
  let to = 0;
  for (let at = 0; at < text.length; at++) {
    const told = text.charCodeAt(at);
    if (told < PAIRED) codes[to++] = told;
    else if (told >= LAST) codes[to++] = MARKS[told - LAST];
    else {
      codes[to++] = MARKS[(told - PAIRED) >> 7];
      codes[to++] = told & 127;
    }
  }
  return codes.subarray(0, to);
}

/** Reads numbers of seven bits a byte, the lowest first. */
export async function varints<T extends Float64Array | Uint32Array>(bytes: Uint8Array, from: number, to: number, kind: new (size: number) => T): Promise<T> {
  let count = 0;
  for (let i = from; i < to; i++) count += 1 - (bytes[i] >> 7);
  const values = new kind(count);
  let at = from;
  for (let start = 0; start < count; start += PIECE) {
    const end = Math.min(count, start + PIECE);
    for (let i = start; i < end; i++) {
      let value = 0;
      let step = 1;
      let byte = bytes[at++];
      while (byte > 127) {
        value += (byte & 127) * step;
        step *= 128;
        byte = bytes[at++];
      }
      values[i] = value + byte * step;
    }
    const wait = pause();
    if (wait) await wait;
  }
  return values;
}

/** Reads numbers told by a first byte each, and by what some need beside, which stands behind all of these. */
export function wide(bytes: Uint8Array, from: number, count: number): Uint32Array {
  const values = new Uint32Array(count);
  let beside = from + count;
  for (let i = 0; i < count; i++) {
    const first = bytes[from + i];
    if (first < PLAIN) values[i] = first;
    else if (first < LONG) values[i] = PLAIN + ((first - PLAIN) << 8) + bytes[beside++];
    else {
      values[i] = bytes[beside] | (bytes[beside + 1] << 8) | (bytes[beside + 2] << 16) | (bytes[beside + 3] << 24);
      beside += 4;
    }
  }
  return values;
}

/** Takes the sign out of the lowest bit of a number of 32 bits. */
export const unzigzag = (value: number): number => (value >>> 1) ^ -(value & 1);
