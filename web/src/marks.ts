// Findings on the map: units coloured by them, hatched where nothing is known, and marks over the units.
import { Desk } from "./desk";
import { EVERY, Findings } from "./findings";
import { Painter } from "./ground";
import { COVER, overOf, overPattern } from "./hatches";
import { radius, VACANT, WORK } from "./shades";
import { Box, boxOf, View } from "./shapes";
import { Table } from "./unpack";

const INK = "#1b2730";
const [SMALLEST, LARGEST] = [5, 24]; // how large the largest circle is, as units have room
const BAR = { wide: 44, high: 7, of: 1.8 }; // a full bar is this many times the mean
const HATCH = 8;
const BELOW_BAR = 19;

type Under = Map<number, number>;

/** The ground of units in the colours of what is looked at. */
export function findingGround(findings: Findings, units: Table): Painter {
  return {
    order: 21,
    layer: "units",
    paint(pen, view) {
      if (findings.view === "units") return;
      const groups = new Map<string | null, number[]>();
      const shades = findings.shades();
      units.shapes!.within(boxOf(view), (row) => {
        const { fill } = shades[row];
        const group = groups.get(fill);
        if (group) group.push(row);
        else groups.set(fill, [row]);
      });
      groups.forEach((rows, fill) => {
        pen.beginPath();
        for (const row of rows) units.shapes!.trace(pen, row, view, true);
        pen.globalAlpha = fill === null ? 1 : COVER;
        pen.fillStyle = fill === null ? hatching(pen) : fill;
        pen.fill();
        pen.globalAlpha = 1;
        const over = overOf(fill);
        if (over) pen.fillStyle = overPattern(pen, over);
        if (over) pen.fill();
      });
    },
  };
}

let pattern: HTMLCanvasElement | null = null;

/** Slanting lines that meet across tiles. */
export function hatching(pen: CanvasRenderingContext2D): CanvasPattern | string {
  if (!pattern) {
    pattern = document.createElement("canvas");
    pattern.width = pattern.height = HATCH;
    const own = pattern.getContext("2d")!;
    own.fillStyle = "rgba(255,255,255,0.75)";
    own.fillRect(0, 0, HATCH, HATCH);
    own.strokeStyle = "#8b949b";
    own.lineWidth = 1.2;
    own.beginPath();
    for (const at of [-HATCH, 0, HATCH]) {
      own.moveTo(at, HATCH);
      own.lineTo(at + HATCH, 0);
    }
    own.stroke();
  }
  return pen.createPattern(pattern, "repeat") || "#e3e5e7";
}

/** Where the marks of units stand: x and y on the canvas, null for a unit without a place or outside the view. */
function spot(units: Table, row: number, view: View, margin = 60): [number, number] | null {
  const { label_east, label_south } = units.numbers;
  if (isNaN(label_east[row])) return null;
  const x = (label_east[row] - view.x) * view.scale;
  const y = (label_south[row] - view.y) * view.scale;
  return x < -margin || y < -margin || x > view.width + margin || y > view.height + margin ? null : [x, y];
}

/** The room that half of the units have around the place of their marks, in pixels. */
function room(units: Table, view: View): number {
  const known = Array.from(units.numbers.label_radius).filter((one) => !isNaN(one));
  return known.length ? known.sort((a, b) => a - b)[known.length >> 1] * view.scale : 0;
}

/** Draws the marks of the view and keeps their room free; gives how far below its place the label of each unit goes. */
export function drawMarks(pen: CanvasRenderingContext2D, view: View, desk: Desk, findings: Findings, keep: (box: Box) => void): Under {
  const under: Under = new Map();
  if (!desk.tables.units || !desk.isShown("units")) return under;
  if (findings.view === "gaps" && findings.form === "short" && findings.service !== EVERY) circles(pen, view, desk, findings, under, keep);
  if (findings.view === "work") bars(pen, view, desk, findings, under, keep);
  if (findings.view === "duties") lines(pen, view, desk, findings);
  return under;
}

/** Circles whose area stands for the people short, the number in those that have room. */
function circles(pen: CanvasRenderingContext2D, view: View, desk: Desk, findings: Findings, under: Under, keep: (box: Box) => void): void {
  const gaps = findings.table("gaps")!;
  const most = findings.mostShort();
  const largest = Math.max(SMALLEST, Math.min(LARGEST, room(desk.tables.units, view)));
  for (const row of findings.gaps().reverse()) {
    const unit = gaps.numbers.unit[row];
    const at = spot(desk.tables.units, unit, view);
    if (!at) continue;
    const reach = radius(gaps.numbers.short[row], most, largest);
    pen.beginPath();
    pen.arc(at[0], at[1], reach, 0, Math.PI * 2);
    pen.fillStyle = "rgba(20,38,54,0.78)";
    pen.fill();
    pen.strokeStyle = "#fff";
    pen.lineWidth = 1.6;
    pen.stroke();
    under.set(unit, reach + 15);
    keep([at[0] - reach, at[1] - reach, at[0] + reach, at[1] + reach]);
    const told = desk.number(gaps.numbers.short[row]);
    pen.font = "600 11px sans-serif";
    if (pen.measureText(told).width > reach * 2 - 5) continue;
    pen.textAlign = "center";
    pen.textBaseline = "middle";
    pen.fillStyle = "#fff";
    pen.fillText(told, at[0], at[1] + 0.5);
  }
  newPlaces(pen, view, findings, keep);
}

