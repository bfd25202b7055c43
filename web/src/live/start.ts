// Where work begins: a project is opened or made of dropped files, and lists are taken in one by one.
import { el, fill } from "../dom";
import { Dropped, dropzone } from "./drop";
import { List } from "./lists";
import type { Live, Mode } from "./live";
import { Making, waiting } from "./making";
import { Rejects } from "./rejects";

export class Start implements Mode {
  readonly name = "start";
  readonly wide = true;
  private readonly lists = el("div", { class: "desk-lists" });
  private readonly mending = el("div", { class: "desk-mending" });
  private readonly before = el("div", { class: "desk-imports" });
  private readonly all = el("div", { class: "buttons" });
  private readonly listed: List[] = [];
  private making: Making | null = null;

  constructor(private readonly live: Live) {}

  open(root: HTMLElement): void {
    const { live } = this;
    if (live.state.name === null) {
      this.making = this.making || new Making(live);
      fill(root, el("h1", {}, live.say("start_title")), el("p", { class: "soft" }, live.say("start_about")), el("div", { class: "desk-two" }, this.making.draw(), this.chooser(true)));
      return;
    }
    fill(root, el("h1", {}, String(live.state.title || live.state.name)), this.standing(), el("div", { class: "desk-two" }, this.intake(), this.chooser(false)));
    this.took(waiting());
    void this.imports();
  }

  close(): void {
    return undefined;
  }

  // the open project ------------------------------------------------------------------------------------------------
  private standing(): HTMLElement {
    const { live } = this;
    const { counts, folder, name } = live.state;
    const told = Object.keys(counts || {}).filter((one) => counts[one] && live.knows("count_" + one));
    const facts = told.map((one) => el("li", {}, el("b", {}, live.number(counts[one])), " ", live.say("count_" + one)));
    return el("div", {}, el("p", { class: "soft" }, live.say("start_where", { name: String(name), folder })), el("ul", { class: "desk-counts" }, ...facts));
  }

  private intake(): HTMLElement {
    const { live } = this;
    const zone = dropzone(live, "drop_lists", (files) => this.took(files));
    const next = el("button", { type: "button", class: "first go-on", onclick: () => live.rail.go("steps") }, live.say("start_go_on"));
    return el("section", { class: "desk-box" }, el("h2", {}, live.say("start_lists")), zone, this.all, this.lists, next, this.before);
  }

  private took(files: Dropped[]): void {
    const { live } = this;
    const again = (): void => void live.look().then(() => this.imports());
    for (const file of files) {
      const twice = this.listed.some((one) => one.name === file.name && one.root.isConnected);
      const list = new List(live, file.upload, file.name, again, () => this.count(), twice);
      this.listed.push(list);
      this.lists.append(list.root);
    }
  }

  /** One button for all lists that need no answer. */
  private count(): void {
    const ready = this.listed.some((one) => one.looking) ? [] : this.listed.filter((one) => one.ready);
    fill(this.all, ready.length > 1 ? el("button", { type: "button", class: "first take-all", onclick: () => void this.takeAll() }, this.live.say("list_take_all", { count: ready.length })) : null);
  }

  private async takeAll(): Promise<void> {
    fill(this.all);
    for (const list of this.listed.filter((one) => one.ready)) await list.take({});
  }

  /** What was taken in before, each with a button to take it back. */
  private async imports(): Promise<void> {
    const { live } = this;
    const { imports } = await live.api("/api/start/imports");
    if (!imports.length) return fill(this.before);
    const rows = imports.map((one: Record<string, any>) => {
      const back = el("button", { type: "button", onclick: () => void this.back(one.import_id, one.file) }, live.say("list_back"));
      const counts = live.say("list_did", { came: one.rows_in, kept: one.rows_kept, rejected: one.rows_rejected });
      const gone = el("button", { type: "button", class: "danger", onclick: () => void this.forget({ import: one.import_id }, one.file) }, live.say("list_forget"));
      const mend = one.rows_rejected ? el("button", { type: "button", "data-mend": one.import_id, onclick: () => void this.mend(one.import_id) }, live.say("list_mend")) : null;
      return el("tr", {}, el("th", { scope: "row" }, one.file), el("td", {}, live.say("kind_" + one.table)), el("td", {}, counts), el("td", {}, mend, back, gone));
    });
    const kinds = (imports as Record<string, any>[]).map((one) => one.table as string).filter((one, at, all) => all.indexOf(one) === at);
    fill(this.before, el("h3", {}, live.say("list_before")), el("div", { class: "scroll" }, el("table", {}, el("tbody", {}, ...rows))), this.mending, this.register(kinds));
  }

  /** The rejected rows of a list that was taken in before, to be corrected. */
  private async mend(number: string): Promise<void> {
    const { live } = this;
    const { rejected } = await live.api("/api/start/rejects?number=" + encodeURIComponent(number));
    fill(this.mending, new Rejects(live, number, rejected, () => void live.look()).root);
    this.mending.scrollIntoView({ block: "nearest" });
  }

  /** A whole register removed for good: every list of its kind, and all that was made or learnt of them. */
  private register(kinds: string[]): HTMLElement {
    const { live } = this;
    const select = el("select", { name: "register", "aria-label": live.say("list_forget_which") }, ...kinds.map((one) => el("option", { value: one }, live.say("kind_" + one))));
    const go = el("button", { type: "button", class: "danger", "data-do": "forget", onclick: () => void this.forget({ table: select.value }, select.options[select.selectedIndex].text) }, live.say("list_forget_go"));
    return el("details", { class: "forget" }, el("summary", {}, live.say("list_forget_register")), el("p", { class: "soft" }, live.say("list_forget_about")), el("div", { class: "buttons" }, select, go));
  }

  private async forget(what: Record<string, string>, called: string): Promise<void> {
    const { live } = this;
    if (!window.confirm(live.say("list_forget_sure", { file: called }))) return;
    const done = await live.job("forget", what);
    for (const text of done.said) live.notices.done(text);
    fill(this.mending);
    await live.look();
    await this.imports();
  }

  private async back(number: string, file: string): Promise<void> {
    if (!window.confirm(this.live.say("list_back_sure", { file }))) return;
    const done = await this.live.job("take_back", { import: number });
    this.live.notices.done(done.said.join(" "));
    await this.live.look();
    await this.imports();
  }

  // another project -------------------------------------------------------------------------------------------------
  private chooser(first: boolean): HTMLElement {
    const { live } = this;
    const list = el("ul", { class: "desk-projects" });
    const path = el("input", { type: "text", name: "path", placeholder: live.say("open_path_example"), autocomplete: "off" });
    const go = el("button", { type: "button", onclick: () => path.value.trim() && void this.choose(path.value.trim()) }, live.say("open_path_go"));
    const box = el("section", { class: "desk-box" }, el("h2", {}, live.say("open_title")), list, el("label", { class: "field" }, el("span", {}, live.say("open_path")), path), go);
    live.api("/api/start/projects").then(({ folder, projects }) => {
      const names = (projects as string[]).filter((name) => name !== live.state.name);
      const rows = names.map((name) => el("li", {}, el("button", { type: "button", class: "plain", onclick: () => void this.choose(name) }, name)));
      fill(list, ...(rows.length ? rows : [el("li", { class: "soft" }, live.say("open_none", { folder }))]));
    }, () => undefined);
    if (!first) {
      const other = new Making(live);
      box.append(el("details", {}, el("summary", {}, live.say("make_another")), other.draw()));
    }
    return box;
  }

  private async choose(path: string): Promise<void> {
    await this.live.api("/api/start/open", { path });
    this.live.rail.forget();
    this.live.anew();
  }
}
