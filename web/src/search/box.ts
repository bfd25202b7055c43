// The search box: a list by kind that the keyboard walks through, and what was found as a table to take along.
import { Choice, Desk } from "../desk";
import { el, fill } from "../dom";
import { saveSheet } from "../tools/sheet";
import { Hit, Index } from "./index";

const SHOWN = 8; // of each kind
const WAIT_MS = 60;
const LEAVE_MS = 160;

export class SearchBox {
  readonly root: HTMLElement;
  private readonly list = el("div", { id: "govmap-hits", role: "listbox" });
  private readonly drop: HTMLElement;
  private readonly box: HTMLInputElement;
  private readonly told = el("p", { class: "told", role: "status" });
  private readonly table = el("button", { type: "button", class: "link" });
  private readonly index: Index;
  private groups: Hit[][] = [];
  private shown: Hit[] = [];
  private at = -1;
  private timer = 0;
  private early = false; // something was asked before all could be searched

  constructor(
    private readonly desk: Desk,
    private readonly go: (choice: Choice) => void,
  ) {
    this.index = new Index(desk, () => this.early && this.look());
    const facts = { id: "govmap-search", type: "search", autocomplete: "off", spellcheck: "false", role: "combobox" };
    this.box = el("input", { ...facts, "aria-controls": "govmap-hits", "aria-expanded": "false", "aria-autocomplete": "list" });
    this.drop = el("div", { class: "drop", hidden: true }, this.list, this.table);
    this.root = el("div", { class: "search", role: "search" }, el("div", { class: "field" }, this.box, this.drop), this.told);
    this.box.addEventListener("input", () => this.later());
    this.box.addEventListener("keydown", (event) => this.key(event));
    this.root.addEventListener("focusout", () => window.setTimeout(() => this.root.contains(document.activeElement) || this.close(), LEAVE_MS));
    this.root.addEventListener("keydown", (event) => {
      if (event.key === "Escape" && event.target !== this.box) this.leave(event);
    });
    this.table.addEventListener("click", () => this.save());
    desk.on("language", () => this.name());
    this.name();
  }

  private later(): void {
    clearTimeout(this.timer);
    this.timer = window.setTimeout(() => this.look(), WAIT_MS);
  }

  private look(patient = false): void {
    const { desk, box } = this;
    this.early = box.value.trim() !== "" && !this.index.isWhole(patient);
    this.groups = this.index.find(box.value);
    this.shown = [];
    this.at = -1;
    fill(this.list, ...this.groups.map((group) => this.group(group)));
    const found = this.groups.reduce((sum, group) => sum + group.length, 0);
    this.drop.hidden = found === 0;
    box.setAttribute("aria-expanded", String(found > 0));
    box.removeAttribute("aria-activedescendant");
    this.told.textContent = !box.value.trim() || (this.early && !found) ? "" : found ? desk.say("found", { count: found }) : desk.say("nothing_found");
  }

  private group(hits: Hit[]): HTMLElement {
    const { desk } = this;
    const title = desk.head("hits_" + hits[0].kind);
    const rest = hits.length - SHOWN;
    const told = title + (rest > 0 ? " (" + desk.number(hits.length) + ")" : "");
    const rows = hits.slice(0, SHOWN).map((hit) => this.row(hit));
    return el("ul", { role: "group", "aria-label": title }, el("li", { class: "head", role: "presentation" }, told), ...rows);
  }

  private row(hit: Hit): HTMLElement {
    const place = this.shown.push(hit) - 1;
    const row = el("li", { id: "govmap-hit-" + place, role: "option", "aria-selected": "false" }, el("span", {}, this.label(hit)), el("span", { class: "sort" }, this.aside(hit)));
    row.addEventListener("mousedown", (event) => {
      event.preventDefault();
      this.take(hit);
    });
    return row;
  }

  private label(hit: Hit): string {
    const { desk } = this;
    if (hit.kind === "unit") return desk.head("unit_title", { name: desk.unitTitle(hit.row) });
    const door = hit.kind === "building" ? desk.tables.buildings.text("door", hit.row) : null;
    return door ? hit.text + " · " + door : hit.text;
  }

  /** What stands behind a hit: the kind of a resource, and the unit. */
  private aside(hit: Hit): string {
    const { desk } = this;
    if (hit.kind === "unit" || hit.kind === "street") return "";
    const sort = hit.kind === "resource" ? desk.title(desk.facts.categories[desk.tables.resources.numbers.category[hit.row]].title) : "";
    const unit = desk.unitOf(hit);
    return [sort, unit === null ? "" : desk.tables.units.text("label", unit)].filter((one) => one).join(" · ");
  }

  private take(hit: Hit): void {
    this.box.value = hit.text;
    this.told.textContent = "";
    this.close();
    const building = hit.kind === "address" ? this.desk.tables.addresses.number("building", hit.row) : null;
    this.go(building === null ? { kind: hit.kind, row: hit.row } : { kind: "building", row: building });
  }

  private close(): void {
    this.drop.hidden = true;
    this.box.setAttribute("aria-expanded", "false");
    this.box.removeAttribute("aria-activedescendant");
    this.at = -1;
  }

  private mark(next: number): void {
    const rows = this.list.querySelectorAll<HTMLElement>("[role=option]");
    if (this.at >= 0 && rows[this.at]) rows[this.at].setAttribute("aria-selected", "false");
    this.at = next;
    if (next < 0 || !rows[next]) return;
    rows[next].setAttribute("aria-selected", "true");
    rows[next].scrollIntoView({ block: "nearest" });
    this.box.setAttribute("aria-activedescendant", rows[next].id);
  }

  private key(event: KeyboardEvent): void {
    if (event.isComposing) return; // the letters are still being turned into characters
    if (event.key === "ArrowDown") this.down();
    else if (event.key === "ArrowUp") this.mark(Math.max(this.at - 1, 0));
    else if (event.key === "Enter") this.enter();
    else if (event.key === "Escape") this.escape();
    else return;
    if (event.key === "Escape") event.stopPropagation();
    event.preventDefault();
  }

  private down(): void {
    if (this.drop.hidden && this.box.value) this.look(true);
    this.mark(Math.min(this.at + 1, this.shown.length - 1));
  }

  private enter(): void {
    if (this.at < 0) {
      clearTimeout(this.timer);
      this.look(true);
    }
    const hit = this.shown[Math.max(this.at, 0)];
    if (hit) this.take(hit);
  }

  private escape(): void {
    if (this.drop.hidden) this.box.value = "";
    this.close();
    this.told.textContent = "";
  }

  /** Back from what stands below the list to the box. */
  private leave(event: KeyboardEvent): void {
    event.stopPropagation();
    this.box.focus();
    this.close();
  }

  /** What was found as a table. */
  private save(): void {
    const { desk } = this;
    const hits = ([] as Hit[]).concat(...this.groups);
    const rows = hits.map((hit) => [desk.say("hits_" + hit.kind), this.label(hit), this.aside(hit) || null]);
    saveSheet(desk, { name: this.box.value, head: ["category", "name", "unit"].map((key) => desk.head(key)), rows }, (text) => (this.told.textContent = text));
  }

  private name(): void {
    const { desk } = this;
    this.box.setAttribute("placeholder", desk.say("search"));
    this.box.setAttribute("aria-label", desk.say("search"));
    this.list.setAttribute("aria-label", desk.say("search_hits"));
    fill(this.table, desk.say("hits_table"));
    this.told.textContent = "";
  }
}
