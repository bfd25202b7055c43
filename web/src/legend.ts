// What the colours and marks of the view mean, as data: the panel draws it, and the picture of the view too.
import { Desk } from "./desk";
import { el } from "./dom";
import { EVERY, Findings } from "./findings";
import { Over, overOf, seen } from "./hatches";
import { FORMER, HOT, MOVED, RATE, SHORT, SHORT_STEPS, VACANT, WORK } from "./shades";
import { AGE, AGE_DAYS, CLOSED } from "./views/cases";

export interface Key {
  mark: "swatch" | "unknown" | "dashed" | "age" | "late";
  colour: string; // as it looks on the map
  over?: Over | null;
  text: string;
}

export interface Legend {
  keys: Key[];
  notes: string[];
}

const swatch = (colour: string, text: string): Key => ({ mark: "swatch", colour: seen(colour), over: overOf(colour), text });
const unknown = (text: string): Key => ({ mark: "unknown", colour: "#fff", text });

export function legend(desk: Desk, findings: Findings): Legend {
  const made: Record<string, () => Legend> = {
    units: () => ({ keys: [], notes: [desk.say("legend_units"), desk.say("legend_border")] }),
    gaps: () => gaps(desk, findings),
    rates: () => rates(desk, findings),
    spots: () => spots(desk),
    work: () => work(desk, findings),
    duties: () => ({ keys: [swatch(VACANT, desk.say("nobody"))], notes: [desk.say("legend_duties")] }),
    incidents: () => incidents(desk, findings),
    moved: () => ({ keys: [{ mark: "swatch", colour: MOVED, text: desk.say("moved_key") }, { mark: "dashed", colour: FORMER, text: desk.say("moved_former") }], notes: [] }),
  };
  return made[findings.view]();
}

function gaps(desk: Desk, findings: Findings): Legend {
  const bounds = SHORT_STEPS.map((step) => desk.percent(step));
  const keys = [swatch(SHORT[0], desk.say("legend_nobody")), swatch(SHORT[1], desk.say("legend_to", { high: bounds[0] }))];
  for (let at = 1; at < bounds.length; at++) keys.push(swatch(SHORT[at + 1], desk.say("range", { low: bounds[at - 1], high: bounds[at] })));
  keys.push(swatch(SHORT[SHORT.length - 1], desk.say("legend_over", { low: bounds[bounds.length - 1] })));
  keys.push(unknown(desk.say(desk.facts.internal ? "legend_unknown" : "legend_withheld", { k: desk.facts.k })));
  const notes = [desk.say(findings.service === EVERY ? "legend_gaps_every" : "legend_gaps"), desk.say("classes_fixed")];
  if (findings.sites().length) notes.push(desk.say("legend_places"));
  return { keys, notes: [...notes, desk.say("walk_caveat")] };
}

function rates(desk: Desk, findings: Findings): Legend {
  const bounds = findings.bounds();
  const told = bounds.map((one) => desk.number(one, one < 10 ? 1 : 0));
  const colour = (at: number): string => RATE[bounds.length ? Math.round((at * (RATE.length - 1)) / bounds.length) : 0];
  const keys: Key[] = [];
  if (bounds.length) keys.push(swatch(colour(0), desk.say("legend_under", { high: told[0] })));
  for (let at = 1; at < bounds.length; at++) keys.push(swatch(colour(at), desk.say("range", { low: told[at - 1], high: told[at] })));
  if (bounds.length) keys.push(swatch(colour(bounds.length), desk.say("legend_from", { low: told[bounds.length - 1] })));
  keys.push(unknown(desk.say("legend_few")));
  return { keys, notes: [desk.say(desk.facts.internal ? "legend_rates" : "legend_rates_plain"), ...(bounds.length ? [desk.say("classes_even", { count: bounds.length + 1 })] : [])] };
}

function spots(desk: Desk): Legend {
  const keys = [swatch(HOT.hot, desk.say("spot_hot")), swatch(HOT.cold, desk.say("spot_cold")), swatch(HOT.none, desk.say("spot_none"))];
  return { keys: [...keys, unknown(desk.say("legend_few"))], notes: [desk.say("legend_spots")] };
}

function work(desk: Desk, findings: Findings): Legend {
  const most = desk.number(desk.facts.work ? desk.facts.work.most : 1, 1);
  const keys = [swatch(WORK[0], desk.say("legend_fair", { most })), swatch(WORK[1], desk.say("legend_above", { most })), swatch(WORK[2], desk.say("legend_far_above"))];
  return { keys, notes: [desk.say("legend_work", { mean: desk.number(findings.meanHours(), 0) })] };
}

function incidents(desk: Desk, findings: Findings): Legend {
  const days = AGE_DAYS.map((one) => desk.number(one));
  const keys = AGE.map((colour, at): Key => ({ mark: "age", colour, text: ageText(desk, days, at) }));
  keys.push({ mark: "late", colour: "#fff", text: desk.say("age_late") });
  if (findings.cases.which === "reported") keys.push({ mark: "age", colour: CLOSED, text: desk.say("age_closed") });
  return { keys, notes: [desk.say("cases_note")] };
}

/** How long ago, in the words of a class of age. */
export function ageText(desk: Desk, days: string[], at: number): string {
  if (at >= days.length) return desk.say("age_longer", { low: days[at - 1] });
  return desk.say(at ? "age_days" : "age_days_first", { low: days[at - 1] || "", high: days[at] });
}

/** The legend as the panel shows it. */
export function legendBox({ keys, notes }: Legend): HTMLElement {
  const rows = keys.map((key) => el("li", {}, mark(key), key.text));
  return el("div", { class: "legend" }, rows.length ? el("ul", {}, ...rows) : null, ...notes.map((text) => el("p", { class: "note" }, text)));
}

function mark({ mark: kind, colour, over }: Key): HTMLElement {
  const names = { swatch: "swatch" + (over ? " " + over : ""), unknown: "swatch hatch", dashed: "swatch dashed", age: "age", late: "age late" };
  return el("span", { class: names[kind], colour: kind === "unknown" ? undefined : colour, "aria-hidden": "true" });
}
