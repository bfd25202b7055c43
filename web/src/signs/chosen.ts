// What is chosen, outlined or ringed, with its unit.
import { Choice, Desk } from "../desk";
import { waysOf } from "../streets";
import { Table } from "../unpack";
import { Lettering } from "./lettering";

const RED = "#b3261e";

export function drawChosen(hand: Lettering, desk: Desk): void {
  const { choice, tables } = desk;
  if (!choice) return;
  const unit = desk.unitOf(choice);
  if (unit !== null && tables.units.shapes) outline(hand, tables.units, unit, 3, "#0b4f8a");
  if (choice.kind === "building") outline(hand, tables.buildings, choice.row, 2.4, RED);
  else if (choice.kind === "compound") outline(hand, tables.compounds, choice.row, 2.4, "#62487f");
  else if (choice.kind === "street") for (const row of waysOf(desk, choice.row)) outline(hand, tables.ways, row, 2.4, RED, false);
  else ringed(hand, desk, choice);
}

function outline(hand: Lettering, table: Table, row: number, wide: number, colour: string, closed = true): void {
  const { pen } = hand;
  pen.beginPath();
  table.shapes!.trace(pen, row, hand.view, closed);
  pen.strokeStyle = "rgba(255,255,255,0.95)";
  pen.lineWidth = wide + 3.5;
  pen.stroke();
  pen.strokeStyle = colour;
  pen.lineWidth = wide;
  pen.stroke();
}

function ringed(hand: Lettering, desk: Desk, { kind, row }: Choice): void {
  const table = { resource: desk.tables.resources, incident: desk.tables.incidents, address: desk.tables.addresses }[kind as string];
  const middle = table && table.shapes!.middle(row);
  if (middle) hand.ring((middle[0] - hand.view.x) * hand.view.scale, (middle[1] - hand.view.y) * hand.view.scale);
}
