// Reads the packs that render/compact.py writes: deflated columns of varints and shapes as deltas of micro-degrees.
import { inflateSync } from "fflate";
import { Origin, Shapes, signed } from "./shapes";

export interface Texts {
  index: Uint32Array; // 0 is null, else 1 + place in words
  words: string[];
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
  words?: string[];
}

export class Table {
  readonly numbers: Record<string, Float64Array> = {};
  readonly texts: Record<string, Texts> = {};
  whole: Record<string, Float64Array> = {}; // numbers before their scale, while the table is read
  shapes: Shapes | null = null;

  constructor(readonly rows: number) {}

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

// Long work is cut into pieces, so that the page answers while it reads.
const PIECE = 200_000;
let begun = 0;

export function pause(): Promise<void> | null {
  if (performance.now() - begun < 24) return null;
  return new Promise((done) =>
    setTimeout(() => {
      begun = performance.now();
      done();
    }, 0),
  );
}

export async function unpack(text: string, origin: Origin): Promise<Table> {
  const bytes = await inflate(unfolded(text));
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const head = view.getUint32(0, true);
  const header = JSON.parse(ascii(bytes, 4, 4 + head)) as { rows: number; columns: Column[] };
  const table = new Table(header.rows);
  const found: Record<string, Float64Array> = {};
  let at = 4 + head;
  for (const column of header.columns) {
    const values = column.kind === "delta" ? planes(bytes, at, column.bytes / 4) : await varints(bytes, at, at + column.bytes);
    at += column.bytes;
    if (column.kind === "number") table.numbers[column.name] = told(values, column, table);
    else if (column.kind === "text") table.texts[column.name] = { index: Uint32Array.from(values), words: column.words! };
    else found[column.name] = values;
  }
  if (found.x) table.shapes = await Shapes.from(found.paths, found.points, found.x, found.y, origin, header.columns.find((one) => one.name === "x")!.step || 1);
  table.whole = {};
  return table;
}

/** Reads bytes from characters of seven bits. */
export function unfolded(text: string): Uint8Array {
  const bytes = new Uint8Array(Math.floor((text.length * 7) / 8));
  let hold = 0;
  let bits = 0;
  let at = 0;
  for (let i = 0; i < text.length; i++) {
    hold = ((hold << 7) | (text.charCodeAt(i) & 127)) & 0x7fff;
    bits += 7;
    if (bits < 8) continue;
    bits -= 8;
    bytes[at++] = hold >> bits;
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
  return new TextDecoder().decode(bytes.subarray(from, to));
}

async function varints(bytes: Uint8Array, from: number, to: number): Promise<Float64Array> {
  let count = 0;
  for (let i = from; i < to; i++) if (bytes[i] < 128) count++;
  const values = new Float64Array(count);
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

/** Puts numbers of four bytes together: all lowest bytes stand first. */
function planes(bytes: Uint8Array, from: number, count: number): Float64Array {
  const values = new Float64Array(count);
  const [second, third, fourth] = [from + count, from + 2 * count, from + 3 * count];
  for (let i = 0; i < count; i++) values[i] = bytes[from + i] + bytes[second + i] * 256 + bytes[third + i] * 65_536 + bytes[fourth + i] * 16_777_216;
  return values;
}

/** Brings numbers back from how they are told; 0 is null. */
function told(values: Float64Array, column: Column, table: Table): Float64Array {
  const scale = column.scale || 1;
  const other = column.beside === undefined ? null : table.whole[column.beside];
  const folds = other !== null || column.rising === true;
  const whole = new Float64Array(values.length);
  let last = 0;
  for (let i = 0; i < values.length; i++) {
    const known = values[i] !== 0;
    const one = values[i] - 1;
    const expected = other ? Math.floor(column.share! * other[i] + 0.5) : column.rising ? last : 0;
    whole[i] = known ? (folds ? signed(one) + expected : one) : 0;
    values[i] = known ? whole[i] / scale : NaN;
    if (known) last = whole[i];
  }
  table.whole[column.name] = whole;
  return values;
}
