// The part of the panel that tells of findings: what to look at, the legend, the list, and why it is so.
import { Choice, Desk } from "./desk";
import { el, fill } from "./dom";
import { EVERY, Findings, View } from "./findings";
import { overOf, seen } from "./hatches";
import { legend, legendBox } from "./legend";
import { HOT, Shade, SHORT, SHORT_STEPS, VACANT } from "./shades";
import { CasePanel } from "./views/casepanel";
import { MovedPanel } from "./views/moved";
import { needLegend } from "./views/need";
import { whyAnswered, whyGap, whyRate, whySpot, whyWork } from "./why";

type Told = Exclude<View, "units" | "incidents" | "moved">;

const FIRST = 12;
const MORE = 60;
const PLACE = "#1b7837"; // the pins of new places

export interface Steps {
  go(choice: Choice): void;
  spot(x: number, y: number): void;
}

export class FindPanel {
  readonly root = el("section", { class: "findings" });
  private listed = FIRST;
  private readonly cases: CasePanel;
  private readonly moved: MovedPanel;

  constructor(
    private readonly desk: Desk,
    private readonly findings: Findings,
    private readonly steps: Steps,
  ) {
    this.cases = new CasePanel(desk, findings, steps);
    this.moved = new MovedPanel(desk, findings, steps);
    for (const event of ["language", "tables", "choice", "theme"] as const) desk.on(event, () => this.draw());
  }

  private draw(): void {
    const { desk, findings } = this;
    const views = findings.views();
    if (!views.length || !desk.tables.units) return fill(this.root);
    const held = this.root.contains(document.activeElement) ? document.activeElement!.id : "";
    fill(this.root, el("h2", {}, desk.say("look_at")), this.chips(views), ...(findings.view === "units" ? [] : this.told()));
    const again = held && document.getElementById(held);
    if (again) again.focus({ preventScroll: true });
  }

  private chips(views: View[]): HTMLElement {
    const { desk, findings } = this;
    const chips = views.map((view) =>
      el(
        "button",
        { type: "button", class: "chip", id: "govmap-look-" + view, "aria-pressed": String(view === findings.view), onclick: () => this.look(view) },
        desk.head("look_" + view),
      ),
    );
    return el("div", { class: "chips", role: "group", "aria-label": desk.say("look_at") }, ...chips);
  }

  private look(view: View): void {
    this.listed = FIRST;
    this.findings.look(view);
  }

  private told(): (HTMLElement | null)[] {
    const { findings, desk } = this;
    if (findings.view === "incidents") return [this.reports(), this.cases.draw()];
    if (findings.view === "moved") return [this.moved.draw()];
    const unit = desk.unitOf(desk.choice);
    const chooser = { gaps: () => this.services(), rates: () => this.categories(), spots: () => this.categories(), work: () => null, duties: () => null };
    const view = findings.view as Told;
    return [chooser[view](), this.reports(), unit === null ? null : this.why(unit), this.legend(), desk.choice === null ? this.list() : null];
  }

  /** What anybody who looks at counts of reports should have read first. */
  private reports(): HTMLElement | null {
    const { desk, findings } = this;
    if (!["rates", "spots", "incidents"].includes(findings.view)) return null;
    const { span } = desk.facts;
    const when = span ? " " + desk.say("reports_span", span) : "";
    return el("p", { class: "caution" }, el("strong", {}, desk.say("reports_not_events")), " " + desk.say("reports_why") + when);
  }

  private legend(): HTMLElement {
    const { desk, findings } = this;
    return findings.view === "gaps" && findings.form === "need" ? needLegend(desk, findings.needs()) : legendBox(legend(desk, findings));
  }

  // ---- what exactly

  private services(): HTMLElement {
    const { desk, findings } = this;
    const named = (at: number): string => desk.title(findings.services()[at].title) + (findings.judged(at) ? "" : " " + desk.say("not_judged"));
    const options = findings.services().map((_, at): [string, string] => [String(at), named(at)]);
    const every: [string, string] = [String(EVERY), desk.say("every_service")];
    const list = this.select("service", [every, ...options], String(findings.service), (value) => findings.look("gaps", { service: Number(value) }));
    return el("div", {}, list, this.forms());
  }

