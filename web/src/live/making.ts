// A new project of what was dropped: the extract or none, the ground by name, sides or file, and lists for afterwards.
import { el, fill } from "../dom";
import { Refusal, Refused } from "./api";
import { Dropped, dropzone } from "./drop";
import type { Live } from "./live";
import { Task } from "./task";

type Role = "extract" | "ground_file" | "buildings_file" | "list";
const SOON_MS = 300; // by then the progress stands there
const WAITING = "govmap-lists"; // lists that were dropped with the extract, taken in when the project stands

export class Making {
  private readonly root = el("section", { class: "desk-box making" });
  private readonly files: { file: Dropped; role: Role }[] = [];
  private readonly said: Record<string, string> = {};
  private ground = "whole";

  constructor(private readonly live: Live) {}

  draw(): HTMLElement {
    const { live } = this;
    const zone = dropzone(live, "drop_all", (came) => this.took(came));
    const place = el("div", { class: "outcome" });
    const go = el("button", { type: "button", class: "first make", onclick: () => void this.make(go, place) }, live.say("make_go"));
    fill(this.root, el("h2", {}, live.say("make_title")), zone, this.shown(), this.source(), this.grounds(), this.facts(), go, place);
    return this.root;
  }

  private took(came: Dropped[]): void {
    for (const file of came) this.files.push({ file, role: this.guess(file) });
    if (!this.said.name && came.some((file) => file.kind === "extract")) this.said.name = "";
    this.draw();
  }

  private guess(file: Dropped): Role {
    const has = (role: Role): boolean => this.files.some((one) => one.role === role);
    if (file.kind === "extract") return "extract";
    if (file.kind === "layer" && !has("ground_file")) return "ground_file";
    return file.kind === "layer" && !has("buildings_file") ? "buildings_file" : "list";
  }

  private shown(): HTMLElement {
    const { live } = this;
    const rows = this.files.map((one) => {
      const roles: Role[] = one.file.kind === "extract" ? ["extract"] : ["ground_file", "buildings_file", "list"];
      const select = el("select", { "aria-label": one.file.name }, ...roles.map((role) => el("option", { value: role }, live.say("role_" + role))));
      select.value = one.role;
      select.addEventListener("change", () => {
        one.role = select.value as Role;
        this.draw();
      });
      const away = el("button", { type: "button", class: "close", "aria-label": live.say("list_away", { file: one.file.name }), onclick: () => this.away(one.file) }, "×");
      return el("li", {}, el("span", {}, one.file.name, this.twice(one.file)), select, away);
    });
    return el("ul", { class: "desk-files" }, ...rows);
  }

  /** A file that was dropped before under the same name is likely a slip of the hand. */
  private twice(file: Dropped): HTMLElement | null {
    const first = this.files.find((one) => one.file.name === file.name)!;
    return first.file === file ? null : el("small", { class: "twice" }, this.live.say("drop_twice"));
  }

  private away(file: Dropped): void {
    const at = this.files.findIndex((one) => one.file === file);
    if (at >= 0) this.files.splice(at, 1);
    this.live.api("/api/uploads/" + file.upload, undefined, "DELETE").catch(() => undefined);
    this.draw();
  }

  /** Where buildings come from when no extract was dropped. */
  private source(): HTMLElement | null {
    const { live } = this;
    if (this.files.some((one) => one.role === "extract")) return null;
    const fields = [this.text("extract_path"), this.text("place")];
    return el("details", {}, el("summary", {}, live.say("make_no_extract")), el("p", { class: "soft" }, live.say("make_no_extract_about")), ...fields);
  }

