// The page: Folium's script makes the map and names the layers; this opens them.
import L from "leaflet";
import { Choice, Desk } from "./desk";
import { el } from "./dom";
import { readFacts, readPack } from "./facts";
import { Findings } from "./findings";
import { FindPanel } from "./findpanel";
import { Ground } from "./ground";
import { findingGround } from "./marks";
import * as paint from "./painters";
import { Panel } from "./panel";
import { Box, WORLD } from "./shapes";
import { Signs } from "./signs";
import { Table, unpack } from "./unpack";
import { Beside } from "./views/beside";
import { Eight } from "./views/eight";
import { movedGround } from "./views/moved";
import { Own } from "./views/own";
import { Screen } from "./views/screen";

const desk = new Desk(readFacts());
const findings = new Findings(desk);
const wanted: string[] = [];

/** A layer of the page as Folium knows it: it can be added to the map and taken away. */
class Sheet extends L.Layer {
  constructor(private readonly name: string) {
    super();
  }

  override onAdd(): this {
    if (!wanted.includes(this.name)) wanted.push(this.name);
    desk.show(this.name, true);
    return this;
  }

  override onRemove(): this {
    desk.show(this.name, false);
    return this;
  }
}

const PACKS: Record<string, string[]> = {
  base: ["areas", "ways", "places"],
  units: ["communities", "units", "upper", "tallies", "duties"],
  compounds: ["compounds"],
  buildings: ["buildings", "parts", "addresses"],
  resources: ["resources"],
  incidents: ["incidents", "incident_places"],
  findings: ["gaps", "sites", "rates", "spots", "answered", "loads", "former", "moves"],
};

function painters(name: string, table: Table): ReturnType<typeof paint.land>[] {
  const { tables } = desk;
  if (name === "areas") return [paint.areas(desk, table, false), paint.areas(desk, table, true)];
  if (name === "ways") return [paint.ways(desk, table)];
  if (name === "communities") return paint.outside(table);
  if (name === "units") return [paint.unitGround(desk, table), findingGround(findings, table), paint.unitBorders(table)];
  if (name === "upper") return [paint.upperBorders(table)];
  if (name === "buildings") return [paint.buildings(desk, table, tables.units)];
  if (name === "compounds") return [paint.compounds(table)];
  if (name === "incident_places") return [paint.incidentPlaces(desk, table)];
  if (name === "former") return movedGround(desk, findings, table);
  return [];
}

/** Reads the packs one after another and draws each as it comes: units first, so that there is something to see. */
async function read(ground: Ground): Promise<void> {
  const order = ["units", "base", "buildings", "compounds", "resources", "incidents"].filter((one) => wanted.includes(one)).concat("findings");
  for (const layer of order) {
    const drawn: ReturnType<typeof painters> = [];
    for (const name of PACKS[layer]) {
      const text = readPack(name);
      if (text === null) continue;
      const table = await unpack(text, desk.origin);
      desk.tables[name] = table;
      if (name === "units" || name === "former") placeLabels(table);
      if (table.shapes) drawn.push(...painters(name, table));
    }
    if (drawn.length) ground.add(...drawn);
    desk.tell("tables");
  }
}

/** Brings the places of labels, stored in micro-degrees from the corner, and the room for them, in metres, to page units. */
function placeLabels(units: Table): void {
  const { label_east, label_south, label_radius } = units.numbers;
  const [west, , , north] = desk.facts.bounds;
  for (let row = 0; row < units.rows; row++) {
    const lat = north - label_south[row] / 1e6;
    const [x, y] = desk.origin.at(west + label_east[row] / 1e6, lat);
    label_east[row] = x;
    label_south[row] = y;
    label_radius[row] /= (40_075_016.686 * Math.cos((lat * Math.PI) / 180)) / WORLD;
  }
}

