// The draft in the page: which part lies in which unit, with the sums of the units, kept exact stroke by stroke.

export interface UnitRow {
  id: string;
  code: string | null;
  name: string | null;
  kind: string;
  exclusive_kind: string | null;
  level: string | null;
  parent: string | null;
  locked: boolean;
  upper: boolean; // holds other units and no parts itself
  low: number;
  high: number;
  households: number;
  residents: number;
  buildings: number;
  size: number;
  gone?: boolean;
}

export interface GroundTold {
  plan: string;
  revision: string;
  turns: [number, number];
  parts: number;
  unassigned: number;
  columns: Record<string, string>;
  units: UnitRow[];
  names: { buildings: (string | null)[]; compounds: (string | null)[] };
  floors: [number, string | null, number | null, number | null][];
  band: { low: number; high: number; by: string; source: Record<string, string> | null };
  kinds: { key: string; title: Record<string, string> }[];
  ages: Record<string, Record<string, number>>;
}

const COLUMNS = ["unit", "origin", "cell", "building", "compound", "block", "community", "households", "residents", "weight", "load", "one", "other"] as const;
export type Columns = Record<(typeof COLUMNS)[number], Int32Array>;

/** Reads whole numbers of four bytes, lowest byte first. */
export function numbers(coded: string): Int32Array {
  const text = atob(coded);
  const bytes = new Uint8Array(text.length);
  for (let at = 0; at < text.length; at++) bytes[at] = text.charCodeAt(at);
  return new Int32Array(bytes.buffer, 0, bytes.length >> 2);
}

/** Neighbours of each part: those of part p stand from first[p] to first[p + 1]. */
export interface Near {
  first: Int32Array;
  near: Int32Array;
}

export function neighbours(parts: number, one: Int32Array, other: Int32Array): Near {
  const first = new Int32Array(parts + 1);
  for (let at = 0; at < one.length; at++) {
    first[one[at] + 1]++;
    first[other[at] + 1]++;
  }
  for (let part = 0; part < parts; part++) first[part + 1] += first[part];
  const place = first.slice();
  const near = new Int32Array(first[parts]);
  for (let at = 0; at < one.length; at++) {
    near[place[one[at]]++] = other[at];
    near[place[other[at]]++] = one[at];
  }
  return { first, near };
}

/** Lists the parts of each place of a column; -1 is no place. */
export function grouped(column: Int32Array): Near {
  let most = -1;
  for (let part = 0; part < column.length; part++) if (column[part] > most) most = column[part];
  const first = new Int32Array(most + 2);
  for (let part = 0; part < column.length; part++) if (column[part] >= 0) first[column[part] + 1]++;
  for (let at = 0; at <= most; at++) first[at + 1] += first[at];
  const place = first.slice();
  const near = new Int32Array(first[most + 1]);
  for (let part = 0; part < column.length; part++) if (column[part] >= 0) near[place[column[part]]++] = part;
  return { first, near };
}

const SUMS = ["households", "residents", "weight", "load"] as const;
export type Sum = (typeof SUMS)[number];

export class Draft {
  readonly parts: number;
  readonly unit: Int32Array;
  readonly columns: Columns;
  readonly near: Near;
  readonly ofBuilding: Near;
  readonly ofCompound: Near;
  readonly ofBlock: Near;
  readonly ofCell: Near;
  readonly units: UnitRow[];
  readonly place = new Map<string, number>();
  readonly sums: Record<Sum, Float64Array>;
  held: Int32Array; // parts of each unit
  buildings: Int32Array;
  private readonly home: Int32Array; // the unit that has most of each building

  constructor(told: GroundTold) {
    this.parts = told.parts;
    this.columns = {} as Columns;
    for (const name of COLUMNS) this.columns[name] = numbers(told.columns[name]);
    this.unit = this.columns.unit;
    this.near = neighbours(this.parts, this.columns.one, this.columns.other);
    this.ofBuilding = grouped(this.columns.building);
    this.ofCompound = grouped(this.columns.compound);
    this.ofBlock = grouped(this.columns.block);
    this.ofCell = grouped(this.columns.cell);
    this.units = told.units.slice();
    this.units.forEach((row, at) => this.place.set(row.id, at));
    const room = this.units.length;
    this.sums = { households: new Float64Array(room), residents: new Float64Array(room), weight: new Float64Array(room), load: new Float64Array(room) };
    this.held = new Int32Array(room);
    this.buildings = new Int32Array(room);
    this.home = new Int32Array(this.ofBuilding.first.length - 1).fill(-1);
    for (let part = 0; part < this.parts; part++) this.count(part, this.unit[part], 1);
    for (let building = 0; building < this.home.length; building++) this.house(building);
  }

