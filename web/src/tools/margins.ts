// What stands around the map of a picture: its title and stamp above; legend, scale, sources and map number below.
import L from "leaflet";
import { Desk } from "../desk";
import { Findings } from "../findings";
import { Over, overOf, overPattern, seen } from "../hatches";
import { Key, legend, Legend } from "../legend";
import { hatching } from "../marks";
import { NINE } from "../shades";
import { FONT } from "../signs/lettering";
import { HAVE } from "../views/need";
import { lengthOf, toldLength } from "./metres";

type Pen = CanvasRenderingContext2D;

const PAD = 14;
const LINE = 18;
const INK = "#1f2a33";
const SOFT = "#4d5962";
const STAMP = "#8c2f08";
const LICENCE = "© OpenStreetMap contributors, ODbL 1.0 · openstreetmap.org/copyright";
const BAR_MOST = 160;
const DRAWN_NOTES = 3;

const letters = (size: number, weight = ""): string => weight + size + "px " + FONT;

/** Title, what is looked at, and the stamp of what must stay inside. */
export class Head {
  readonly high: number;
  private readonly title: string[];
  private readonly told: string[];
  private readonly stamp: string | null;

  constructor(
    desk: Desk,
    findings: Findings,
    private readonly wide: number,
    pen: Pen,
  ) {
    const { facts } = desk;
    this.stamp = facts.internal ? "内部 INTERNAL" : null;
    pen.font = letters(14, "700 ");
    const room = wide - PAD * 2 - (this.stamp ? pen.measureText(this.stamp).width + 34 : 0);
    pen.font = letters(18, "600 ");
    this.title = wrapped(pen, facts.title, room);
    pen.font = letters(12.5);
    this.told = wrapped(pen, subject(desk, findings), room);
    this.high = PAD + this.title.length * 24 + this.told.length * LINE + 6;
  }

  draw(pen: Pen, top: number): void {
    let y = top + PAD + 16;
    pen.textAlign = "left";
    pen.textBaseline = "alphabetic";
    for (const line of this.title) y = written(pen, line, PAD, y, letters(18, "600 "), INK, 24);
    y -= 4;
    for (const line of this.told) y = written(pen, line, PAD, y, letters(12.5), SOFT, LINE);
    if (this.stamp) this.drawStamp(pen, this.stamp, top + PAD);
  }

  private drawStamp(pen: Pen, stamp: string, top: number): void {
    pen.font = letters(14, "700 ");
    const wide = pen.measureText(stamp).width + 18;
    pen.strokeStyle = pen.fillStyle = STAMP;
    pen.lineWidth = 1.5;
    pen.strokeRect(this.wide - PAD - wide, top, wide, 26);
    pen.fillText(stamp, this.wide - PAD - wide + 9, top + 18);
  }
}

/** What is looked at, in words: the view, the service or kind, the month. */
export function subject(desk: Desk, findings: Findings): string {
  const { view, service, cases } = findings;
  const told = [desk.head("look_" + view)];
  if (view === "gaps") told.push(service < 0 ? desk.say("every_service") : desk.title(findings.services()[service].title));
  if (view === "rates" || view === "spots") told.push(desk.word("incident", findings.category) || findings.category);
  if (view === "incidents") {
    const month = cases.month();
    told.push(desk.say("cases_" + cases.which));
    told.push(month === null ? desk.say("cases_today", { date: desk.facts.made }) : desk.say("cases_end_of", { month }));
  }
  return told.join(" · ");
}

/** Legend, notes, scale bar, sources. */
export class Foot {
  readonly high: number;
  private readonly keys: { key: Key; x: number; y: number }[] = [];
  private readonly notes: string[];
  private readonly sources: string[];
  private readonly nine: boolean;
  private readonly below: number; // where the notes begin

  constructor(
    private readonly desk: Desk,
    findings: Findings,
    private readonly map: L.Map,
    private readonly wide: number,
    pen: Pen,
  ) {
    this.nine = findings.view === "gaps" && findings.form === "need";
    const shown: Legend = this.nine ? { keys: [], notes: [desk.say("need_people"), desk.say("need_note")] } : legend(desk, findings);
    const under = this.flow(pen, shown.keys);
    pen.font = letters(11);
    const room = wide - PAD * 2;
    this.notes = ([] as string[]).concat(...shown.notes.slice(0, DRAWN_NOTES).map((note) => wrapped(pen, note, room)));
    this.sources = ([] as string[]).concat(...sources(desk).map((one) => wrapped(pen, one, room - BAR_MOST - 40)));
    this.below = under + (this.nine ? 3 * LINE + 4 : 0);
    this.high = this.below + this.notes.length * 15 + Math.max(34, this.sources.length * 15 + 8) + PAD;
  }

  /** Places the keys in lines, as words in a paragraph. */
  private flow(pen: Pen, keys: Key[]): number {
    let [x, y] = [PAD, PAD];
    pen.font = letters(12);
    for (const key of keys) {
      const wide = 22 + pen.measureText(key.text).width + 18;
      if (x > PAD && x + wide > this.wide - PAD) [x, y] = [PAD, y + LINE + 2];
      this.keys.push({ key, x, y });
      x += wide;
    }
    return keys.length ? y + LINE + 8 : PAD;
  }

