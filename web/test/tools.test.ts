// What the tools work out: lengths, shifts, tables, pictures, and what a search finds.
import assert from "node:assert/strict";
import { test } from "node:test";
import { deflateSync } from "node:zlib";
import { Column } from "../src/search/column";
import { Hay } from "../src/search/hay";
import { initials, plain, spelled } from "../src/search/plain";
import { csv } from "../src/tools/csv";
import { shifted } from "../src/tools/gcj02";
import { areaOf, degreeMetres, lengthOf, Point } from "../src/tools/metres";
import { crc, withDensity } from "../src/tools/png";
import { fileName } from "../src/tools/save";
import { Texts } from "../src/unpack";

const near = (found: number, wanted: number, off: number): void => assert.ok(Math.abs(found - wanted) <= off, `${found} is not ${wanted}`);

test("a degree is as long as on the ellipsoid, at the equator, in Beijing and in Copenhagen", () => {
  near(degreeMetres(0, true)[0], 111_319.49, 0.5);
  near(degreeMetres(0, true)[1], 110_574.3, 0.5);
  near(degreeMetres(39.9, true)[0], 85_518.29, 0.5);
  near(degreeMetres(39.9, true)[1], 111_032.71, 0.5);
  near(degreeMetres(55.676, true)[0], 62_913.74, 0.5);
  near(degreeMetres(55.676, true)[1], 111_335.93, 0.5);
});

test("a square of a hundred metres measures four hundred metres round and a hectare within", () => {
  const [east, north] = degreeMetres(30, true).map((one) => 100 / one);
  const ring: Point[] = [[120, 30], [120 + east, 30], [120 + east, 30 + north], [120, 30 + north]];
  near(lengthOf([...ring, ring[0]], true), 400, 0.01);
  near(areaOf(ring, true), 10_000, 1);
  assert.equal(areaOf(ring.slice(0, 2), true), 0);
});

test("a page without a place measures on the sphere on which it was laid", () => {
  near(lengthOf([[0, 0], [0.001, 0]], false), (Math.PI / 180) * 6371, 1e-6);
});

test("tiles of Amap are shifted as the formula says, and none outside China", () => {
  const [lat, lon] = shifted(39.908823, 116.39747);
  near(lat, 39.910227, 2e-6);
  near(lon, 116.403713, 2e-6);
  assert.deepEqual(shifted(55.6761, 12.5683), [55.6761, 12.5683]);
});

test("a table opens in a spreadsheet as what it is: its mark, quotes, and no formula that runs", () => {
  const text = csv({ name: "x", head: ["名称", "n"], rows: [["=1+1", 5], ['a "b", c', -3], ["+86 10", null], ["@x", 1], ["-2", 2], ["two\nlines", 0], [" =A1", 1]] });
  assert.equal(text.charCodeAt(0), 0xfeff);
  const lines = text.slice(1).split("\r\n");
  assert.deepEqual(lines.slice(0, 6), ["名称,n", "\"'=1+1\",5", '"a ""b"", c",-3', "\"'+86 10\",", "\"'@x\",1", "\"'-2\",2"]);
  assert.equal(lines[7], "\"' =A1\",1");
});

test("a picture says how many dots make an inch, in a chunk that readers accept", () => {
  const chunk = (type: string, data: Uint8Array): number[] => {
    const body = [...Buffer.from(type, "latin1"), ...data];
    const size = new DataView(new ArrayBuffer(8));
    size.setUint32(0, data.length);
    size.setUint32(4, crc(Uint8Array.from(body)));
    return [...new Uint8Array(size.buffer, 0, 4), ...body, ...new Uint8Array(size.buffer, 4, 4)];
  };
  const head = Uint8Array.from([0, 0, 0, 1, 0, 0, 0, 1, 8, 0, 0, 0, 0]);
  const png = Uint8Array.from([137, 80, 78, 71, 13, 10, 26, 10, ...chunk("IHDR", head), ...chunk("IDAT", deflateSync(Buffer.from([0, 0]))), ...chunk("IEND", new Uint8Array(0))]);
  const made = withDensity(png, 300);
  assert.equal(made.length, png.length + 21);
  const view = new DataView(made.buffer);
  assert.equal(Buffer.from(made.subarray(37, 41)).toString(), "pHYs");
  assert.equal(view.getUint32(41), 11811);
  assert.equal(view.getUint32(45), 11811);
  assert.equal(view.getUint32(50), crc(made.subarray(37, 50)));
  assert.equal(crc(Buffer.from("123456789")), 0xcbf43926);
});

test("a file name is one on every system", () => {
  assert.equal(fileName(["幸福/社区: 一", null, "a*b?"], ".csv"), "幸福 社区 一 a b.csv");
  assert.equal(fileName(["..\\secret"], ".png"), "secret.png");
});

const READINGS = { 幸: "xing", 福: "fu", 小: "xiao", 区: "qu ou", 重: "zhong chong", 庆: "qing", 号: "hao", 楼: "lou" };

test("Chinese names are found by the letters of their syllables, and by the syllables", () => {
  const [told] = spelled(plain("幸福小区 3号楼"), READINGS);
  assert.equal(told, "XingFuXiaoQu3HaoLou");
  assert.equal(initials(told), "xfxq3hl");
  assert.deepEqual(spelled("重庆", READINGS), ["ZhongQing", "ChongQing"]);
  assert.deepEqual(spelled("high street", READINGS), []);
  assert.equal(spelled("重重重重区区", READINGS).length, 4);
});

test("of many texts those are found that hold what was asked for, those that begin with it first", () => {
  const hay = new Hay(["high street", "street", "old street 1", "", "streets"]);
  assert.deepEqual([...hay.find("street")].map((one) => [one.line, one.head, one.whole]), [[1, true, true], [4, true, false], [0, false, false], [2, false, false]]);
  assert.deepEqual([...hay.find("nothing")], []);
});

test("a text of one letter that comes everywhere is found in every text once", () => {
  const hay = new Hay(Array.from({ length: 50 }, (_, at) => "a".repeat(at)));
  assert.equal([...hay.find("a")].length, 49);
});

test("names that differ by their numbers are found by name, by pinyin and by number", () => {
  const words = [1, 2, 12, 21].map((at) => `幸福小区${at}号楼`).concat(["重庆路", "5-12"]);
  const column = new Column(new Texts(Uint32Array.from([1, 2, 3, 4, 5, 6, 0, 3]), JSON.stringify(words)), READINGS, false);
  const found = (asked: string): [number, number][] => {
    const hits: [number, number][] = [];
    column.find(plain(asked), (row, _, rank) => hits.push([row, rank]) > 0);
    return hits;
  };
  assert.equal(column.work(Infinity), true);
  assert.deepEqual(found("幸福小区12号楼"), [[2, 0], [7, 0]]);
  assert.deepEqual(found("小区2"), [[1, 2], [3, 2]]);
  assert.deepEqual(found("xfxq12"), [[2, 4], [7, 4]]);
  assert.deepEqual(found("xingfuxiaoqu21haolou"), [[3, 3]]);
  assert.deepEqual(found("cq"), [[4, 4]]);
  assert.deepEqual(found("ngfu"), []);
  assert.deepEqual(found("12").map((one) => one[0]).sort(), [2, 5, 7]);
});
