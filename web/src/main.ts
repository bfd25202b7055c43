// The page: Folium's script makes the map and names the layers; this opens them.
import L from "leaflet";
import { controls } from "./chart";
import { Decoding } from "./decoding";
import { Choice, Desk, TABLE_OF } from "./desk";
import { el } from "./dom";
import { readFacts } from "./facts";
import { Findings } from "./findings";
import { FindPanel } from "./findpanel";
import { Ground } from "./ground";
import { announcer } from "./naming";
import { Panel } from "./panel";
import { Pointer } from "./pointer";
import { Reading } from "./reading";
import { Box } from "./shapes";
import { Signs } from "./signs";
import { streetBox } from "./streets";
import { CopyLink } from "./tools/copy";
import { Full } from "./tools/full";
import { Locate } from "./tools/locate";
import { Measure } from "./tools/measure";
import { onlineBase } from "./tools/online";
import { Permalink } from "./tools/permalink";
import { Picture } from "./tools/picture";
import { Rail } from "./tools/rail";
import { SheetTool } from "./tools/sheet";
import { Beside } from "./views/beside";
import { Eight } from "./views/eight";
import { Own } from "./views/own";
import { Screen } from "./views/screen";

const desk = new Desk(readFacts());
const decoding = new Decoding(desk.origin, desk.facts.readHere, desk.facts.largest);
const findings = new Findings(desk);
const page: Record<string, unknown> = { layer: (name: string) => new Sheet(name), open, desk };

/** A layer of the page as Folium knows it: it can be added to the map and taken away. */
class Sheet extends L.Layer {
  constructor(private readonly name: string) {
    super();
  }

  override onAdd(): this {
    desk.show(this.name, true);
    return this;
  }

  override onRemove(): this {
    desk.show(this.name, false);
    return this;
  }
}

function open(map: L.Map): void {
  const [west, south, east, north] = desk.facts.bounds;
  const whole = L.latLngBounds([south, west], [north, east]);
  const ground = new Ground(desk).addTo(map);
  const signs = new Signs(desk, findings).addTo(map);
  const fit = (): void => link.whole(() => void map.fitBounds(whole, { padding: [12, 12], animate: false }));
  const go = (choice: Choice): void => {
    desk.choose(choice);
    show(map, choice);
  };
  const link = new Permalink(desk, findings, map, { go, whole: () => fit() });
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
  document.body.append(panel.root, announcer(desk));
  document.body.classList.add("govmap");
  map.invalidateSize({ animate: false });
  fit();
  map.setMinZoom(Math.max(2, map.getZoom() - 2));
  map.setMaxBounds(whole.pad(1.5));
  controls(desk, map, fit);
  new Pointer(desk, findings, map, signs);
  tools(map, ground, signs);
  desk.speak(desk.language);
  screen.apply(); // before anything is drawn, so that a large display draws once
  const reading = new Reading(desk, findings, ground, decoding);
  page.come = () => reading.come(document.currentScript);
  const stands = (): void => {
    if (desk.facts.audience === "official" && findings.gaps().length) findings.look("gaps");
    ground.whenDrawn(() => performance.mark("govmap-usable"));
  };
  reading.all(stands).then(
    () => {
      own.open();
      screen.apply();
      link.begin();
      document.body.setAttribute("data-ready", String(Math.round(performance.now())));
      page.page = { desk, map, ground, signs, panel, findings, reading, reload: (names?: string[]) => reading.reload(names) };
      desk.tell("open");
    },
    (error: unknown) => {
      document.body.append(el("p", { class: "broken", role: "alert" }, desk.say("broken")));
      throw error;
    },
  );
}

function tools(map: L.Map, ground: Ground, signs: Signs): void {
  const rail = new Rail(desk, map);
  const measure = new Measure(desk, map, rail);
  const scene = { desk, map, ground, signs, findings, over: (pen: CanvasRenderingContext2D) => measure.picture(pen) };
  rail.add([
    measure,
    ...(Locate.offered(desk) ? [new Locate(desk, map, rail)] : []),
    new Picture(scene, rail),
    new SheetTool(desk, findings, rail),
    ...(desk.facts.live ? [] : [new CopyLink(desk, rail)]),
    ...(Full.offered() ? [new Full(desk, rail)] : []),
  ]);
  if (desk.facts.onlineBase) onlineBase(desk, map, desk.facts.onlineBase);
}

function show(map: L.Map, choice: Choice): void {
  const shapes = desk.tables[TABLE_OF[choice.kind]].shapes;
  const box = shapes && (choice.kind === "street" ? streetBox(desk, choice.row) : shapes.box(choice.row));
  if (!box) return;
  const bounds = toBounds(box);
  if (["unit", "compound", "street"].includes(choice.kind)) map.fitBounds(bounds, { padding: [30, 30], maxZoom: 18 });
  else map.setView(bounds.getCenter(), Math.max(18, map.getZoom()));
}

function toBounds(box: Box): L.LatLngBounds {
  const [west, north] = desk.origin.degrees(box[0], box[1]);
  const [east, south] = desk.origin.degrees(box[2], box[3]);
  return L.latLngBounds([south, west], [north, east]);
}

(window as unknown as Record<string, unknown>).L = L;
(window as unknown as Record<string, unknown>).govmap = page;
