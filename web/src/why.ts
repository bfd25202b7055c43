// Why a unit looks as it does: the numbers behind its colour, where they come from, and what would help.
import { Choice, Desk } from "./desk";
import { el } from "./dom";
import { Findings } from "./findings";
import { Table } from "./unpack";

interface Steps {
  go(choice: Choice): void;
}

type Lines = HTMLElement[];

/** How many lack a service, what is nearest, what would help, and who says how far is too far. */
export function whyGap(desk: Desk, findings: Findings, row: number, steps: Steps): Lines {
  const gaps = findings.table("gaps");
  if (row < 0 || !gaps) return [el("p", {}, desk.say("gaps_unknown"))];
  const service = findings.services()[gaps.numbers.service[row]];
  const short = gaps.number("short", row);
  const help = gaps.text("help_" + desk.language, row);
  return [
    el("p", { class: "about" }, desk.title(service.title)),
    el("p", {}, ...sentence(desk, gaps, row, short)),
    facts(desk, [
      ["elders_short", count(desk, gaps, "elders", row)],
      ["children_short", count(desk, gaps, "children", row)],
      ["gap_reason", short ? desk.word("gap", gaps.text("reason", row)) : null],
      ["nearest", nearest(desk, gaps, row, steps)],
    ]),
    ...(help ? [el("h4", {}, desk.say("would_help")), el("ul", { class: "plain" }, ...help.split("\n").map((one) => el("li", {}, one)))] : []),
    ...source(desk, service.source, service.verified),
  ];
}

function sentence(desk: Desk, gaps: Table, row: number, short: number | null): (HTMLElement | string)[] {
  if (short === null) {
    const key = gaps.text("withheld", row) ? "withheld" : gaps.text("reason", row) === "unlisted" ? "gap_not_listed" : "gaps_unknown";
    return [desk.say(key, { k: desk.facts.k })];
  }
  const people = gaps.number("people", row) || 0;
  if (short === 0) return [desk.say("nobody_short", { people })];
  const guessed = gaps.number("estimated", row) || 0;
  const told = desk.say("people_short", { short, people, share: desk.percent(gaps.number("share", row) || 0) });
  return [el("strong", {}, told), guessed > 0 ? " " + desk.say("partly_estimated", { share: desk.percent(guessed) }) : ""];
}

function count(desk: Desk, table: Table, name: string, row: number): string | null {
  const value = table.number(name, row);
  return value === null || value === 0 ? null : desk.number(value);
}

function nearest(desk: Desk, gaps: Table, row: number, steps: Steps): HTMLElement | string | null {
  const minutes = gaps.number("minutes", row);
  const place = gaps.number("site_row", row);
  const name = gaps.text("site", row) || (place === null ? null : desk.say("no_name"));
  const metres = gaps.number("metres", row);
  if (minutes === null) return metres === null && short(gaps, row) ? desk.say("nothing_near") : null;
  const away = metres === null ? desk.say("minutes_away", { minutes: desk.number(minutes) }) : desk.say("metres_away", { minutes: desk.number(minutes), metres });
  if (name === null) return away;
  if (place === null) return name + " · " + away;
  const link = el("button", { type: "button", class: "link", onclick: () => steps.go({ kind: "resource", row: place }) }, name);
  return el("span", {}, link, " · " + away);
}

function short(gaps: Table, row: number): boolean {
  return (gaps.number("short", row) || 0) > 0;
}

function source(desk: Desk, told: Record<string, string> | null, verified: boolean): Lines {
  if (!told) return [];
  return [el("p", { class: "note" }, desk.say("source_of", { source: told[desk.language] }) + (verified ? "" : " " + desk.say("not_verified")))];
}

