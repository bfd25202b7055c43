// Lists dropped on the page: what each column means is shown and can be said, then every row is kept or comes back.
import { el, fill } from "../dom";
import type { Answer } from "./api";
import type { Done, Live } from "./live";
import { Rejects } from "./rejects";
import { result } from "./result";

const KINDS = ["residents", "resources", "incidents", "workers", "units", "buildings", "communities", "compounds", "barriers", "entrances", "parts", "aliases"];

interface Column {
  theirs: string;
  ours: string | null;
  withheld: string | null;
  told: string | null;
  samples: string[];
}

/** One dropped list on its way into the project. */
export class List {
  readonly root = el("section", { class: "desk-list" });
  private table = "";
  private readonly said: Record<string, string> = {}; // sheet, encoding, crs …
  private readonly columns: Record<string, string> = {}; // theirs -> ours, as the person says
  private readonly named = el("input", { type: "checkbox", name: "keep_persons" });
  private again = 0;
  private state: "looking" | "ready" | "asking" | "taken" = "looking";

  constructor(
    private readonly live: Live,
    private readonly upload: string,
    readonly name: string,
    private readonly taken: () => void,
    private readonly changed: () => void,
    private readonly twice = false, // a file of this name was dropped before
  ) {
    void this.look();
  }

  private options(): Record<string, unknown> {
    const columns = Object.keys(this.columns).map((theirs) => theirs + "=" + this.columns[theirs]);
    return { upload: this.upload, ...(this.table ? { table: this.table } : {}), ...(columns.length ? { columns } : {}), ...this.said };
  }

  private async look(): Promise<void> {
    const turn = ++this.again;
    this.state = "looking";
    const wait = el("p", { class: "soft" }, this.live.say("list_reading"));
    fill(this.root, this.head(), wait);
    try {
      const done = await this.live.job("look", this.options(), this.root);
      if (turn === this.again) this.draw(done);
    } catch (error) {
      this.state = "asking";
      this.changed();
      fill(this.root, this.head(), el("p", { class: "fault" }, this.live.say("list_unread")));
    }
  }

  private head(): HTMLElement {
    const away = el("button", { type: "button", class: "close", "aria-label": this.live.say("list_away", { file: this.name }), onclick: () => this.away() }, "×");
    const twice = this.twice && this.state !== "taken" ? el("small", { class: "twice" }, this.live.say("drop_twice")) : null;
    return el("header", {}, el("h3", {}, this.name, twice), away);
  }

  private away(): void {
    this.root.remove();
    this.changed();
    this.live.api("/api/uploads/" + this.upload, undefined, "DELETE").catch(() => undefined);
  }

  private draw(done: Done): void {
    const { live } = this;
    const told = done.result;
    this.table = told.table || this.table;
    this.state = told.fault ? "asking" : "ready";
    this.changed();
    const take = el("button", { type: "button", class: "first take", onclick: () => void this.take({}) }, live.say("list_take"));
    const newer = el("button", { type: "button", onclick: () => void this.take({ update: true }) }, live.say("list_update"));
    take.disabled = newer.disabled = !!told.fault;
    fill(
      this.root,
      this.head(),
      told.table ? this.kinds(told) : null,
      told.fault ? this.fault(told) : this.count(told),
      told.columns && told.columns.length ? this.meanings(told) : null,
      told.warnings && told.warnings.length ? el("ul", { class: "warnings" }, ...told.warnings.map((text: string) => el("li", {}, text))) : null,
      this.persons(told),
      el("div", { class: "buttons" }, take, newer),
    );
  }

  /** A list of persons may be kept by name as well, in a file of its own; nothing is kept unless that is said. */
  private persons(told: Answer): HTMLElement | null {
    const held = ((told.columns || []) as Column[]).some((one) => one.withheld);
    if (this.table !== "residents" || !held || told.fault) return null;
    const { live } = this;
    return el("details", {}, el("summary", {}, live.say("more_options")), el("label", { class: "field flag" }, this.named, live.say("option_keep_persons"), el("small", {}, live.say("option_keep_persons_about"))));
  }

  /** For which table the list is: the likeliest, or another. */
  private kinds(told: Answer): HTMLElement {
    const { live } = this;
    const select = el("select", { name: "table" }, ...KINDS.map((kind) => el("option", { value: kind }, live.say("kind_" + kind))));
    select.value = this.table;
    select.addEventListener("change", () => {
      this.table = select.value;
      for (const theirs of Object.keys(this.columns)) delete this.columns[theirs];
      void this.look();
    });
    const sure = told.tables && told.tables[0] === this.table ? live.say("list_kind_about") : "";
    return el("label", { class: "field" }, el("span", {}, live.say("list_kind")), select, el("small", {}, sure));
  }

