// The hard rules of a plan, looked at in the page at the end of a stroke, as `delineate.edit.rules` looks at them: a unit
// stays in no more pieces than it had, belongs to one community, does not change while it is locked, is not left empty.
import type { Near, UnitRow } from "./draft";

/** As much of a draft as the rules look at. */
export interface Ruled {
  parts: number;
  unit: Int32Array;
  near: Near;
  columns: { community: Int32Array; households: Int32Array };
  units: Pick<UnitRow, "id" | "parent" | "locked">[];
  place: Map<string, number>;
}

export interface Verdict {
  nothing: boolean;
  locked: number[]; // units
  foreign: number[]; // parts that would come into a unit of another community
  empty: number[]; // units left without parts
  broken: number[]; // units, of the lowest level on which any falls into pieces
  cut: number[]; // parts that hang together with the rest of their unit no more
}

export interface Moves {
  parts: Int32Array;
  to: Int32Array;
}

export function movesOf(parts: Iterable<number>, to: number | ((part: number) => number)): Moves {
  const list = Array.from(new Set(parts)).sort((a, b) => a - b);
  return { parts: Int32Array.from(list), to: Int32Array.from(list, typeof to === "number" ? () => to : to) };
}

export function fine(verdict: Verdict): boolean {
  return !verdict.nothing && !verdict.locked.length && !verdict.foreign.length && !verdict.empty.length && !verdict.broken.length;
}

/** Looks at moves before they are made; the draft is as it was when this returns. */
export function judge(draft: Ruled, moves: Moves): Verdict {
  const changed = real(draft, moves);
  const verdict: Verdict = { nothing: !changed.parts.length, locked: [], foreign: [], empty: [], broken: [], cut: [] };
  if (verdict.nothing) return verdict;
  const before = changed.parts.map((part) => draft.unit[part]);
  const touched = new Set<number>([...Array.from(before), ...Array.from(changed.to)].filter((unit) => unit >= 0));
  verdict.locked = sorted(touched).filter((unit) => isLocked(draft, unit));
  const levels = liftings(draft);
  const here = spotOf(draft, within(draft, levels[levels.length - 1], touched), changed.parts);
  verdict.foreign = foreign(draft, changed, here);
  const was = counted(draft, touched, here);
  const had = levels.map((level) => look(draft, level, lifted(touched, level), here));
  put(draft, changed.parts, changed.to);
  try {
    const now = counted(draft, touched, here);
    verdict.empty = sorted(touched).filter((unit) => (was.get(unit) || 0) > 0 && !now.get(unit));
    levels.some((level, at) => pieces(draft, level, lifted(touched, level), had[at], verdict, here));
  } finally {
    put(draft, changed.parts, before);
  }
  return verdict;
}

/**
 * Keeps of moves what leaves every unit in its largest piece: parts that would lie apart from their new unit are left
 * where they are, parts that would be cut off go along. Null where that does not help.
 */
export function keepLargest(draft: Ruled, moves: Moves, target: number): Moves | null {
  let tried: Moves | null = moves;
  for (let round = 0; round < 4 && tried; round++) {
    const verdict = judge(draft, tried);
    if (verdict.nothing) return null;
    if (!verdict.broken.length) return verdict.empty.length ? null : tried;
    const cut = new Set(verdict.cut);
    const mine: Moves = tried;
    const to = new Map<number, number>(Array.from(mine.parts, (part, at): [number, number] => [part, mine.to[at]]));
    const stay = Array.from(to.keys()).filter((part) => !(cut.has(part) && to.get(part) === target));
    const along = verdict.cut.filter((part) => draft.unit[part] !== target && !to.has(part));
    const fewer = stay.length < to.size;
    tried = fewer ? movesOf(stay, (part) => to.get(part)!) : along.length ? movesOf([...stay, ...along], target) : null;
  }
  return null;
}

/** Counts the pieces of some units of the lowest level, of all without a choice. */
export function pieceCounts(draft: Ruled, units: Set<number> | null = null): Map<number, number> {
  const wanted = units || new Set(Array.from(draft.units.keys()));
  return look(draft, null, wanted, spotOf(draft, wanted)).count;
}

// below --------------------------------------------------------------------------------------------------------------
type Level = Int32Array | null; // the unit of this level by unit; null: the lowest

/** The parts of some units, so that a rule need not walk through a whole town; `place` gives the place of a part, -1. */
interface Spot {
  parts: number[];
  place: Int32Array;
}

interface Pieces {
  count: Map<number, number>;
  piece: Int32Array; // by place; -1 in units that were not asked for
}

function real(draft: Ruled, moves: Moves): Moves {
  const at = Array.from(moves.parts.keys()).filter((place) => draft.unit[moves.parts[place]] !== moves.to[place]);
  return { parts: Int32Array.from(at, (place) => moves.parts[place]), to: Int32Array.from(at, (place) => moves.to[place]) };
}

function put(draft: Ruled, parts: Int32Array, to: Int32Array): void {
  for (let at = 0; at < parts.length; at++) draft.unit[parts[at]] = to[at];
}

function sorted(units: Iterable<number>): number[] {
  return Array.from(units).sort((a, b) => a - b);
}

function above(draft: Ruled, unit: number): number {
  const parent = draft.units[unit].parent;
  const at = parent === null ? undefined : draft.place.get(parent);
  return at === undefined ? -1 : at;
}

export function isLocked(draft: Ruled, unit: number): boolean {
  const seen = new Set<number>();
  for (let at = unit; at >= 0 && !seen.has(at); at = above(draft, at)) {
    if (draft.units[at].locked) return true;
    seen.add(at);
  }
  return false;
}