/** The rate with the span in which the truth likely lies, beside that of all units. */
export function whyRate(desk: Desk, findings: Findings, unit: number): Lines {
  const table = findings.table("rates")!;
  const row = findings.rate(unit);
  if (row < 0) return [el("p", {}, desk.say("gaps_unknown"))];
  if (table.numbers.few[row] || table.number("rate", row) === null) return [el("p", {}, desk.say("rate_too_few"))];
  const digits = table.numbers.rate[row] < 10 ? 1 : 0;
  const told = (name: string): string => desk.number(table.number(name, row) || 0, digits);
  const guessed = table.number("estimated", row) || 0;
  return [
    el("p", {}, el("strong", {}, desk.say("rate_told", { rate: told("rate") })), " " + desk.say("rate_range", { low: told("low"), high: told("high") })),
    facts(desk, [
      ["reports", count(desk, table, "count", row)],
      ["households", count(desk, table, "households", row)],
    ]),
    el("p", { class: "note" }, desk.say(desk.facts.internal ? "rate_smoothed" : "rate_plain") + (guessed > 0 ? " " + desk.say("households_estimated", { share: desk.percent(guessed) }) : "")),
  ];
}

/** How the reports of a unit were answered; told inside the office alone. */
export function whyAnswered(desk: Desk, findings: Findings, unit: number): Lines {
  const table = findings.table("answered");
  if (!table) return [];
  const row = Array.from(table.numbers.unit).indexOf(unit);
  if (row < 0 || !table.number("cases", row)) return [];
  const share = (name: string): string | null => {
    const value = table.number(name, row);
    return value === null ? null : desk.percent(value);
  };
  const open = count(desk, table, "open", row);
  const late = count(desk, table, "overdue", row);
  return [
    el("h4", {}, desk.say("answered")),
    facts(desk, [
      ["responded", share("responded")],
      ["resolved", share("resolved")],
      ["satisfied_resident", share("satisfied_resident")],
      ["satisfied_office", share("satisfied_office")],
      ["still_open", open],
      ["overdue", late],
    ]),
  ];
}

export function whySpot(desk: Desk, findings: Findings, unit: number): Lines {
  const table = findings.table("spots")!;
  const row = findings.spot(unit);
  const kind = row < 0 ? null : table.text("kind", row);
  if (kind === null || kind === "few") return [el("p", {}, desk.say("spot_few"))];
  return [el("p", {}, el("strong", {}, desk.head("spot_" + kind))), el("p", { class: "note" }, desk.say("spot_" + kind + "_why"))];
}

/** The parts of a unit's work in hours a month, and their sum beside the mean. */
export function whyWork(desk: Desk, findings: Findings, unit: number): Lines {
  const table = findings.table("loads")!;
  const { work } = desk.facts;
  const parts: [string, number][] = [];
  let guessed = false;
  for (let row = 0; row < table.rows; row++) {
    if (table.numbers.unit[row] !== unit) continue;
    parts.push([title(desk, table.text("item", row) || ""), table.number("hours", row) || 0]);
    guessed = guessed || (table.number("estimated", row) || 0) > 0;
  }
  const sum = parts.reduce((all, one) => all + one[1], 0);
  const mean = findings.meanHours();
  parts.sort((a, b) => b[1] - a[1]);
  const lines = parts.map(([name, hours]) => el("li", {}, el("span", {}, name), el("span", { class: "told" }, desk.say("hours_told", { count: desk.number(hours, 1) }))));
  const beside = mean > 0 ? " " + desk.say("beside_mean", { share: desk.percent(sum / mean), mean: desk.number(mean, 0) }) : "";
  return [
    el("p", {}, el("strong", {}, desk.say("hours_month", { count: desk.number(sum, 0) })), beside),
    el("ul", { class: "counts" }, ...lines),
    el("p", { class: "note" }, desk.say("work_why") + (guessed ? " " + desk.say("work_estimated") : "")),
    ...(work ? source(desk, work.source, true) : []),
  ];
}

/** What an item of work is called; of incidents with their kind behind. */
function title(desk: Desk, item: string): string {
  const [name, kind] = item.split("/");
  const { work } = desk.facts;
  const titles = work && work.items[name];
  const told = titles ? desk.title(titles) : name.replace(/_/g, " ");
  return kind === undefined ? told : told + " · " + (desk.word("incident_kind", kind) || kind);
}

function facts(desk: Desk, rows: [string, HTMLElement | string | null][]): HTMLElement {
  const told = rows.filter((one) => one[1] !== null).flatMap(([key, value]) => [el("dt", {}, desk.head(key)), el("dd", {}, value)]);
  return el("dl", { class: "facts" }, ...told);
}
