// How many reports came from a place, written on its circle where nothing covers it.
import { Desk } from "../desk";
import { circleOf } from "../painters";
import { FONT, Lettering } from "./lettering";
import { place, within } from "./places";

const LEAST = 10; // pixels of a radius that has room for a number
const SIZE = 11;

export function drawCounts(hand: Lettering, desk: Desk): void {
  const table = desk.tables.incident_places;
  if (!table || !table.shapes) return;
  const { pen, view } = hand;
  const radius = circleOf(table, view);
  pen.font = "600 " + SIZE + "px " + FONT;
  pen.textAlign = "center";
  pen.textBaseline = "middle";
  pen.fillStyle = "#fff";
  for (const row of within(table, view, (one) => radius(one) >= LEAST)) {
    const [x, y] = place(table, row, view);
    const told = desk.number(table.numbers.count[row], 0);
    const half = pen.measureText(told).width / 2 + 1;
    if (hand.room.take([x - half, y - SIZE / 2, x + half, y + SIZE / 2])) pen.fillText(told, x, y);
  }
}