  /** Gaps alone, or need and supply together. */
  private forms(): HTMLElement {
    const { desk, findings } = this;
    const chips = (["short", "need"] as const).map((form) =>
      el(
        "button",
        { type: "button", class: "chip", id: "govmap-form-" + form, "aria-pressed": String(form === findings.form), onclick: () => findings.look("gaps", { form }) },
        desk.head("form_" + form),
      ),
    );
    return el("div", { class: "chips small", role: "group", "aria-label": desk.say("form") }, ...chips);
  }

  private categories(): HTMLElement | null {
    const { desk, findings } = this;
    const options = findings.categories().map((one): [string, string] => [one, desk.word("incident", one) || one]);
    if (options.length < 2) return null; // of the public all kinds are one
    return this.select("category", options, findings.category, (value) => findings.look(findings.view, { category: value }));
  }

  private select(name: string, options: [string, string][], chosen: string, call: (value: string) => void): HTMLElement {
    const list = el("select", { id: "govmap-look-" + name, onchange: () => call(list.value) }, ...options.map(([value, text]) => el("option", { value }, text)));
    list.value = chosen;
    this.listed = FIRST;
    return el("label", { class: "chooser" }, el("span", {}, this.desk.head("look_" + name)), list);
  }

  // ---- why it is so, of one unit

  private why(unit: number): HTMLElement {
    const { desk, findings } = this;
    const card = el("div", { class: "why" });
    const title = el("h3", {}, desk.head("unit_title", { name: desk.unitTitle(unit) }));
    const rows = {
      gaps: () => this.gapsOf(unit),
      rates: () => [...whyRate(desk, findings, unit), ...whyAnswered(desk, findings, unit)],
      spots: () => whySpot(desk, findings, unit),
      work: () => whyWork(desk, findings, unit),
      duties: () => [el("p", {}, findings.vacant().includes(unit) ? el("strong", { class: "out" }, desk.head("nobody")) : desk.say("see_duties"))],
    }[findings.view as Told]();
    card.append(title, ...rows);
    return card;
  }

  private gapsOf(unit: number): HTMLElement[] {
    const { desk, findings } = this;
    if (findings.service !== EVERY) return whyGap(desk, findings, findings.gap(unit), this.steps);
    const rows = findings.gaps(unit);
    if (!rows.length) return [el("p", {}, desk.say(findings.lacking(unit)[1] ? "nothing_short" : "gaps_unknown"))];
    return [el("ul", { class: "ranked" }, ...rows.map((row) => this.gapRow(row, false)))];
  }

  // ---- the list

  private list(): HTMLElement | null {
    const { findings, desk } = this;
    const { view } = findings;
    if (view === "gaps") {
      const none = findings.service === EVERY || findings.judged(findings.service) ? "nothing_short" : "gap_not_listed";
      return this.ranked("gap_list", findings.gaps(), (row) => this.gapRow(row, true), none, this.places());
    }
    if (view === "rates") {
      const table = findings.table("rates")!;
      const rows = findings.rates().sort((a, b) => table.numbers.rate[b] - table.numbers.rate[a]);
      return this.ranked("rate_list", rows, (row) => this.unitRow(table.numbers.unit[row], desk.say("per_thousand", { count: desk.number(table.numbers.rate[row]) })), "rates_few");
    }
    if (view === "spots") {
      const table = findings.table("spots")!;
      const row = (at: number): HTMLElement => this.unitRow(table.numbers.unit[at], desk.say("spot_" + table.text("kind", at)), HOT[table.text("kind", at)!]);
      return this.ranked("spot_list", findings.clusters(), row, "no_clusters");
    }
    if (view === "work") return this.workList();
    const vacant = findings.vacant();
    return this.ranked("vacant_list", vacant, (unit) => this.unitRow(unit, desk.say("nobody"), VACANT), "none_vacant");
  }