  /** Which ground: everything in the extract, a name or four sides, or the dropped file. */
  private grounds(): HTMLElement {
    const { live } = this;
    const file = this.files.find((one) => one.role === "ground_file");
    if (file) return el("p", { class: "soft" }, live.say("make_ground_file", { file: file.file.name }));
    const ways = ["whole", "name", "sides"].map((way) => {
      const radio = el("input", { type: "radio", name: "ground-way", value: way });
      radio.checked = this.ground === way;
      radio.addEventListener("change", () => {
        this.ground = way;
        this.draw();
      });
      return el("label", { class: "field flag" }, radio, live.say("make_ground_" + way));
    });
    const more = this.ground === "name" ? [this.text("ground")] : this.ground === "sides" ? ["north", "east", "south", "west"].map((side) => this.text(side)) : [];
    return el("fieldset", {}, el("legend", {}, live.say("make_ground")), ...ways, ...more);
  }

  private facts(): HTMLElement {
    const { live } = this;
    this.said.profile = this.said.profile || (live.language === "zh" ? "cn" : "generic");
    const profile = el("select", {}, ...["cn", "uk", "us", "generic"].map((one) => el("option", { value: one }, live.say("choice_" + one))));
    profile.value = this.said.profile;
    profile.addEventListener("change", () => (this.said.profile = profile.value));
    const rest = el("details", {}, el("summary", {}, live.say("more_options")), this.text("name"), this.text("folder", live.state.folder), this.text("total"));
    return el("div", {}, this.text("title"), el("label", { class: "field" }, el("span", {}, live.say("option_profile")), profile), rest);
  }

  private text(name: string, placeholder = ""): HTMLElement {
    const { live } = this;
    const input = el("input", { type: "text", name, placeholder, autocomplete: "off", maxlength: 300 });
    input.value = this.said[name] || "";
    input.addEventListener("input", () => (this.said[name] = input.value.trim()));
    const about = live.knows("option_" + name + "_about") ? el("small", {}, live.say("option_" + name + "_about")) : null;
    return el("label", { class: "field" }, el("span", {}, live.say("option_" + (name === "name" ? "file_name" : name))), input, about);
  }

  private options(): Record<string, unknown> {
    const { said } = this;
    const given: Record<string, unknown> = { language: this.live.language, profile: said.profile };
    for (const name of ["name", "title", "folder", "extract_path", "place"]) if (said[name]) given[name] = said[name];
    if (!given.name) given.name = said.title || this.live.say("make_name");
    if (said.total) given.total = Math.round(Number(said.total.replace(/[,，]/g, "")));
    for (const one of this.files) if (one.role !== "list") given[one.role] = one.file.upload;
    if (!given.ground_file) {
      if (this.ground === "whole") given.whole = true;
      if (this.ground === "name" && said.ground) given.ground = said.ground;
      if (this.ground === "sides") given.ground = sides(said);
    }
    return given;
  }

  private async make(go: HTMLButtonElement, place: HTMLElement): Promise<void> {
    go.disabled = true;
    fill(place);
    window.setTimeout(() => place.scrollIntoView({ block: "nearest" }), SOON_MS); // below the fold nobody sees it work
    try {
      const { job } = await this.live.api("/api/start/make", this.options());
      await new Task(this.live, job).run(place);
      const lists = this.files.filter((one) => one.role === "list").map((one) => one.file);
      sessionStorage.setItem(WAITING, JSON.stringify(lists));
      this.live.anew();
    } catch (error) {
      if (error instanceof Refused) this.refused(error.refusal, place);
      go.disabled = false;
    }
  }

  /** Shows what is wrong where the person is looking as well. */
  private refused(refusal: Refusal, place: HTMLElement): void {
    fill(place, el("div", { class: "fault" }, el("p", {}, refusal.message), refusal.hint ? el("p", { class: "hint" }, refusal.hint) : null));
  }
}

/** The lists that were dropped before the project stood. */
export function waiting(): Dropped[] {
  const text = sessionStorage.getItem(WAITING);
  sessionStorage.removeItem(WAITING);
  return text ? (JSON.parse(text) as Dropped[]) : [];
}

function sides(said: Record<string, string>): string {
  const letters: [string, string][] = [["N", "north"], ["E", "east"], ["S", "south"], ["W", "west"]];
  return letters.filter(([, side]) => said[side]).map(([letter, side]) => letter + "=" + said[side]).join(";");
}