/** Names the units that may change with some: those that lie in the same units on the topmost level. */
function within(draft: Ruled, top: Level, touched: Set<number>): Set<number> {
  if (top === null) return touched;
  const tops = lifted(touched, top);
  return new Set(Array.from(draft.units.keys()).filter((unit) => tops.has(top[unit])));
}

function spotOf(draft: Ruled, units: Set<number>, loose: Int32Array = new Int32Array(0)): Spot {
  const wanted = flags(draft, units);
  const parts: number[] = [];
  const place = new Int32Array(draft.parts).fill(-1);
  const { unit } = draft;
  for (const part of Array.from(loose)) place[part] = 0; // those of no unit yet come along
  for (let part = 0; part < draft.parts; part++) if (wanted[unit[part]] || place[part] === 0) place[part] = parts.push(part) - 1;
  return { parts, place };
}

function foreign(draft: Ruled, moves: Moves, here: Spot): number[] {
  const { community } = draft.columns;
  const wanted = flags(draft, moves.to);
  const homes = new Map<number, Set<number>>();
  for (const part of here.parts) {
    const unit = draft.unit[part];
    if (!wanted[unit]) continue;
    if (!homes.has(unit)) homes.set(unit, new Set());
    homes.get(unit)!.add(community[part]);
  }
  return Array.from(moves.parts).filter((part, at) => {
    const home = homes.get(moves.to[at]);
    return home !== undefined && !home.has(community[part]);
  });
}

function counted(draft: Ruled, units: Set<number>, here: Spot): Map<number, number> {
  const found = new Map<number, number>();
  const wanted = flags(draft, units);
  for (const part of here.parts) {
    const unit = draft.unit[part];
    if (wanted[unit]) found.set(unit, (found.get(unit) || 0) + 1);
  }
  return found;
}

/** Marks some units: a town has very many parts, and asking a set for each of them is slow. */
function flags(draft: Ruled, units: Int32Array | Set<number>): Uint8Array {
  const found = new Uint8Array(draft.units.length);
  units.forEach((unit: number) => (found[unit] = 1));
  return found;
}

/** Gives the levels from the lowest up, each as the unit there by unit; what lies in none stays itself. */
function liftings(draft: Ruled): Level[] {
  const found: Level[] = [null];
  if (!draft.units.some((row) => row.parent !== null)) return found;
  let now = Int32Array.from(draft.units.keys());
  for (let step = 0; step < draft.units.length; step++) {
    const next = now.map((unit) => (above(draft, unit) < 0 ? unit : above(draft, unit)));
    if (next.every((unit, at) => unit === now[at])) break;
    found.push(next);
    now = next;
  }
  return found;
}

function lifted(units: Set<number>, level: Level): Set<number> {
  return level === null ? units : new Set(Array.from(units, (unit) => level[unit]));
}

/** Finds the pieces in which the parts of some units hang together, numbered by their first part. */
function look(draft: Ruled, level: Level, units: Set<number>, here: Spot): Pieces {
  const { unit, near } = draft;
  const { parts, place } = here;
  const wanted = flags(draft, units);
  const own = Int32Array.from(parts, (part) => (level === null || unit[part] < 0 ? unit[part] : level[unit[part]]));
  const piece = new Int32Array(parts.length).fill(-1);
  const count = new Map<number, number>();
  let next = 0;
  for (let first = 0; first < parts.length; first++) {
    if (piece[first] >= 0 || !wanted[own[first]]) continue;
    count.set(own[first], (count.get(own[first]) || 0) + 1);
    const todo = [first];
    piece[first] = next;
    while (todo.length) {
      const part = parts[todo.pop()!];
      for (let edge = near.first[part]; edge < near.first[part + 1]; edge++) {
        const other = place[near.near[edge]];
        if (other < 0 || piece[other] >= 0 || own[other] !== own[first]) continue;
        piece[other] = next;
        todo.push(other);
      }
    }
    next++;
  }
  return { count, piece };
}

/** Says which units of a level have too many pieces now, and what lies apart from the piece with most households. */
function pieces(draft: Ruled, level: Level, units: Set<number>, had: Pieces, verdict: Verdict, here: Spot): boolean {
  const now = look(draft, level, units, here);
  const broken = sorted(units).filter((unit) => (now.count.get(unit) || 0) > Math.max(1, had.count.get(unit) === undefined ? 1 : had.count.get(unit)!));
  if (!broken.length) return false;
  verdict.broken = broken;
  verdict.cut = cutOff(draft, level, now, new Set(broken), here);
  return true;
}

function cutOff(draft: Ruled, level: Level, found: Pieces, broken: Set<number>, here: Spot): number[] {
  const { unit, columns } = draft;
  const homes: number[] = [];
  const size: number[] = [];
  const owner: number[] = [];
  here.parts.forEach((part, at) => {
    const piece = found.piece[at];
    if (piece < 0) return;
    homes[piece] = (homes[piece] || 0) + columns.households[part];
    size[piece] = (size[piece] || 0) + 1;
    owner[piece] = level === null ? unit[part] : level[unit[part]];
  });
  const main = new Map<number, number>();
  owner.forEach((own, piece) => {
    const best = main.get(own);
    if (best === undefined || homes[piece] > homes[best] || (homes[piece] === homes[best] && size[piece] > size[best])) main.set(own, piece);
  });
  return here.parts.filter((_, at) => found.piece[at] >= 0 && broken.has(owner[found.piece[at]]) && main.get(owner[found.piece[at]]) !== found.piece[at]);
}

