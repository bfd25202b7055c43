// Reads the packs that render/compact.py writes: deflated columns of varints and shapes as deltas of micro-degrees.
// What comes out is plain arrays, so that a worker can read a pack and hand it over (see `decoding.ts`).
import { inflateSync } from "fflate";
import { laid, Laid, Origin, Shapes, signed } from "./shapes";
import { pause } from "./pause";

/** A pack as it was read: arrays alone, and words as the JSON they are written in. */
export interface Plain {
  rows: number;
  numbers: Record<string, Float64Array>;
  texts: Record<string, { index: Uint32Array; told: string }>;
  shapes: Laid | null;
}

/** A column of texts; the words are read out of their JSON when the first is asked for. */
export class Texts {
  private known: string[] | null = null;

  constructor(
    readonly index: Uint32Array, // 0 is null, else 1 + place in words
    private told: string,
  ) {}

  get words(): string[] {
    if (this.known === null) {
      this.known = JSON.parse(this.told) as string[];
      this.told = "";
    }
    return this.known;
  }
}

interface Column {
  name: string;
  kind: "number" | "text" | "count" | "delta";
  bytes: number;
  scale?: number;
  beside?: string; // this column is about `share` of that one: what differs is told
  share?: number;
  rising?: boolean; // each row tells its step from the last known
  step?: number; // grid of the shapes, in micro-degrees
  several?: number; // how many of the words come more than once
  words?: number; // bytes of the words, which follow
}

export class Table {
  readonly rows: number;
  readonly numbers: Record<string, Float64Array>;
  readonly texts: Record<string, Texts> = {};
  shapes: Shapes | null;

  constructor(plain: Plain) {
    this.rows = plain.rows;
    this.numbers = plain.numbers;
    this.shapes = plain.shapes && new Shapes(plain.shapes);
    this.join(plain);
  }

  /** Takes in further columns of the same rows. */
  join(more: Plain): void {
    Object.assign(this.numbers, more.numbers);
    for (const name of Object.keys(more.texts)) this.texts[name] = new Texts(more.texts[name].index, more.texts[name].told);
  }

  number(name: string, row: number): number | null {
    const column = this.numbers[name];
    return column === undefined || isNaN(column[row]) ? null : column[row];
  }

  text(name: string, row: number): string | null {
    const column = this.texts[name];
    const at = column === undefined ? 0 : column.index[row];
    return at === 0 ? null : column.words[at - 1];
  }
}

const PIECE = 200_000;

export async function unpack(packed: string | Uint8Array, origin: Origin): Promise<Table> {
  return new Table(await read(packed, origin));
}

/** Reads a pack: text of seven bits as it stands in a file, or bytes as the desk sends them. */
export async function read(packed: string | Uint8Array, origin: Origin): Promise<Plain> {
  const bytes = await inflate(typeof packed === "string" ? unfolded(packed) : packed);
  const head = 4 + new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getUint32(0, true);
  const header = JSON.parse(ascii(bytes, 4, head)) as { rows: number; columns: Column[] };
  const plain: Plain = { rows: header.rows, numbers: {}, texts: {}, shapes: null };
  const whole: Record<string, Float64Array> = {}; // numbers before their scale
  const found: Record<string, Int32Array | Uint32Array> = {};
  let step = 1;
  let at = head;
  for (const column of header.columns) {
    const end = at + column.bytes;
    if (column.kind === "delta") [found[column.name], step] = [planes(bytes, at, column.bytes / 4), column.step || 1];
    else if (column.kind === "number") plain.numbers[column.name] = told(await varints(bytes, at, end, Float64Array), column, whole);
    else if (column.kind === "count") found[column.name] = await varints(bytes, at, end, Uint32Array);
    else plain.texts[column.name] = { index: placed(await varints(bytes, at, end, Uint32Array), column.several!), told: ascii(bytes, end, end + column.words!) };
    at = end + (column.words || 0);
  }
  if (found.x) plain.shapes = await laid(found.paths, found.points, found.x, found.y, origin, step);
  return plain;
}

/** Reads bytes from characters of seven bits: eight characters are seven bytes. */
export function unfolded(text: string): Uint8Array {
  const bytes = new Uint8Array(Math.floor((text.length * 7) / 8));
  const wholes = text.length >> 3;
  const code = (at: number): number => text.charCodeAt(at) & 127;
  let to = 0;
  for (let from = 0; from < wholes * 8; from += 8) {
    const high = (code(from) << 21) | (code(from + 1) << 14) | (code(from + 2) << 7) | code(from + 3);
    const low = (code(from + 4) << 21) | (code(from + 5) << 14) | (code(from + 6) << 7) | code(from + 7);
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
  for (let from = wholes * 8; from < text.length; from++) {
    hold = (hold << 7) | code(from);
    bits += 7;
    if (bits < 8) continue;
    bits -= 8;
    bytes[to++] = hold >> bits;
    hold &= 127;
  }
  return bytes;
}

async function inflate(bytes: Uint8Array): Promise<Uint8Array> {
  const Stream = (globalThis as { DecompressionStream?: typeof DecompressionStream }).DecompressionStream;
  if (Stream) {
    try {
      const stream = new Blob([bytes as BlobPart]).stream().pipeThrough(new Stream("deflate-raw"));
      return new Uint8Array(await new Response(stream).arrayBuffer());
    } catch (_) {
      // Chromium before 103 has the stream without this format: our own way below reads the same bytes.
    }
  }
  return inflateSync(bytes);
}

function ascii(bytes: Uint8Array, from: number, to: number): string {
  return new TextDecoder("latin1").decode(bytes.subarray(from, to));
}

async function varints<T extends Float64Array | Uint32Array>(bytes: Uint8Array, from: number, to: number, kind: new (size: number) => T): Promise<T> {
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

/** Finds the place of each text: 1 is the next of those that come once, what is above is one of the others. */
function placed(codes: Uint32Array, several: number): Uint32Array {
  let next = several;
  for (let i = 0; i < codes.length; i++) if (codes[i]) codes[i] = codes[i] === 1 ? ++next : codes[i] - 1;
  return codes;
}

/** Puts numbers of four bytes together, all lowest bytes first, and unfolds their sign. */
function planes(bytes: Uint8Array, from: number, count: number): Int32Array {
  const values = new Int32Array(count);
  const [second, third, fourth] = [from + count, from + 2 * count, from + 3 * count];
  for (let i = 0; i < count; i++) {
    const folded = bytes[from + i] | (bytes[second + i] << 8) | (bytes[third + i] << 16) | (bytes[fourth + i] << 24);
    values[i] = (folded >>> 1) ^ -(folded & 1);
  }
  return values;
}

/** Brings numbers back from how they are told; 0 is null. */
function told(values: Float64Array, column: Column, kept: Record<string, Float64Array>): Float64Array {
  const scale = column.scale || 1;
  const other = column.beside === undefined ? null : kept[column.beside];
  const folds = other !== null || column.rising === true;
  const whole = new Float64Array(values.length);
  let last = 0;
  for (let i = 0; i < values.length; i++) {
    if (values[i] === 0) {
      values[i] = NaN;
      continue;
    }
    const expected = other ? Math.floor(column.share! * other[i] + 0.5) : column.rising ? last : 0;
    last = whole[i] = folds ? signed(values[i] - 1) + expected : values[i] - 1;
    values[i] = last / scale;
  }
  kept[column.name] = whole;
  return values;
}
