// The view in the address of the page: pasted again it shows the same, and the back button goes to what was chosen before.
// Places are micro-degrees from the corner of the page, so that the address says as little of where it lies as the page.
import L from "leaflet";
import { Choice, Desk, Kind, TABLE_OF } from "../desk";
import { Language } from "../facts";
import { Findings, Form, View } from "../findings";
import { Which } from "../views/cases";
import { fromHash, toHash } from "../views/hash";

const MICRO = 1e6;
const SAME_PLACE = 4; // micro-degrees, half a metre
const LAYERS = ["units", "buildings", "compounds", "incidents", "base", "resources"];
const SETTLED_MS = 250; // after which a map of another size stays as it is

interface Steps {
  go(choice: Choice): void;
  whole(): void;
}

export class Permalink {
  private home = ""; // the place of the map when it shows everything
  private before = ""; // and its place at the last look
  private size = ""; // of the map, at the last look
  private settling = 0; // the timer that runs while it changes
  private restoring = true; // the address is left alone until it was read

  constructor(
    private readonly desk: Desk,
    private readonly findings: Findings,
    private readonly map: L.Map,
    private readonly steps: Steps,
  ) {}

  /** Brings the page into the state that its address tells, and from then on tells its state there. */
  begin(): void {
    this.restore(true);
    this.size = String(this.map.getSize());
    this.map.on("resize", () => this.resized());
    this.map.on("moveend", () => this.tell(() => this.moved()));
    this.desk.on("layers", () => this.tell(() => this.tellLayers()));
    this.desk.on("language", () => this.tell(() => toHash("lang", this.desk.language === this.desk.facts.language ? null : this.desk.language)));
    this.desk.on("theme", () => this.tell(() => this.tellView()));
    this.desk.on("cases", () => this.tell(() => this.tellCases()));
    this.desk.on("choice", () => this.tell(() => this.tellChoice()));
    for (const event of ["popstate", "hashchange"]) window.addEventListener(event, () => this.restore(false));
  }

  /** Brings the map to where it shows everything; there it stays when the window changes, and the address is short. */
  whole(fit: () => void): void {
    const held = this.restoring;
    this.restoring = true;
    fit();
    this.home = this.before = this.place();
    this.restoring = held;
    this.tell(() => this.tellPlace());
  }

  /** A map of another size has moved by itself, which is not yet somebody's wish to look elsewhere. */
  private moved(): void {
    if (String(this.map.getSize()) === this.size) this.tellPlace();
  }

  /** Shows everything again once the size stays: each new view is drawn from nothing, and stands empty until then. */
  private resized(): void {
    this.size = String(this.map.getSize());
    window.clearTimeout(this.settling);
    if (this.home === this.before) this.settling = window.setTimeout(() => this.home === this.before && this.steps.whole(), SETTLED_MS);
    else this.tell(() => this.tellPlace());
  }

  private tellPlace(): void {
    this.before = this.place();
    toHash("at", this.before === this.home && !this.desk.choice ? null : this.before);
  }

  private tellChoice(): void {
    const { choice } = this.desk;
    toHash("pick", choice && keyOf(this.desk, choice), true);
    this.tellPlace();
  }

  private tell(call: () => void): void {
    if (!this.restoring) call();
  }

  private place(): string {
    const [west, , , north] = this.desk.facts.bounds;
    const { lng, lat } = this.map.getCenter();
    return [this.map.getZoom(), Math.round((lng - west) * MICRO), Math.round((north - lat) * MICRO)].join(",");
  }

  private tellLayers(): void {
    const { desk } = this;
    const hidden = LAYERS.filter((name) => !desk.isShown(name));
    const kinds = Array.from(desk.hiddenCategories).map((at) => desk.facts.categories[at].key);
    toHash("hide", hidden.length ? hidden.join(",") : null);
    toHash("without", kinds.length ? kinds.sort().join(",") : null);
  }

  private tellView(): void {
    const { findings } = this;
    const { view } = findings;
    const service = view === "gaps" && findings.service >= 0 ? findings.services()[findings.service].key : null;
    const category = (view === "rates" || view === "spots") && findings.category !== "all" ? findings.category : null;
    toHash("look", view === this.first() ? null : view);
    toHash("service", service);
    toHash("kind", category);
    toHash("form", view === "gaps" && findings.form === "need" ? "need" : null);
    toHash("beside", view === "moved" && findings.beside ? "1" : null);
    this.tellCases();
  }

  private tellCases(): void {
    const { cases, view } = this.findings;
    const here = view === "incidents";
    toHash("which", here && cases.which !== "open" ? cases.which : null);
    toHash("month", here ? cases.month() : null);
    toHash("case", here && cases.kind ? cases.kind : null);
    toHash("age", here && cases.age >= 0 ? String(cases.age) : null);
  }

  /** The view with which the page opens. */
  private first(): View {
    return this.desk.facts.audience === "official" && this.findings.gaps().length ? "gaps" : "units";
  }

  private restore(first: boolean): void {
    this.restoring = true;
    try {
      this.restoreLanguage();
      this.restoreLayers();
      this.restoreView();
      this.restoreChoice(first);
      this.restorePlace(first);
    } finally {
      this.restoring = false;
    }
  }