  draw(pen: Pen, top: number): void {
    pen.fillStyle = "#8b949b";
    pen.fillRect(0, top, this.wide, 1);
    pen.textAlign = "left";
    for (const { key, x, y } of this.keys) {
      drawKey(pen, key, x, top + y);
      written(pen, key.text, x + 22, top + y + 12, letters(12), INK, 0);
    }
    if (this.nine) drawNine(pen, this.desk, PAD, top + PAD);
    let y = top + this.below + 11;
    for (const line of this.notes) y = written(pen, line, PAD, y, letters(11), SOFT, 15);
    y += 14;
    drawBar(pen, this.desk, this.map, PAD, y);
    for (const line of this.sources) y = written(pen, line, PAD + BAR_MOST + 40, y, letters(11), SOFT, 15);
  }
}

function sources(desk: Desk): string[] {
  const { facts } = desk;
  const age = facts.dataDate ? desk.say("data_date", { date: facts.dataDate }) : desk.say("data_date_unknown");
  const number = facts.mapNumber ? desk.say("number", { number: facts.mapNumber }) + " · " : "";
  return [number + age + " " + desk.say("made", { date: facts.made }), LICENCE];
}

/** Writes a line and gives where the next one stands. */
function written(pen: Pen, text: string, x: number, y: number, font: string, colour: string, line: number): number {
  pen.font = font;
  pen.fillStyle = colour;
  pen.textBaseline = "alphabetic";
  pen.fillText(text, x, y);
  return y + line;
}

/** Breaks a text into lines: between words, and between the characters of Chinese. */
export function wrapped(pen: Pen, text: string, room: number): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.match(/[\u2e80-\u9fff\uff00-\uffef]|[^\s\u2e80-\u9fff\uff00-\uffef]+\s*|\s+/g) || []) {
    if (line && pen.measureText((line + word).replace(/\s+$/, "")).width > room) {
      lines.push(line);
      line = "";
    }
    line += word;
  }
  return line ? [...lines, line] : lines;
}

function drawKey(pen: Pen, { mark, colour, over }: Key, x: number, y: number): void {
  pen.lineWidth = 1;
  pen.strokeStyle = "rgba(30,45,60,0.55)";
  if (mark === "dashed") {
    pen.strokeStyle = colour;
    pen.lineWidth = 3;
    pen.setLineDash([5, 3]);
    pen.beginPath();
    pen.moveTo(x, y + 7);
    pen.lineTo(x + 15, y + 7);
    pen.stroke();
    pen.setLineDash([]);
  } else if (mark === "age" || mark === "late") {
    pen.beginPath();
    for (const [dx, dy] of [[7, 1], [13, 7], [7, 13], [1, 7]]) pen.lineTo(x + dx, y + dy);
    pen.closePath();
    pen.fillStyle = colour;
    pen.fill();
    if (mark === "late") [pen.strokeStyle, pen.lineWidth] = ["#1b1f24", 2.4];
    pen.stroke();
  } else box(pen, mark === "unknown" ? null : colour, over || null, x, y, 14, 14);
}

/** A box in the colour of the map with its pattern; hatched where nothing is known. */
function box(pen: Pen, colour: string | null, over: Over | null, x: number, y: number, wide: number, high: number): void {
  pen.strokeStyle = "rgba(30,45,60,0.55)";
  pen.fillStyle = colour === null ? hatching(pen) : colour;
  pen.fillRect(x, y, wide, high);
  if (over) pen.fillStyle = overPattern(pen, over);
  if (over) pen.fillRect(x, y, wide, high);
  pen.strokeRect(x, y, wide, high);
}

/** Need and supply: three by three, the share of people that has it beside each line. */
function drawNine(pen: Pen, desk: Desk, x: number, y: number): void {
  const told = [
    desk.say("have_over", { low: desk.percent(HAVE[0]) }),
    desk.say("range", { low: desk.percent(HAVE[1]), high: desk.percent(HAVE[0]) }),
    desk.say("have_under", { high: desk.percent(HAVE[1]) }),
  ];
  NINE.forEach((line, row) => {
    line.forEach((colour, at) => box(pen, seen(colour), overOf(colour), x + at * 46, y + row * LINE, 44, LINE - 2));
    written(pen, told[row], x + 3 * 46 + 8, y + row * LINE + 12, letters(12), INK, 0);
  });
}

/** A bar of a round length, as long as the map there is true. */
function drawBar(pen: Pen, desk: Desk, map: L.Map, x: number, y: number): void {
  const size = map.getSize();
  const [left, right] = [0, 100].map((dx) => map.containerPointToLatLng(L.point(size.x / 2 + dx, size.y / 2)));
  const metres = lengthOf([[left.lng, left.lat], [right.lng, right.lat]], desk.facts.georeferenced) / 100;
  const unit = desk.facts.length === "ft" ? (metres * BAR_MOST < 800 ? 0.3048 : 1609.344) : 1;
  const most = (metres * BAR_MOST) / unit;
  const step = Math.pow(10, Math.floor(Math.log10(most)));
  const round = [5, 2, 1].map((one) => one * step).find((one) => one <= most)!;
  const wide = (round * unit) / metres;
  pen.fillStyle = INK;
  pen.fillRect(x, y - 4, wide / 2, 4);
  pen.strokeStyle = INK;
  pen.lineWidth = 1;
  pen.strokeRect(x, y - 4, wide, 4);
  written(pen, toldLength(desk, round * unit), x, y - 8, letters(11), INK, 0);
}