function open(map: L.Map): void {
  const [west, south, east, north] = desk.facts.bounds;
  const whole = L.latLngBounds([south, west], [north, east]);
  const ground = new Ground(desk).addTo(map);
  const signs = new Signs(desk, findings).addTo(map);
  const fit = (): void => void map.fitBounds(whole, { padding: [12, 12], animate: false });
  const go = (choice: Choice): void => {
    desk.choose(choice);
    show(map, choice);
  };
  const spot = (x: number, y: number): void => {
    const [lon, lat] = desk.origin.degrees(x, y);
    map.setView([lat, lon], Math.max(18, map.getZoom()));
  };
  const found = new FindPanel(desk, findings, { go, spot });
  new Beside(desk, findings, map, fit);
  const own = new Own(desk, { go });
  const eight = new Eight(desk, findings, { go, whole: fit });
  const panel = new Panel(desk, { go, whole: fit }, { first: [eight.root, own.root], findings: found.root, cases: findings.cases });
  const screen = new Screen(desk, panel.root, () => {
    map.invalidateSize({ animate: false });
    fit();
  });
  if (desk.facts.internal) panel.buttons.append(screen.button);
  document.body.append(panel.root);
  document.body.classList.add("govmap");
  map.invalidateSize({ animate: false });
  fit();
  map.setMinZoom(Math.max(2, map.getZoom() - 2));
  map.setMaxBounds(whole.pad(1.5));
  if (desk.facts.onlineBase) onlineBase(map);
  controls(map, fit);
  listen(map, signs);
  desk.speak(desk.language);
  read(ground).then(
    () => {
      if (desk.facts.audience === "official" && findings.gaps().length) findings.look("gaps");
      own.open();
      screen.apply();
      document.body.setAttribute("data-ready", String(Math.round(performance.now())));
      ground.whenDrawn(() => performance.mark("govmap-usable"));
    },
    (error: unknown) => {
      document.body.append(el("p", { class: "broken", role: "alert" }, desk.say("broken")));
      throw error;
    },
  );
}

function onlineBase(map: L.Map): void {
  L.tileLayer("https://tile.openstreetmap.org/{z}/{x}/{y}.png", { maxZoom: 22, maxNativeZoom: 19, zIndex: 0 }).addTo(map);
}

function show(map: L.Map, choice: Choice): void {
  const name = { unit: "units", building: "buildings", resource: "resources", incident: "incidents", compound: "compounds", address: "addresses" };
  const shapes = desk.tables[name[choice.kind]].shapes;
  const box = shapes && shapes.box(choice.row);
  if (!box) return;
  const bounds = toBounds(box);
  if (choice.kind === "unit" || choice.kind === "compound") map.fitBounds(bounds, { padding: [30, 30], maxZoom: 18 });
  else map.setView(bounds.getCenter(), Math.max(18, map.getZoom()));
}

function toBounds(box: Box): L.LatLngBounds {
  const [west, north] = desk.origin.degrees(box[0], box[1]);
  const [east, south] = desk.origin.degrees(box[2], box[3]);
  return L.latLngBounds([south, west], [north, east]);
}

function controls(map: L.Map, fit: () => void): void {
  L.control.scale({ imperial: desk.facts.length === "ft", metric: desk.facts.length !== "ft", maxWidth: 140 }).addTo(map);
  const sources = L.control.attribution({ prefix: false }).addAttribution("© OpenStreetMap contributors, ODbL").addTo(map);
  if (desk.facts.mapNumber) sources.getContainer()!.append(el("span", { class: "govmap-number" }, " · " + desk.say("number", { number: desk.facts.mapNumber })));
  const zoom = L.control.zoom({ position: "topleft" }).addTo(map);
  const home = el("a", { class: "govmap-home", href: "#", role: "button" }, "⌂");
  L.DomEvent.disableClickPropagation(home);
  home.addEventListener("click", (event) => {
    event.preventDefault();
    fit();
  });
  zoom.getContainer()!.append(home);
  const name = (): void => {
    const words: [string, string][] = [
      [".leaflet-control-zoom-in", "zoom_in"],
      [".leaflet-control-zoom-out", "zoom_out"],
      [".govmap-home", "whole"],
    ];
    for (const [where, key] of words) {
      const button = zoom.getContainer()!.querySelector(where)!;
      button.setAttribute("title", desk.say(key));
      button.setAttribute("aria-label", desk.say(key));
    }
    map.getContainer().setAttribute("aria-label", desk.say("map"));
    map.getContainer().setAttribute("role", "application");
  };
  desk.on("language", name);
  name();
}

