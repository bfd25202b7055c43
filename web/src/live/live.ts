// The desk's page made live: one project, one rail of modes, one way to ask the server. Each mode is a module of its own.
import type L from "leaflet";
import type { Desk } from "../desk";
import type { Language } from "../facts";
import { filled } from "../filling";
import type { Findings } from "../findings";
import type { Ground } from "../ground";
import type { Panel } from "../panel";
import type { Signs } from "../signs";
import { Answer, ask, Method, Refusal, Refused, send } from "./api";
import { Notices } from "./notices";
import { Rail } from "./rail";
import { Task } from "./task";

/** The map page's own parts, once the map stands. */
export interface Page {
  desk: Desk;
  map: L.Map;
  ground: Ground;
  signs: Signs;
  panel: Panel;
  findings: Findings;
  reload(names?: string[]): Promise<void>;
}

/** One thing to do at the desk: it draws itself into a place beside the map, or over it where it is wide. */
export interface Mode {
  name: string; // `desk_mode_NAME` is its title
  wide?: boolean;
  open(root: HTMLElement): void;
  close(): void;
}

/** What is open at the desk. */
export interface State {
  name: string | null;
  folder: string;
  version: number;
  person: string;
  [fact: string]: any;
}

export interface Done {
  said: string[];
  result: Answer;
  files: { name: string; size: number; url: string }[];
}

export type Occasion = "version" | "language" | "state" | "foreign";

export class Live {
  readonly rail: Rail;
  readonly notices: Notices;
  version = 0; // the last that this page has drawn or made itself
  state: State = { name: null, folder: "", version: 0, person: "" };
  foreign: string[] = [];
  private own: Promise<unknown> = Promise.resolve(); // changes of this page that are still to be answered
  private readonly formats: Record<string, Intl.NumberFormat> = {}; // dear to make, and a table writes hundreds of numbers
  private readonly ears: Record<Occasion, (() => void)[]> = { version: [], language: [], state: [], foreign: [] };

  constructor(readonly page: Page) {
    this.notices = new Notices(this);
    this.rail = new Rail(this);
    page.desk.on("language", () => this.tell("language"));
  }

  // words -----------------------------------------------------------------------------------------------------------
  get language(): Language {
    return this.page.desk.language;
  }

  speak(language: Language): void {
    this.page.desk.speak(language);
    this.api("/api/desk/language", { language }, "PUT").catch(() => undefined);
  }

  private get words(): Record<string, string> {
    return this.page.desk.facts.words[this.language];
  }

  knows(key: string): boolean {
    return this.words["desk_" + key] !== undefined;
  }

  /** The text of `desk_` + key, filled with facts. */
  say(key: string, facts: Record<string, string | number> = {}): string {
    const text = this.words["desk_" + key];
    if (text === undefined) return key;
    return filled(text, (name) => {
      const fact = facts[name];
      return typeof fact === "number" ? this.number(fact) : fact === undefined ? "" : fact;
    });
  }

  number(value: number, digits = 0): string {
    const key = this.language + digits;
    const made = this.formats[key] || new Intl.NumberFormat(this.language === "zh" ? "zh-CN" : "en-GB", { maximumFractionDigits: digits });
    return (this.formats[key] = made).format(value);
  }

  on(occasion: Occasion, call: () => void): void {
    this.ears[occasion].push(call);
  }

  tell(occasion: Occasion): void {
    for (const call of this.ears[occasion]) call();
  }

  // the server ------------------------------------------------------------------------------------------------------
  /** Asks the desk; with a body it changes something. An error is shown as one sentence, then thrown as `Refused`. */
  async api(path: string, body?: unknown, method: Method = body === undefined ? "GET" : "POST"): Promise<Answer> {
    try {
      return await this.quietly(path, body, method);
    } catch (error) {
      if (error instanceof Refused) this.notices.refusal(error.refusal);
      throw error;
    }
  }

  /** The same, where the caller shows the error itself. */
  quietly(path: string, body?: unknown, method: Method = body === undefined ? "GET" : "POST"): Promise<Answer> {
    const asked = this.asked(path, body, method);
    if (method !== "GET") this.own = Promise.all([this.own, asked.catch(() => undefined)]);
    return asked;
  }

  /** Waits until the desk has answered what this page has changed: till then nobody knows whose a new version is. */
  async settled(): Promise<void> {
    for (let seen: unknown = null; seen !== this.own; ) {
      seen = this.own;
      await seen;
    }
  }

  private async asked(path: string, body: unknown, method: Method): Promise<Answer> {
    const { answer, version } = await ask(path, method, body, this.language, () => this.lost());
    if (version !== null && version === this.version + 1) this.version = version; // our own change: the page has made it
    return answer;
  }

  /** Sends a file to the desk and gives its number there. */
  async upload(file: File, gone: (share: number) => void = () => undefined, beside?: string): Promise<Answer> {
    const path = "/api/uploads/" + encodeURIComponent(file.name) + (beside ? "?beside=" + beside : "");
    try {
      return await send(path, file, this.language, () => this.lost(), gone);
    } catch (error) {
      if (error instanceof Refused) this.notices.refusal(error.refusal);
      throw error;
    }
  }

  /** Runs a step with its progress shown (in `root`, else below the map) and gives what it said and made. */
  async job(name: string, options: Record<string, unknown> = {}, root?: HTMLElement): Promise<Done> {
    const { job } = await this.api("/api/steps/" + name, options);
    return new Task(this, job).run(root);
  }

  lost(): Refusal {
    return { code: "desk_lost", message: this.say("lost"), where: null, hint: this.say("lost_hint") };
  }

  // the page --------------------------------------------------------------------------------------------------------
  /** Adds a mode to the rail. */
  mode(mode: Mode): void {
    this.rail.add(mode);
  }

  /** Loads packs anew after a change, all of them without names. */
  async refresh(packs?: string[]): Promise<void> {
    await this.page.reload(packs);
  }

  /** Loads the whole page for another project: where the map stood in the former one says nothing here. */
  anew(): void {
    history.replaceState(null, "", location.pathname);
    location.reload();
  }

  /** Asks what is open, and loads the whole page anew where that is another project than the one it was drawn for. */
  async look(): Promise<State> {
    const former = this.state.name;
    this.state = (await this.api("/api/desk")) as State;
    this.version = this.version || this.state.version;
    if (former !== null && former !== this.state.name) this.anew();
    this.tell("state");
    return this.state;
  }
}
