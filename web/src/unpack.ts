// Reads the packs that render/compact.py writes: deflated columns of varints and shapes as deltas of micro-degrees.
import { inflateSync } from "fflate";
import { Origin, Shapes } from "./shapes";

export interface Texts {
  index: Uint32Array; // 0 is null, else 1 + place in words
  words: string[];
}

interface Column {
  name: string;
  kind: "number" | "text" | "count" | "delta";
  bytes: number;
  scale?: number;
  words?: string[];
}

export class Table {
  readonly numbers: Record<string, Float64Array> = {};
  readonly texts: Record<string, Texts> = {};
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
  const bytes = await inflate(fromBase64(text));
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const head = view.getUint32(0, true);
  const header = JSON.parse(ascii(bytes, 4, 4 + head)) as { rows: number; columns: Column[] };
  const table = new Table(header.rows);
  const found: Record<string, Float64Array> = {};
  let at = 4 + head;
  for (const column of header.columns) {
    const values = await varints(bytes, at, at + column.bytes);
    at += column.bytes;
    if (column.kind === "number") table.numbers[column.name] = scaled(values, column.scale || 1);
    else if (column.kind === "text") table.texts[column.name] = { index: Uint32Array.from(values), words: column.words! };
    else found[column.name] = values;
  }
  if (found.x) table.shapes = await Shapes.from(found.paths, found.points, found.x, found.y, origin);
  return table;
}

export function fromBase64(text: string): Uint8Array {
  const binary = atob(text);
  const bytes = new Uint8Array(binary.length);
  for (let i = 0; i < binary.length; i++) bytes[i] = binary.charCodeAt(i);
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

function scaled(values: Float64Array, scale: number): Float64Array {
  for (let i = 0; i < values.length; i++) values[i] = values[i] === 0 ? NaN : (values[i] - 1) / scale;
  return values;
}