/** What stands at a point: a symbol, else a building, else a unit. */
function at(map: L.Map, signs: Signs, event: L.LeafletMouseEvent): Choice | null {
  const symbol = signs.at(event.containerPoint);
  if (symbol) return symbol;
  const [x, y] = desk.origin.at(event.latlng.lng, event.latlng.lat);
  const { buildings, units } = desk.tables;
  if (buildings && buildings.shapes && desk.isShown("buildings") && map.getZoom() >= 15) {
    const row = buildings.shapes.hit(x, y);
    if (row >= 0) return { kind: "building", row };
  }
  const row = units && units.shapes && desk.isShown("units") ? units.shapes.hit(x, y) : -1;
  return row >= 0 ? { kind: "unit", row } : null;
}

function listen(map: L.Map, signs: Signs): void {
  map.on("click", (event) => {
    const bunch = signs.bunchAt(event.containerPoint);
    if (bunch) spread(map, bunch.rows);
    else desk.choose(at(map, signs, event));
  });
  const tip = el("div", { class: "tip", "aria-hidden": "true" });
  map.getContainer().append(tip);
  let last: L.LeafletMouseEvent | null = null;
  const point = (): void => {
    if (!last) return;
    const found = at(map, signs, last);
    const { x, y } = last.containerPoint;
    last = null;
    map.getContainer().style.cursor = found ? "pointer" : "";
    tip.textContent = found ? called(found) : "";
    tip.style.transform = "translate(" + Math.round(x + 14) + "px," + Math.round(y + 18) + "px)";
    tip.classList.toggle("left", x > map.getSize().x - 240);
  };
  map.on("mousemove", (event) => {
    if (!last) requestAnimationFrame(point);
    last = event;
  });
  map.on("mouseout movestart zoomstart", () => {
    last = null;
    tip.textContent = "";
  });
}

/** Of cases that stand in one place, each click tells of the next, the most urgent first. */
function next(rows: number[]): void {
  const sorted = findings.cases.byUrgency(rows);
  const { choice } = desk;
  const at = choice && choice.kind === "incident" ? sorted.indexOf(choice.row) : -1;
  desk.choose({ kind: "incident", row: sorted[(at + 1) % sorted.length] });
}

/** Goes nearer to cases that stand in one circle, until they come apart. */
function spread(map: L.Map, rows: number[]): void {
  const { shapes } = desk.tables.incidents;
  const bounds = L.latLngBounds([]);
  for (const row of rows) {
    const [lon, lat] = desk.origin.degrees(...shapes!.middle(row)!);
    bounds.extend([lat, lon]);
  }
  if (map.getZoom() >= 19 || bounds.getNorthEast().equals(bounds.getSouthWest())) return next(rows);
  const near = map.getBoundsZoom(bounds, false, L.point(60, 60));
  map.setView(bounds.getCenter(), Math.min(20, Math.max(map.getZoom() + 1, near)));
}

/** What a thing under the pointer is called, with the unit it belongs to. */
function called(choice: Choice): string {
  const unit = desk.unitOf(choice);
  const label = unit === null ? null : desk.tables.units.text("label", unit);
  const { buildings, resources, incidents } = desk.tables;
  const { row } = choice;
  let name: string | null = null;
  if (choice.kind === "building") name = buildings.text("name", row) || buildings.text("door", row);
  if (choice.kind === "resource") {
    const category = desk.facts.categories[resources.numbers.category[row]];
    name = [resources.text("name", row), desk.title(category.title)].filter((one) => one).join(", ");
  }
  if (choice.kind === "incident") name = desk.word("incident", incidents.text("category", row));
  if (choice.kind === "unit" && unit !== null) return desk.head("unit_title", { name: desk.unitTitle(unit) });
  return [name, label].filter((one) => one).join(" · ");
}

(window as unknown as Record<string, unknown>).L = L;
(window as unknown as Record<string, unknown>).govmap = { layer: (name: string) => new Sheet(name), open, desk };
