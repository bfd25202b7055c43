// A worker's own unit: chosen once in a list, remembered in the address of the page, shown first.
import { Choice, Desk } from "../desk";
import { el, fill } from "../dom";
import { fromHash, toHash } from "./hash";

const KEY = "me";

interface Steps {
  go(choice: Choice): void;
}

export class Own {
  readonly root = el("section", { class: "own" });

  constructor(
    private readonly desk: Desk,
    private readonly steps: Steps,
  ) {
    for (const event of ["language", "tables", "choice"] as const) desk.on(event, () => this.draw());
    window.addEventListener("hashchange", () => this.open());
  }

  /** The row of the unit that is remembered; -1 where none is, or it is not on this map. */
  row(): number {
    const code = fromHash(KEY);
    const { units } = this.desk.tables;
    if (code === null || !units) return -1;
    for (let row = 0; row < units.rows; row++) if (units.text("code", row) === code) return row;
    return -1;
  }

  /** Opens the remembered unit. */
  open(): void {
    const row = this.desk.facts.audience === "worker" ? this.row() : -1;
    if (row >= 0) this.steps.go({ kind: "unit", row });
  }

  private draw(): void {
    const { desk } = this;
    const { units } = desk.tables;
    if (desk.facts.audience !== "worker" || !units) return fill(this.root);
    const mine = this.row();
    const options = Array.from({ length: units.rows }, (_, row) => el("option", { value: row }, desk.unitTitle(row)));
    const list = el("select", { id: "govmap-own", onchange: () => this.choose(Number(list.value)) }, el("option", { value: -1 }, desk.say("own_choose")), ...options);
    list.value = String(mine);
    const away = mine >= 0 && desk.unitOf(desk.choice) !== mine;
    const back = away && el("button", { type: "button", class: "link", onclick: () => this.steps.go({ kind: "unit", row: mine }) }, desk.say("own_back"));
    const held = document.activeElement && document.activeElement.id === "govmap-own";
    fill(this.root, el("label", { class: "chooser" }, el("span", {}, desk.say("own_unit")), list), back || null, mine < 0 ? el("p", { class: "note" }, desk.say("own_note")) : null);
    if (held) list.focus({ preventScroll: true });
  }

  private choose(row: number): void {
    toHash(KEY, row < 0 ? null : this.desk.tables.units.text("code", row));
    if (row < 0) this.desk.choose(null);
    else this.open();
    this.draw();
  }
}