  private ranked<T>(key: string, rows: T[], draw: (row: T) => HTMLElement, none: string, after: HTMLElement | null = null): HTMLElement {
    const { desk } = this;
    const more =
      rows.length > this.listed &&
      el(
        "button",
        {
          type: "button",
          class: "more",
          onclick: () => {
            this.listed += MORE;
            this.draw();
          },
        },
        desk.say("more", { count: rows.length - this.listed }),
      );
    const list = rows.length ? el("ol", { class: "ranked" }, ...rows.slice(0, this.listed).map(draw)) : el("p", { class: "note" }, desk.say(none));
    return el("div", {}, el("h3", {}, desk.say(key)), list, more || null, after);
  }

  private gapRow(row: number, named: boolean): HTMLElement {
    const { desk, findings } = this;
    const gaps = findings.table("gaps")!;
    const service = gaps.numbers.service[row];
    const unit = gaps.numbers.unit[row];
    const title = desk.title(findings.services()[service].title);
    const name = named ? desk.unitTitle(unit) + (findings.service === EVERY ? " · " + title : "") : title;
    const told = desk.say("short_of", { short: gaps.numbers.short[row], share: desk.percent(gaps.number("share", row) || 0) });
    const call = (): void => {
      findings.look("gaps", { service });
      this.steps.go({ kind: "unit", row: unit });
    };
    return this.line(name, told, SHORT[this.rank(gaps.number("share", row) || 0)], call);
  }

  private rank(share: number): number {
    return 1 + SHORT_STEPS.filter((step) => share > step).length;
  }

  private unitRow(unit: number, told: string, colour?: string): HTMLElement {
    return this.line(this.desk.unitTitle(unit), told, colour || (this.findings.shades()[unit] || ({} as Shade)).fill, () => this.steps.go({ kind: "unit", row: unit }));
  }

  private line(name: string, told: string, colour: string | null | undefined, call: () => void): HTMLElement {
    const over = overOf(colour || null);
    const drawn = colour && colour !== PLACE ? seen(colour) : colour || undefined;
    const swatch = el("span", { class: colour ? "swatch" + (over ? " " + over : "") : "swatch hatch", colour: drawn, "aria-hidden": "true" });
    return el("li", {}, el("button", { type: "button", onclick: call }, swatch, el("span", { class: "name" }, name), el("span", { class: "told" }, told)));
  }

  /** The new places that would help most, numbered as on the map. */
  private places(): HTMLElement | null {
    const { desk, findings } = this;
    const rows = findings.sites();
    const sites = findings.table("sites");
    if (!rows.length || !sites) return null;
    const lines = rows.map((row) => {
      const place = [sites.text("name", row), sites.text("kind_" + desk.language, row)].filter((one) => one).join(" · ");
      const middle = sites.shapes!.middle(row);
      const call = (): void => void (middle && this.steps.spot(middle[0], middle[1]));
      return this.line(place, desk.say("reaches", { count: sites.number("gain", row) || 0 }), PLACE, call);
    });
    return el("div", {}, el("h3", {}, desk.say("new_places")), el("ol", { class: "ranked numbered" }, ...lines), el("p", { class: "note" }, desk.say("new_places_why")));
  }

  private workList(): HTMLElement {
    const { desk, findings } = this;
    const hours = findings.hours();
    const mean = findings.meanHours();
    const known = findings.units().filter((unit) => hours[unit] !== null);
    known.sort((a, b) => hours[b]! - hours[a]! || a - b);
    const most = desk.facts.work ? desk.facts.work.most : 1;
    const full = Math.max(most * 1.15, ...known.map((unit) => hours[unit]! / mean));
    const row = (unit: number): HTMLElement => {
      const made = this.unitRow(unit, desk.say("hours_month", { count: desk.number(hours[unit]!, 0) }));
      const band = el("span", { class: "fair" });
      band.style.width = (most / full) * 100 + "%";
      const bar = el("span", { class: hours[unit]! / mean > most ? "length over" : "length" });
      bar.style.width = (hours[unit]! / mean / full) * 100 + "%";
      made.firstElementChild!.append(el("span", { class: "measure", "aria-hidden": "true" }, band, bar));
      return made;
    };
    return this.ranked("work_list", known, row, "gaps_unknown");
  }
}
