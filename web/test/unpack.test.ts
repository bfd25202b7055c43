// The reading of packs, the finding of shapes and the comparing of texts.
import assert from "node:assert/strict";
import { deflateRawSync } from "node:zlib";
import test from "node:test";
import { plain } from "../src/search/plain";
import { laid, Origin, Shapes } from "../src/shapes";
import { unfolded } from "../src/coding";
import { unpack } from "../src/unpack";

const origin = new Origin(0, 1);

function varints(values: number[]): number[] {
  return values.flatMap((value) => {
    const bytes: number[] = [];
    while (value > 127) {
      bytes.push((value % 128) | 128);
      value = Math.floor(value / 128);
    }
    return [...bytes, value];
  });
}

/** A first byte for each, then what some need beside. */
function wide(values: number[]): number[] {
  const far = values.filter((value) => value >= 224).flatMap((value) => {
    const over = value - 224;
    return over < 7936 ? [over & 255] : [0, 8, 16, 24].map((shift) => (value >>> shift) & 255);
  });
  return [...values.map((value) => (value < 224 ? value : value - 224 < 7936 ? 224 + ((value - 224) >> 8) : 255)), ...far];
}

/** Seven bits a character; a mark and the seven bits after it are told by one character above. */
function text(bytes: Uint8Array): string {
  let bits = Array.from(bytes, (byte) => byte.toString(2).padStart(8, "0")).join("");
  while (bits.length % 7) bits += "0";
  const codes = (bits.match(/.{7}/g) || []).map((one) => parseInt(one, 2));
  const told: number[] = [];
  for (let at = 0; at < codes.length; at++) {
    const mark = "\0\r&<{".indexOf(String.fromCharCode(codes[at]));
    if (mark < 0) told.push(codes[at]);
    else told.push(at + 1 < codes.length ? 128 + mark * 128 + codes[++at] : 1024 + mark);
  }
  return String.fromCharCode(...told);
}

const fold = (value: number): number => (value < 0 ? -2 * value - 1 : 2 * value);

function pack(rows: number, columns: { name: string; kind: string; values: number[]; scale?: number; several?: number; words?: string[]; beside?: string; share?: number; rising?: boolean }[]): string {
  const coded = columns.map((one) => (one.kind === "move" ? wide(one.values) : varints(one.values)));
  const words = columns.map((one) => (one.words ? Buffer.from(JSON.stringify(one.words).replace(/[^ -~]/g, (mark) => "\\u" + mark.charCodeAt(0).toString(16).padStart(4, "0"))) : Buffer.alloc(0)));
  const header = Buffer.from(
    JSON.stringify({ rows, columns: columns.map(({ values, ...one }, at) => ({ ...one, count: values.length, bytes: coded[at].length, words: one.words && words[at].length })) }),
  );
  const head = Buffer.alloc(4);
  head.writeUInt32LE(header.length);
  return text(deflateRawSync(Buffer.concat([head, header, ...coded.flatMap((one, at) => [Buffer.from(one), words[at]])])));
}

// A square of 400 micro-degrees with a square hole of 200 in its middle, then a point.
const square = [
  [0, 0], [400, 0], [400, 400], [0, 400],
  [100, 100], [100, 300], [300, 300], [300, 100],
  [900, 900],
]; // prettier-ignore
const starts = [0, 4, 8];

function begun(axis: number): number[] {
  return starts.map((start, at) => fold(square[start][axis] - (at ? square[starts[at - 1]][axis] : 0)));
}

function stepped(axis: number): number[] {
  return square.flatMap((point, at) => (starts.includes(at) ? [] : [fold(point[axis] - square[at - 1][axis])]));
}

const town = pack(2, [
  { name: "levels", kind: "number", values: [0, 12], scale: 2 },
  { name: "name", kind: "text", values: [1, 0], several: 0, words: ["井 {{7*7}}"] },
  { name: "paths", kind: "count", values: [2, 1] },
  { name: "points", kind: "count", values: [4, 4, 1] },
  { name: "x", kind: "move", values: begun(0) },
  { name: "y", kind: "move", values: begun(1) },
  { name: "dx", kind: "move", values: stepped(0) },
  { name: "dy", kind: "move", values: stepped(1) },
]);

