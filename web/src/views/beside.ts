// The plan before, on a map of its own to the right; both maps move together.
import L from "leaflet";
import { Desk } from "../desk";
import { el } from "../dom";
import { Findings } from "../findings";
import { Ground } from "../ground";
import * as paint from "../painters";
import { Signs } from "../signs";
import { Table } from "../unpack";

export class Beside {
  private map: L.Map | null = null;
  private pulling = false;
  private readonly holder = el("div", { id: "govmap-beside", tabindex: "-1" });
  private readonly captions = [el("p", { class: "caption" }), el("p", { class: "caption" })];

  constructor(
    private readonly desk: Desk,
    private readonly findings: Findings,
    private readonly first: L.Map,
    private readonly fit: () => void,
  ) {
    desk.on("theme", () => this.follow());
    desk.on("language", () => this.name());
  }

  /** Opens or closes the second map, as the view asks for. */
  private follow(): void {
    const wanted = this.findings.view === "moved" && this.findings.beside;
    if (wanted === (this.map !== null)) return;
    if (wanted) this.open();
    else this.close();
    this.first.invalidateSize({ animate: false });
    this.fit();
  }

  private open(): void {
    const { first, desk } = this;
    document.body.classList.add("beside");
    document.body.append(this.holder);
    first.getContainer().append(this.captions[0]);
    this.holder.append(this.captions[1]);
    this.name();
    first.invalidateSize({ animate: false });
    const map = L.map(this.holder, { zoomControl: false, attributionControl: false, zoomSnap: 0.5, maxZoom: first.getMaxZoom(), keyboard: false });
    this.map = map;
    map.setView(first.getCenter(), first.getZoom(), { animate: false });
    this.draw(map, then(desk));
    first.on("moveend drag", this.pullSecond, this);
    map.on("moveend drag", this.pullFirst, this);
  }

  private draw(map: L.Map, desk: Desk): void {
    const { units, buildings, areas, ways, communities } = desk.tables;
    const ground = new Ground(desk).addTo(map);
    ground.set([
      paint.land(),
      ...(areas ? [paint.areas(desk, areas, false), paint.areas(desk, areas, true)] : []),
      ...(ways ? [paint.ways(desk, ways)] : []),
      paint.unitGround(desk, units),
      paint.unitBorders(units),
      ...(buildings ? [paint.buildings(desk, buildings, units)] : []),
      ...(communities ? paint.outside(communities) : []),
    ]);
    new Signs(desk, new Findings(desk)).addTo(map);
  }

  private pullSecond(): void {
    this.pull(this.map!, this.first);
  }

  private pullFirst(): void {
    this.pull(this.first, this.map!);
  }

  /** Moves one map to where the other stands; the move that follows from it pulls nothing. */
  private pull(map: L.Map, leading: L.Map): void {
    if (this.pulling) return;
    this.pulling = true;
    map.setView(leading.getCenter(), leading.getZoom(), { animate: false });
    this.pulling = false;
  }

  private close(): void {
    this.first.off("moveend drag", this.pullSecond, this);
    this.map!.remove();
    this.map = null;
    document.body.classList.remove("beside");
    this.holder.remove();
    this.captions[0].remove();
  }

  private name(): void {
    this.captions[0].textContent = this.desk.say("beside_now");
    this.captions[1].textContent = this.desk.say("beside_then", { plan: this.desk.facts.former || "" });
    this.holder.setAttribute("aria-label", this.captions[1].textContent);
  }
}

/** The page as it was under the plan before: its units, in the colours that units of the same code have today. */
function then(now: Desk): Desk {
  const desk = new Desk(now.facts);
  desk.language = now.language;
  Object.assign(desk.tables, now.tables);
  const { units, former, buildings, moves } = now.tables;
  const rowOf = new Map<string, number>();
  for (let row = 0; row < former.rows; row++) rowOf.set(former.text("code", row) || "", row);
  const colour = former.numbers.colour.slice();
  for (let row = 0; row < units.rows; row++) {
    const old = rowOf.get(units.text("code", row) || "");
    if (old !== undefined) colour[old] = units.numbers.colour[row];
  }
  desk.tables.units = changed(former, { colour });
  if (buildings) desk.tables.buildings = changed(buildings, { unit: formerUnits(buildings, units, moves, rowOf) });
  for (const name of ["incidents", "resources", "gaps", "duties", "parts"]) delete desk.tables[name];
  return desk;
}

function formerUnits(buildings: Table, units: Table, moves: Table | undefined, rowOf: Map<string, number>): Float64Array {
  const found = buildings.numbers.unit.slice();
  for (let row = 0; row < found.length; row++) {
    const old = isNaN(found[row]) ? undefined : rowOf.get(units.text("code", found[row]) || "");
    found[row] = old === undefined ? NaN : old;
  }
  if (moves) for (let row = 0; row < moves.rows; row++) found[moves.numbers.building[row]] = moves.numbers.from[row];
  return found;
}

/** The same table with other numbers in some columns. */
function changed(table: Table, numbers: Record<string, Float64Array>): Table {
  return Object.assign(Object.create(Object.getPrototypeOf(table)), table, { numbers: { ...table.numbers, ...numbers } });
}