  /** Puts parts into units and gives the units that changed. */
  apply(parts: ArrayLike<number>, to: ArrayLike<number>): Set<number> {
    const touched = new Set<number>();
    const houses = new Set<number>();
    for (let at = 0; at < parts.length; at++) {
      const part = parts[at];
      const was = this.unit[part];
      if (was === to[at]) continue;
      if (was >= 0) touched.add(was);
      touched.add(to[at]);
      this.count(part, was, -1);
      this.unit[part] = to[at];
      this.count(part, to[at], 1);
      if (this.columns.building[part] >= 0) houses.add(this.columns.building[part]);
    }
    houses.forEach((building) => this.house(building));
    return touched;
  }

  /** Takes in what the desk says of units: new ones, changed ones, and those that are no more. */
  take(rows: UnitRow[], gone: string[]): void {
    for (const row of rows) {
      const at = this.place.get(row.id);
      if (at === undefined) this.add(row);
      else this.units[at] = row;
    }
    for (const id of gone) {
      const at = this.place.get(id);
      if (at !== undefined) this.units[at] = { ...this.units[at], gone: true };
    }
  }

  /** Tells whether the sums of a unit are those that the desk has; units above are summed by the desk alone. */
  agrees(row: UnitRow): boolean {
    const at = this.place.get(row.id);
    if (row.upper || at === undefined) return true;
    const { households, residents, weight } = this.sums;
    return households[at] === row.households && residents[at] === row.residents && weight[at] === row.size && this.buildings[at] === row.buildings;
  }

  members(unit: number): number[] {
    const found: number[] = [];
    for (let part = 0; part < this.parts; part++) if (this.unit[part] === unit) found.push(part);
    return found;
  }

  /** Where the size of a unit lies: -1 below its band, 1 above, 0 inside or bound by none. */
  outside(at: number): number {
    const row = this.units[at];
    if (row.gone || row.upper || row.kind === "exclusive") return 0;
    const size = this.sums.weight[at];
    return size < row.low ? -1 : size > row.high ? 1 : 0;
  }

  private add(row: UnitRow): void {
    this.place.set(row.id, this.units.length);
    this.units.push(row);
    for (const name of SUMS) this.sums[name] = longer(this.sums[name], this.units.length);
    this.held = longer(this.held, this.units.length);
    this.buildings = longer(this.buildings, this.units.length);
  }

  private count(part: number, unit: number, sign: number): void {
    if (unit < 0) return;
    for (const name of SUMS) this.sums[name][unit] += sign * this.columns[name][part];
    this.held[unit] += sign;
  }

  /** Counts a building in the unit with most of its households, of two the one with more parts, then the first by id. */
  private house(building: number): void {
    const { first, near } = this.ofBuilding;
    let best = -1;
    if (first[building + 1] - first[building] === 1) best = this.unit[near[first[building]]];
    else {
      const homes = new Map<number, [number, number]>();
      for (let at = first[building]; at < first[building + 1]; at++) {
        const unit = this.unit[near[at]];
        if (unit < 0) continue;
        const sum = homes.get(unit) || [0, 0];
        homes.set(unit, [sum[0] + this.columns.households[near[at]], sum[1] + 1]);
      }
      homes.forEach(([households, parts], unit) => {
        const most = homes.get(best);
        if (!most || households > most[0] || (households === most[0] && (parts > most[1] || (parts === most[1] && this.units[unit].id < this.units[best].id)))) best = unit;
      });
    }
    const was = this.home[building];
    if (was === best) return;
    if (was >= 0) this.buildings[was]--;
    if (best >= 0) this.buildings[best]++;
    this.home[building] = best;
  }
}

function longer<T extends Float64Array | Int32Array>(values: T, length: number): T {
  const more = new (values.constructor as new (size: number) => T)(length);
  more.set(values);
  return more;
}