/** Places where a new site would help most, numbered. */
function newPlaces(pen: CanvasRenderingContext2D, view: View, findings: Findings, keep: (box: Box) => void): void {
  const sites = findings.table("sites");
  for (const row of findings.sites()) {
    const middle = sites!.shapes!.middle(row);
    if (!middle) continue;
    const [x, y] = [(middle[0] - view.x) * view.scale, (middle[1] - view.y) * view.scale];
    pen.beginPath();
    pen.moveTo(x, y + 4);
    pen.lineTo(x - 9, y - 10);
    pen.arc(x, y - 14, 10, Math.PI * 0.87, Math.PI * 0.13);
    pen.closePath();
    pen.fillStyle = "#1b7837";
    pen.fill();
    pen.strokeStyle = "#fff";
    pen.lineWidth = 1.8;
    pen.stroke();
    pen.fillStyle = "#fff";
    pen.font = "700 11px sans-serif";
    pen.textAlign = "center";
    pen.textBaseline = "middle";
    pen.fillText(String(sites!.numbers.rank[row]), x, y - 13);
    keep([x - 11, y - 25, x + 11, y + 5]);
  }
}

/** Bars of hours a month; the pale part is what is fair, the tick where that ends. */
function bars(pen: CanvasRenderingContext2D, view: View, desk: Desk, findings: Findings, under: Under, keep: (box: Box) => void): void {
  const hours = findings.hours();
  const mean = findings.meanHours();
  const { most } = desk.facts.work!;
  if (mean <= 0 || room(desk.tables.units, view) < BAR.wide * 0.4) return;
  hours.forEach((one, unit) => {
    const at = spot(desk.tables.units, unit, view);
    if (!at || one === null) return;
    const [left, top] = [at[0] - BAR.wide / 2, at[1] - BAR.high / 2];
    const span = (value: number): number => Math.min(1, value / BAR.of) * BAR.wide;
    pen.fillStyle = "#fff";
    pen.fillRect(left, top, BAR.wide, BAR.high);
    pen.fillStyle = "#c9dbe6";
    pen.fillRect(left, top, span(most), BAR.high);
    pen.fillStyle = one / mean > most ? WORK[2] : INK;
    pen.fillRect(left, top + 2, span(one / mean), BAR.high - 4);
    pen.strokeStyle = INK;
    pen.lineWidth = 1;
    pen.strokeRect(left, top, BAR.wide, BAR.high);
    pen.beginPath();
    pen.moveTo(left + span(most), top - 3);
    pen.lineTo(left + span(most), top + BAR.high + 3);
    pen.stroke();
    under.set(unit, BELOW_BAR);
    keep([left, top, left + BAR.wide, top + BAR.high]);
  });
}

/** Lines from the middle of the community to each person and from there to their units; nobody: a red ring. */
function lines(pen: CanvasRenderingContext2D, view: View, desk: Desk, findings: Findings): void {
  const { units, duties } = desk.tables;
  const places = findings.units().map((unit) => spot(units, unit, view, Infinity));
  const people = new Map<string, number[]>();
  for (let row = 0; row < duties.rows; row++) {
    const who = duties.text("worker", row) || "";
    people.set(who, [...(people.get(who) || []), duties.numbers.unit[row]]);
  }
  const middle = mean(places.filter((one): one is [number, number] => one !== null));
  pen.lineCap = "round";
  people.forEach((held) => {
    const theirs = held.map((unit) => places[unit]).filter((one): one is [number, number] => one !== null);
    if (!theirs.length || !middle) return;
    const hub = mean(theirs)!;
    stroke(pen, [middle, hub], "rgba(27,39,48,0.55)", 1.2);
    for (const one of theirs) stroke(pen, [hub, one], "rgba(11,79,138,0.85)", 2.2);
    dot(pen, hub, 4.5, "#0b4f8a");
  });
  if (middle) dot(pen, middle, 6, INK);
  for (const unit of findings.vacant()) {
    const at = places[unit];
    if (!at) continue;
    pen.beginPath();
    pen.arc(at[0], at[1], 17, 0, Math.PI * 2);
    pen.strokeStyle = "#fff";
    pen.lineWidth = 5;
    pen.stroke();
    pen.strokeStyle = VACANT;
    pen.lineWidth = 2.6;
    pen.setLineDash([5, 3]);
    pen.stroke();
    pen.setLineDash([]);
  }
}

function stroke(pen: CanvasRenderingContext2D, points: [number, number][], colour: string, wide: number): void {
  pen.beginPath();
  points.forEach(([x, y], at) => (at ? pen.lineTo(x, y) : pen.moveTo(x, y)));
  pen.strokeStyle = colour;
  pen.lineWidth = wide;
  pen.stroke();
}

function dot(pen: CanvasRenderingContext2D, at: [number, number], reach: number, colour: string): void {
  pen.beginPath();
  pen.arc(at[0], at[1], reach, 0, Math.PI * 2);
  pen.fillStyle = colour;
  pen.fill();
  pen.strokeStyle = "#fff";
  pen.lineWidth = 1.5;
  pen.stroke();
}

function mean(points: [number, number][]): [number, number] | null {
  if (!points.length) return null;
  const sum = points.reduce((all, one) => [all[0] + one[0], all[1] + one[1]], [0, 0]);
  return [sum[0] / points.length, sum[1] / points.length];
}
