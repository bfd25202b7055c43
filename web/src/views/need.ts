// Need and supply together: nine colours, by how many people a service is for and how many of them have it.
import { Desk } from "../desk";
import { el } from "../dom";
import { overOf, seen } from "../hatches";
import { NINE, Shade, UNKNOWN } from "../shades";

export const HAVE = [0.9, 0.5];

export interface Need {
  people: number;
  have: number; // share of them
}

/** The colour of each unit; of nobody, or where nothing is known, none. */
export function needShades(needs: (Need | null)[]): Shade[] {
  const bounds = thirds(needs.filter((one): one is Need => one !== null && one.people > 0).map((one) => one.people));
  return needs.map((one) => {
    if (one === null || one.people <= 0) return UNKNOWN;
    const lack = HAVE.filter((share) => one.have < share).length;
    const much = bounds.filter((bound) => one.people > bound).length;
    return { fill: NINE[lack][much], rank: lack * 3 + much };
  });
}

/** Bounds that leave a third of the values to each class. */
export function thirds(values: number[]): number[] {
  const sorted = values.slice().sort((a, b) => a - b);
  if (!sorted.length) return [];
  return [1 / 3, 2 / 3].map((share) => sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)]);
}

/** The nine colours with what their rows and columns mean. */
export function needLegend(desk: Desk, needs: (Need | null)[]): HTMLElement {
  const bounds = thirds(needs.filter((one): one is Need => one !== null && one.people > 0).map((one) => one.people));
  const rows = [
    desk.say("have_over", { low: desk.percent(HAVE[0]) }),
    desk.say("range", { low: desk.percent(HAVE[1]), high: desk.percent(HAVE[0]) }),
    desk.say("have_under", { high: desk.percent(HAVE[1]) }),
  ];
  const columns = bounds.length
    ? [desk.say("legend_to", { high: desk.number(bounds[0]) }), desk.say("range", { low: desk.number(bounds[0]), high: desk.number(bounds[1]) }), desk.say("legend_over", { low: desk.number(bounds[1]) })]
    : ["", "", ""];
  const head = el("tr", {}, el("td", {}), ...columns.map((text) => el("th", { scope: "col" }, text)));
  const body = NINE.map((line, at) =>
    el("tr", {}, el("th", { scope: "row" }, rows[at]), ...line.map((colour) => el("td", { class: "nine" + (overOf(colour) ? " " + overOf(colour) : ""), colour: seen(colour) }))),
  );
  return el(
    "div",
    { class: "legend need" },
    el("table", {}, el("caption", {}, desk.say("need_people")), el("tbody", {}, head, ...body)),
    el("p", { class: "note" }, desk.say("need_note")),
  );
}