  private restoreLanguage(): void {
    const { desk } = this;
    const asked = (fromHash("lang") || desk.facts.language) as Language;
    if (asked !== desk.language && desk.facts.languages.includes(asked)) desk.speak(asked);
  }

  private restoreLayers(): void {
    const { desk } = this;
    const hidden = list("hide");
    for (const name of LAYERS) if (desk.isShown(name) === hidden.includes(name)) desk.show(name, !hidden.includes(name));
    const kinds = list("without");
    const wanted = desk.facts.categories.map((one, at) => (kinds.includes(one.key) ? at : -1)).filter((at) => at >= 0);
    if (String(wanted) === String(Array.from(desk.hiddenCategories).sort((a, b) => a - b))) return;
    desk.hiddenCategories.clear();
    for (const at of wanted) desk.hiddenCategories.add(at);
    desk.tell("layers");
  }

  private restoreView(): void {
    const { findings } = this;
    const { cases } = findings;
    const asked = (fromHash("look") || this.first()) as View;
    const view = findings.views().includes(asked) ? asked : "units";
    const service = findings.services().findIndex((one) => one.key === fromHash("service"));
    const category = fromHash("kind") || "all";
    const form = (fromHash("form") || "short") as Form;
    const month = fromHash("month");
    const beside = fromHash("beside") !== null;
    const state = JSON.stringify([view, service, category, form, beside]);
    const now = [findings.view, findings.service, findings.category, findings.form, findings.beside];
    findings.beside = beside;
    if (state !== JSON.stringify(now)) findings.look(view, { service, category, form });
    if (view !== "incidents") return;
    const cases_ = { which: (fromHash("which") || "open") as Which, stop: month === null ? -1 : cases.stops().indexOf(month), kind: fromHash("case") || "", age: Number(fromHash("age") || -1) };
    if (JSON.stringify(cases_) === JSON.stringify({ which: cases.which, stop: cases.stop, kind: cases.kind, age: cases.age })) return;
    cases.look(cases_);
    this.desk.tell("theme");
  }

  private restoreChoice(first: boolean): void {
    const { desk } = this;
    const asked = fromHash("pick");
    const now = desk.choice && keyOf(desk, desk.choice);
    if (asked === now || (asked === null && first)) return;
    const choice = asked === null ? null : choiceOf(desk, asked);
    if (choice && fromHash("at") === null) this.steps.go(choice);
    else desk.choose(choice);
  }

  private restorePlace(first: boolean): void {
    const asked = fromHash("at");
    const [zoom, east, south] = (asked || "").split(",").map(Number);
    if (asked === null && !first && fromHash("pick") === null) return this.steps.whole();
    if (asked === null || asked === this.place() || isNaN(zoom + east + south)) return;
    const [west, , , north] = this.desk.facts.bounds;
    this.map.setView([north - south / MICRO, west + east / MICRO], zoom, { animate: false });
    this.before = this.place();
  }
}

function list(key: string): string[] {
  return (fromHash(key) || "").split(",").filter((one) => one);
}

/** The key of what is chosen: a unit by its code, all else by its place and its kind, which every new map of it keeps. */
export function keyOf(desk: Desk, { kind, row }: Choice): string | null {
  const table = desk.tables[TABLE_OF[kind]];
  if (kind === "unit") return "unit/" + (table.text("code", row) || row);
  const place = placeOf(desk, kind, row);
  return place && [kind, ...place, about(desk, kind, row)].join("/");
}

function placeOf(desk: Desk, kind: Kind, row: number): [number, number] | null {
  const { shapes } = desk.tables[TABLE_OF[kind]];
  const middle = shapes && shapes.middle(row);
  if (!middle) return null;
  const [west, , , north] = desk.facts.bounds;
  const [lon, lat] = desk.origin.degrees(...middle);
  return [Math.round((lon - west) * MICRO), Math.round((north - lat) * MICRO)];
}

/** What tells things apart that stand in one place. */
function about(desk: Desk, kind: Kind, row: number): string {
  const { resources, incidents, addresses } = desk.tables;
  if (kind === "resource") return desk.facts.categories[resources.numbers.category[row]].key;
  if (kind === "incident") return [incidents.text("category", row), incidents.text("reported", row)].filter((one) => one).join(" ");
  return kind === "address" ? addresses.text("full", row) || "" : "";
}

/** What a key names on this page; null where there is no such thing any more. */
export function choiceOf(desk: Desk, key: string): Choice | null {
  const [name, ...rest] = key.split("/");
  const kind = name as Kind;
  const table = TABLE_OF[kind] ? desk.tables[TABLE_OF[kind]] : undefined;
  if (!table) return null;
  for (let row = 0; row < table.rows; row++) {
    if (kind === "unit" ? table.text("code", row) === rest.join("/") : stands(desk, kind, row, rest)) return { kind, row };
  }
  return null;
}

function stands(desk: Desk, kind: Kind, row: number, [east, south, ...told]: string[]): boolean {
  const place = placeOf(desk, kind, row);
  const near = place !== null && Math.abs(place[0] - Number(east)) <= SAME_PLACE && Math.abs(place[1] - Number(south)) <= SAME_PLACE;
  return near && about(desk, kind, row) === told.join("/");
}
