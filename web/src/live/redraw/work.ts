// The draft and the desk kept in step: an edit shows at once, is sent after the one before it, and its sums are compared.
import type { Box, Shapes } from "../../shapes";
import { Plain, read, Table } from "../../unpack";
import { Answer, Refused } from "../api";
import type { Live } from "../live";
import { Draft, GroundTold, UnitRow } from "./draft";
import { Moves, pieceCounts } from "./guard";

export type Heard = (touched: Set<number>) => void;

export class Work {
  draft!: Draft;
  told!: GroundTold;
  shapes!: Shapes;
  turns: [number, number] = [0, 0];
  revision = "";
  waiting = 0; // edits that the desk has not acknowledged yet
  ages: Record<string, Record<string, number>> = {};
  private colours: number[] = [];
  private queue: Promise<unknown> = Promise.resolve();
  private broken: Set<number> | null = null; // units in pieces, but for those in `loose`
  private loose = new Set<number>(); // units whose pieces are to be counted anew
  private ordered: number[] | null = null;

  constructor(
    private readonly live: Live,
    private readonly heard: Heard,
    private readonly lost: () => void,
  ) {}

  async load(): Promise<void> {
    const ground = await this.live.api("/api/redraw/ground");
    if (!this.shapes || this.told.plan !== ground.plan || this.told.parts !== ground.parts) this.shapes = await this.outlines();
    this.told = ground as unknown as GroundTold;
    this.draft = new Draft(this.told);
    this.ages = this.told.ages;
    this.turns = this.told.turns;
    this.revision = this.told.revision;
    this.broken = this.ordered = null;
    this.colours = this.coloured();
  }

  private async outlines(): Promise<Shapes> {
    const answer = await fetch("/api/redraw/cells", { credentials: "same-origin", cache: "no-store" });
    if (!answer.ok) throw new Error("cells: " + answer.status);
    const plain: Plain = await read(new Uint8Array(await answer.arrayBuffer()), this.live.page.desk.origin);
    return new Table(plain).shapes!;
  }

  // edits ------------------------------------------------------------------------------------------------------------
  /** Makes moves that the guard has passed, or that break a rule by force: on the screen at once, then at the desk. */
  stroke(moves: Moves, force: boolean): void {
    const touched = this.draft.apply(moves.parts, moves.to);
    touched.forEach((unit) => this.loose.add(unit));
    this.heard(touched);
    const units: string[] = [];
    const at = new Map<number, number>();
    const to = Array.from(moves.to, (unit) => {
      if (!at.has(unit)) at.set(unit, units.push(this.draft.units[unit].id) - 1);
      return at.get(unit)!;
    });
    this.send("stroke", { units, parts: Array.from(moves.parts), to, force }).catch(() => undefined);
  }

  /** Makes an edit that only the desk can make, and shows what came of it. */
  async command(path: string, body: Record<string, unknown> = {}): Promise<Answer | null> {
    try {
      return await this.send(path, body);
    } catch (error) {
      return null;
    }
  }

  /** Waits until everything is acknowledged. */
  idle(): Promise<unknown> {
    return this.queue;
  }

  private send(path: string, body: Record<string, unknown>): Promise<Answer> {
    this.waiting++;
    const sent = this.queue.then(() => this.one(path, body));
    this.queue = sent.catch(() => undefined);
    return sent;
  }

  private async one(path: string, body: Record<string, unknown>): Promise<Answer> {
    const begun = performance.now();
    try {
      const answer = await this.live.quietly("/api/redraw/" + path, { ...body, revision: this.revision });
      performance.measure("redraw-saved", { start: begun, end: performance.now(), detail: path });
      this.waiting--;
      this.take(answer);
      return answer;
    } catch (error) {
      this.waiting--;
      await this.recover(error, path === "stroke");
      throw error;
    }
  }

