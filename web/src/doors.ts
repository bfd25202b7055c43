// What buildings and addresses tell each other: numbers for the doors of the one, a place for the other.
import { Table, Texts } from "./unpack";

const SHOWN = 3;

/** Gives the buildings the column `door`, out of what the addresses say. */
export function numberDoors(buildings: Table, addresses: Table): void {
  const told = new Map<number, string[]>();
  for (let row = 0; row < addresses.rows; row++) {
    const building = addresses.number("building", row);
    const text = addresses.text("number", row);
    if (building === null || text === null || building >= buildings.rows) continue;
    const known = told.get(building);
    if (!known) told.set(building, [text]);
    else if (!known.includes(text)) known.push(text);
  }
  const index = new Uint32Array(buildings.rows);
  const places = new Map<string, number>();
  told.forEach((texts, building) => {
    const door = doorOf(texts);
    if (!places.has(door)) places.set(door, places.size + 1);
    index[building] = places.get(door)!;
  });
  buildings.texts.door = new Texts(index, JSON.stringify(Array.from(places.keys())));
}

function doorOf(texts: string[]): string {
  if (texts.length === 1) return texts[0];
  const sorted = texts.map((text): [number, string] => [numberIn(text), text]).sort((a, b) => a[0] - b[0] || (a[1] < b[1] ? -1 : 1));
  const shown = sorted.slice(0, SHOWN).map(([, text]) => text).join(", ");
  return texts.length > SHOWN ? shown + " …" : shown;
}

/** An address that has a building has no place of its own in a pack: it stands where the building does. */
export function settle(buildings: Table, addresses: Table): void {
  const [from, to] = [buildings.shapes!.boxes, addresses.shapes!.boxes];
  for (let row = 0; row < addresses.rows; row++) {
    const building = addresses.number("building", row);
    if (building !== null && building < buildings.rows) to.set(from.subarray(building * 4, building * 4 + 4), row * 4);
  }
}

/** The first number in a text; without one it comes last. */
function numberIn(text: string): number {
  const found = /\d+/.exec(text);
  return found ? Number(found[0]) : Number.MAX_VALUE;
}