  /** What must be said before the list can be taken in, with the likely answers. */
  private fault(told: Answer): HTMLElement {
    const { live } = this;
    const { fault, asks } = told;
    const box = el("div", { class: "fault", role: "alert" }, el("p", {}, fault.message), fault.hint ? el("p", { class: "hint" }, fault.hint) : null);
    if (!asks || asks.option === "columns") return box;
    const answers: string[] = asks.answers;
    const input = answers.length ? el("select", {}, ...answers.map((one) => el("option", { value: one }, one))) : el("input", { type: "text" });
    const say = el("button", { type: "button", class: "first" }, live.say("list_say"));
    say.addEventListener("click", () => {
      this.said[asks.option] = input.value;
      void this.look();
    });
    box.append(el("label", { class: "field" }, el("span", {}, live.say("option_" + asks.option)), input), say);
    return box;
  }

  private count(told: Answer): HTMLElement {
    return reconciled(this.live, told.rows_in, told.rows_kept, told.rows_rejected, true);
  }

  /** The table of columns: theirs, what stands in it, what it means. */
  private meanings(told: Answer): HTMLElement {
    const { live } = this;
    const heads = ["list_theirs", "list_holds", "list_means"].map((key) => el("th", { scope: "col" }, live.say(key)));
    const rows = (told.columns as Column[]).map((one) => this.meaning(one, told.meanings || []));
    const table = el("table", { class: "columns" }, el("thead", {}, el("tr", {}, ...heads)), el("tbody", {}, ...rows));
    const all = told.columns as Column[];
    const read = all.filter((one) => one.ours).length;
    const held = all.filter((one) => one.withheld).length;
    const title = live.say(held ? "list_columns_held" : "list_columns", { read, left: all.length - read, held });
    const asked = !!told.fault || Object.keys(this.columns).length > 0; // else what was recognised need not be looked at
    return el("details", { open: asked }, el("summary", {}, title), el("div", { class: "scroll" }, table));
  }

  private meaning(column: Column, meanings: { ours: string; title: string }[]): HTMLElement {
    const { live } = this;
    const head = el("th", { scope: "row" }, column.theirs);
    const samples = el("td", { class: "samples" }, column.samples.join(" · "));
    if (column.withheld && !column.ours) return el("tr", { class: "withheld" }, head, samples, el("td", {}, column.told || ""));
    const none = el("option", { value: "-" }, live.say("list_not_used"));
    const label = live.say("list_means") + ": " + column.theirs;
    const select = el("select", { "aria-label": label }, none, ...meanings.map((one) => el("option", { value: one.ours }, one.title)));
    select.value = column.ours || "-";
    select.addEventListener("change", () => {
      this.columns[column.theirs] = select.value;
      void this.look();
    });
    return el("tr", { class: column.ours ? "" : "unused" }, head, samples, el("td", {}, select, column.withheld ? el("small", {}, column.told) : null));
  }

  /** Whether the list could be taken in as it is. */
  get ready(): boolean {
    return this.state === "ready" && this.root.isConnected;
  }

  get looking(): boolean {
    return this.state === "looking" && this.root.isConnected;
  }

  async take(how: Record<string, unknown>): Promise<void> {
    try {
      const named = this.named.checked && this.table === "residents" ? { keep_persons: true } : {};
      const done = await this.live.job("import", { ...this.options(), ...named, ...how }, this.root);
      this.finished(done);
      this.taken();
    } catch (error) {
      return undefined;
    }
  }

  private finished(done: Done): void {
    const { live } = this;
    const { rows_in, rows_kept, rows_rejected, rejected, known, import_id } = done.result;
    const count = rows_in === undefined || known ? null : reconciled(live, rows_in, rows_kept, rows_rejected, false);
    const waiting = rejected && rejected.length ? new Rejects(live, import_id, rejected, () => this.taken()).root : null;
    this.state = "taken";
    fill(this.root, this.head(), count, waiting, result(live, done));
    this.root.classList.add("taken");
    this.changed();
  }
}

/** Rows in = rows kept + rows rejected, as numbers and as a bar. */
export function reconciled(live: Live, came: number, kept: number, rejected: number, look: boolean): HTMLElement {
  const bar = el("span", { class: "bar", "aria-hidden": "true" }, el("i", {}), el("b", {}));
  const share = came ? kept / came : 1;
  (bar.firstChild as HTMLElement).style.width = share * 100 + "%";
  return el("p", { class: "reconciled" }, live.say(look ? "list_would" : "list_did", { came, kept, rejected }), bar);
}