  private take(answer: Answer): void {
    this.revision = answer.revision;
    this.turns = [answer.undo, answer.redo];
    for (const unit of Object.keys(answer.ages)) this.ages[unit] = answer.ages[unit];
    if (answer.gone.length || (answer.rows as UnitRow[]).some((row) => this.code(row.id) !== row.code)) this.ordered = null;
    this.draft.take(answer.rows as UnitRow[], answer.gone);
    const to = (answer.to as string[]).map((unit) => this.draft.place.get(unit)!);
    const touched = this.waiting ? new Set<number>() : this.draft.apply(answer.parts, to);
    for (const row of answer.rows as UnitRow[]) touched.add(this.draft.place.get(row.id)!);
    while (this.colours.length < this.draft.units.length) this.colours.push(this.freeColour(this.colours.length));
    touched.forEach((unit) => this.loose.add(unit));
    this.heard(touched);
    const wrong = this.waiting ? [] : (answer.rows as UnitRow[]).filter((row) => !this.draft.agrees(row));
    if (wrong.length) {
      const codes = wrong.map((row) => row.code || row.id).join(", ");
      this.live.notices.refusal({ code: "redraw_differs", message: this.live.say("redraw_differs", { unit_codes: codes }), where: null, hint: null });
      this.lost();
    }
  }

  /** After a refusal the page shows what the desk has; edits that waited behind it are given up, and that is said. */
  private async recover(error: unknown, shown: boolean): Promise<void> {
    if (error instanceof Refused) this.live.notices.refusal(error.refusal);
    if (shown || (error instanceof Refused && error.status === 409)) this.lost();
  }

  // looks ------------------------------------------------------------------------------------------------------------
  title(unit: number): string {
    const row = this.draft.units[unit];
    const code = row.code || row.id;
    const short = /^\d{15}$/.test(code) ? code.slice(-3) : code;
    return row.name ? short + " " + row.name : short;
  }

  colour(unit: number): string {
    const { palette } = this.live.page.desk.facts;
    return unit < 0 ? "#999" : palette[this.colours[unit] % palette.length];
  }

  /** The code of a unit; undefined where it is none that is drawn. */
  private code(id: string): string | null | undefined {
    const at = this.draft.place.get(id);
    return at === undefined || this.draft.units[at].gone ? undefined : this.draft.units[at].code;
  }

  /** Units in the order of their codes. */
  order(): number[] {
    if (this.ordered) return this.ordered;
    const key = (unit: number): string => (this.draft.units[unit].code || this.draft.units[unit].id).replace(/\d+/g, (digits) => digits.padStart(20, "0"));
    const keys = this.draft.units.map((_, unit) => key(unit));
    const alive = Array.from(this.draft.units.keys()).filter((unit) => !this.draft.units[unit].gone && !this.draft.units[unit].upper);
    return (this.ordered = alive.sort((a, b) => (keys[a] < keys[b] ? -1 : keys[a] > keys[b] ? 1 : 0)));
  }

  /** Units that lie in several pieces. */
  inPieces(): Set<number> {
    const counted = pieceCounts(this.draft, this.broken && this.loose);
    const units = this.broken ? this.loose : new Set(counted.keys());
    const broken = this.broken || new Set<number>();
    units.forEach((unit) => ((counted.get(unit) || 0) > 1 ? broken.add(unit) : broken.delete(unit)));
    this.loose = new Set();
    return (this.broken = broken);
  }

  /** The box around some units; null where they have no ground. */
  box(units: number[]): Box | null {
    const found: Box = [Infinity, Infinity, -Infinity, -Infinity];
    for (const part of units.reduce((all, unit) => all.concat(this.draft.members(unit)), [] as number[])) {
      const own = this.shapes.box(this.draft.columns.cell[part]);
      if (!own) continue;
      found[0] = Math.min(found[0], own[0]);
      found[1] = Math.min(found[1], own[1]);
      found[2] = Math.max(found[2], own[2]);
      found[3] = Math.max(found[3], own[3]);
    }
    return found[0] <= found[2] ? found : null;
  }

  private coloured(): number[] {
    const known = new Map<string, number>();
    const { units } = this.live.page.desk.tables;
    for (let row = 0; units && row < units.rows; row++) known.set(units.text("code", row) || "", units.numbers.colour[row]);
    return this.draft.units.map((row, at) => {
      const colour = known.get(row.code || row.id);
      return colour === undefined || isNaN(colour) ? at : colour;
    });
  }

  /** A colour that no neighbour of a new unit has, if there is one. */
  private freeColour(unit: number): number {
    const { near, unit: lies } = this.draft;
    const beside = new Set<number>();
    for (const part of this.draft.members(unit)) {
      for (let at = near.first[part]; at < near.first[part + 1]; at++) if (lies[near.near[at]] < this.colours.length) beside.add(this.colours[lies[near.near[at]]]);
    }
    const { palette } = this.live.page.desk.facts;
    for (let colour = 0; colour < palette.length; colour++) if (!beside.has(colour)) return colour;
    return unit;
  }
}