for (const streams of [true, false]) {
  test("a pack reads back " + (streams ? "by the browser's own inflating" : "by ours, where the browser has none"), async () => {
    const kept = globalThis.DecompressionStream;
    if (!streams) Reflect.deleteProperty(globalThis, "DecompressionStream");
    try {
      const table = await unpack(town, origin);
      assert.equal(table.rows, 2);
      assert.equal(table.number("levels", 0), null);
      assert.equal(table.number("levels", 1), 5.5);
      assert.equal(table.text("name", 0), "井 {{7*7}}");
      assert.equal(table.text("name", 1), null);
      assert.equal(table.text("no such column", 0), null);
    } finally {
      globalThis.DecompressionStream = kept;
    }
  });
}

test("a point in the ring is found, a point in the hole is not", async () => {
  const shapes = (await unpack(town, origin)).shapes as Shapes;
  const at = (micro: number): number => shapes.hit(...origin.at(micro / 1e6, micro / 1e6));
  assert.equal(at(50), 0);
  assert.equal(at(200), -1);
  assert.equal(at(350), 0);
  assert.equal(at(500), -1);
});

test("degrees come back from page units", () => {
  const [lon, lat] = origin.degrees(...origin.at(113.25, 23.125));
  assert.ok(Math.abs(lon - 113.25) < 1e-9 && Math.abs(lat - 23.125) < 1e-9);
});

test("any bytes read back from characters of seven bits", () => {
  for (const length of [0, 1, 6, 7, 8, 256]) {
    const bytes = Uint8Array.from({ length }, (_, at) => 255 - at);
    assert.deepEqual(unfolded(text(bytes)), bytes);
  }
});

test("a column told beside another, and one told in steps, read back", async () => {
  const table = await unpack(
    pack(4, [
      { name: "homes", kind: "number", values: [11, 21, 0, 31] },
      { name: "people", kind: "number", values: [1, 0, 15, 2], beside: "homes", share: 2.6 },
      { name: "place", kind: "number", values: [7, 0, 3, 2], rising: true },
    ]),
    origin,
  );
  assert.deepEqual([0, 1, 2, 3].map((row) => table.number("people", row)), [26, null, 7, 77]);
  assert.deepEqual([0, 1, 2, 3].map((row) => table.number("place", row)), [3, null, 4, 3]);
});

test("full width, capitals, accents and spaces do not matter in a search", () => {
  assert.equal(plain("Ｕ００１"), plain("u001"));
  assert.equal(plain("Linnésgade  6"), plain("linnesgade6"));
  assert.equal(plain("幸福小区 3号楼"), plain("幸福小区3号楼"));
});

test("texts that come once are told as the next of those, others by their place", async () => {
  const words = ["often", "twice", "first", "second"];
  const table = await unpack(pack(7, [{ name: "name", kind: "text", values: [2, 1, 3, 0, 2, 1, 3], several: 2, words }]), origin);
  assert.deepEqual([0, 1, 2, 3, 4, 5, 6].map((row) => table.text("name", row)), ["often", "first", "twice", null, "often", "second", "twice"]);
});

test("points lie where the projection puts them, along lines of a hundred kilometres and near the pole", async () => {
  for (const [lon, lat] of [[12, 0], [117, 23], [-70, -54], [25, 78]]) {
    const here = new Origin(lon, lat + 1);
    const steps = Array.from({ length: 400 }, (_, at) => (at ? (at % 7 ? 900 : -2500) : lat * 1e6));
    const across = steps.map((_, at) => (at ? 1100 : lon * 1e6));
    const { x, y } = await laid([1], [steps.length], { dx: Int32Array.from(across), dy: Int32Array.from(steps) }, here);
    let [east, north] = [0, 0];
    steps.forEach((step, at) => {
      [east, north] = [east + across[at], north + step];
      const [px, py] = here.at(east / 1e6, north / 1e6);
      assert.ok(Math.abs(x[at] - px) < 1e-3 && Math.abs(y[at] - py) < 1e-2, `${at}: ${x[at] - px} ${y[at] - py}`);
    });
  }
});
