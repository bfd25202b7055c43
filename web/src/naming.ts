// What a thing on the map is called in one line: under the pointer, and by the voice of a screen reader.
import { Choice, Desk } from "./desk";
import { el } from "./dom";

/** What a thing is called, with the unit it belongs to. */
export function called(desk: Desk, choice: Choice): string {
  const unit = desk.unitOf(choice);
  if (choice.kind === "unit") return desk.head("unit_title", { name: desk.unitTitle(choice.row) });
  const label = unit === null ? null : desk.tables.units.text("label", unit);
  return [ownName(desk, choice), label].filter((one) => one).join(" · ");
}

function ownName(desk: Desk, { kind, row }: Choice): string | null {
  const { buildings, resources, incidents, compounds, addresses } = desk.tables;
  if (kind === "building") return buildings.text("name", row) || buildings.text("door", row);
  if (kind === "resource") {
    const category = desk.facts.categories[resources.numbers.category[row]];
    return [resources.text("name", row), desk.title(category.title)].filter((one) => one).join(", ");
  }
  if (kind === "incident") return desk.word("incident", incidents.text("category", row));
  if (kind === "compound") return desk.named(compounds, row);
  if (kind === "street") return desk.named(desk.tables.ways, row);
  return addresses ? addresses.text("full", row) : null;
}

/** A line that only screen readers read: what was chosen, and that it is chosen no more. */
export function announcer(desk: Desk): HTMLElement {
  const line = el("p", { class: "unseen", role: "status", "aria-live": "polite" });
  let before = false;
  desk.on("choice", () => {
    const { choice } = desk;
    if (choice) line.textContent = desk.say("chosen", { name: called(desk, choice) || desk.say("a_" + choice.kind) });
    else if (before) line.textContent = desk.say("chosen_none");
    before = choice !== null;
  });
  return line;
}
