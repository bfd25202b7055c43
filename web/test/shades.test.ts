// The classes behind the colours: what the legend says is what the map shows.
import assert from "node:assert/strict";
import { test } from "node:test";
import { breaks, radius, rateShade, RATE, SHORT, shortShade, UNKNOWN, workShade } from "../src/shades";

test("nobody short has a colour of its own, and a share stands in the class its legend names", () => {
  assert.equal(shortShade(0).fill, SHORT[0]);
  assert.equal(shortShade(0.1).fill, SHORT[1]);
  assert.equal(shortShade(0.11).fill, SHORT[2]);
  assert.equal(shortShade(0.5).fill, SHORT[3]);
  assert.equal(shortShade(1).fill, SHORT[5]);
});

test("what is not known has no colour", () => {
  assert.equal(shortShade(null), UNKNOWN);
  assert.equal(rateShade(null, [1]), UNKNOWN);
  assert.equal(workShade(null, 10, 1.2), UNKNOWN);
  assert.equal(workShade(5, 0, 1.2), UNKNOWN);
});

test("bounds rise, and no class stays empty where values repeat", () => {
  assert.deepEqual(breaks([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]), [3, 5, 7, 9]);
  assert.deepEqual(breaks([5, 5, 5, 5]), []);
  assert.deepEqual(breaks([7]), []);
  assert.deepEqual(breaks([]), []);
  for (const bounds of [breaks([0, 0, 0, 0, 9]), breaks([1, 1, 2, 2, 2, 3])]) {
    for (let at = 1; at < bounds.length; at++) assert.ok(bounds[at] > bounds[at - 1]);
  }
});

test("the largest rate is the darkest, the least the lightest, however few the classes", () => {
  assert.equal(rateShade(1, [3, 5]).fill, RATE[0]);
  assert.equal(rateShade(9, [3, 5]).fill, RATE[4]);
  assert.equal(rateShade(4, []).fill, RATE[0]);
});

test("work above the fair share is told apart from work far above it", () => {
  assert.deepEqual([11, 12, 14, 15].map((hours) => workShade(hours, 10, 1.2).rank), [0, 0, 1, 2]);
});

test("the area of a circle stands for its number", () => {
  assert.equal(radius(100, 100, 20), 20);
  assert.equal(radius(25, 100, 20), 10);
  assert.equal(radius(0, 100, 20), 0);
  assert.equal(radius(0.0001, 100, 20), 2.5);
});
