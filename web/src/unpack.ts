// Reads the packs that render/compact.py writes: deflated columns of whole numbers, texts and shapes.
// What comes out is plain arrays, so that a worker can read a pack and hand it over (see `decoding.ts`).
import { inflateSync } from "fflate";
import { unfolded, varints, wide } from "./coding";
import { laid, Laid, Origin, Shapes, signed } from "./shapes";
import { retraced } from "./traced";

/** A column of texts: 0 is null, else 1 + the place in the words, which stand as JSON. */
export interface Words {
  index: Uint32Array;
  told: string;
}

/** A pack as it was read: arrays alone, and words as the JSON they are written in. */
export interface Plain {
  rows: number;
  numbers: Record<string, Float64Array>;
  texts: Record<string, Words>;
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
  kind: "number" | "text" | "count" | "move";
  bytes: number;
  scale?: number;
  beside?: string; // this column is about `share` of that one: what differs is told
  share?: number;
  rising?: boolean; // each row tells its step from the last known
  count?: number; // how many numbers there are
  grid?: [number, number]; // of the shapes, eastward and northward in micro-degrees
  several?: number; // how many of the words come more than once
  words?: number; // bytes of the words, which follow
  around?: string; // words that are pairs stand before and behind what that column says
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
  const found: Record<string, Uint32Array> = {};
  let grid: [number, number] = [1, 1];
  let at = head;
  for (const column of header.columns) {
    const end = at + column.bytes;
    if (column.grid) grid = column.grid;
    if (column.kind === "move") found[column.name] = wide(bytes, at, column.count!);
    else if (column.kind === "number") plain.numbers[column.name] = told(await varints(bytes, at, end, Float64Array), column, whole);
    else if (column.kind === "count") found[column.name] = await varints(bytes, at, end, Uint32Array);
    else {
      const text = { index: placed(await varints(bytes, at, end, Uint32Array), column.several!), told: ascii(bytes, end, end + column.words!) };
      plain.texts[column.name] = column.around === undefined ? text : joined(text, plain.texts[column.around]);
    }
    at = end + (column.words || 0);
  }
  if (found.paths) plain.shapes = await laid(found.paths, found.points, retraced(found.points, found), origin, grid);
  return plain;
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

/** Finds the place of each text: 1 is the next of those that come once, what is above is one of the others. */
function placed(codes: Uint32Array, several: number): Uint32Array {
  let next = several;
  for (let i = 0; i < codes.length; i++) if (codes[i]) codes[i] = codes[i] === 1 ? ++next : codes[i] - 1;
  return codes;
}

/** Puts what another column says into the words that are told around it. */
function joined(around: Words, held: Words): Words {
  const forms = JSON.parse(around.told) as (string | [string, string])[];
  const inner = JSON.parse(held.told) as string[];
  const places = new Map<number, number>();
  const words: string[] = [];
  const index = around.index.map((form, row) => {
    if (form === 0) return 0;
    const told = forms[form - 1];
    const key = form * (inner.length + 1) + (typeof told === "string" ? 0 : held.index[row]);
    let place = places.get(key);
    if (place === undefined) {
      place = words.push(typeof told === "string" ? told : told[0] + inner[held.index[row] - 1] + told[1]);
      places.set(key, place);
    }
    return place;
  });
  return { index, told: JSON.stringify(words) };
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
