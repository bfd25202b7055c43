// Where packs come from: a file holds them as text, the desk sends them when asked.
import { Facts } from "./facts";

const PACK = "govmap-pack-";
export const SAME = "same"; // what was taken before still holds

export interface Source {
  /** Gives a pack as the page or the desk holds it; null where there is none. */
  pack(name: string): Promise<string | Uint8Array | null | typeof SAME>;
  /** Gives the facts as they stand now; null where they cannot have changed. */
  facts(): Promise<Facts | null>;
  /** Tells of the script that stands behind a pack in a file. */
  come(script: Element | null): void;
  /** The version of the project that the last answer was of. */
  version: number;
}

/** A file: each pack is taken out of the page once, as soon as the browser has read so far. */
class InPage implements Source {
  version = 0;
  private readonly stands = new Set<string>();
  private readonly awaited = new Map<string, () => void>();

  constructor() {
    document.addEventListener("DOMContentLoaded", () => this.awaited.forEach((call) => call()));
  }

  /** A small script behind each pack calls this: the pack stands in the page, whole. */
  come(script: Element | null): void {
    const holder = script && script.previousElementSibling;
    if (!holder) return;
    const name = holder.id.slice(PACK.length);
    const call = this.awaited.get(name);
    this.stands.add(name);
    if (call) call();
  }

  pack(name: string): Promise<string | null> {
    if (this.stands.has(name) || document.readyState !== "loading") return Promise.resolve(this.taken(name));
    return new Promise((done) => {
      this.awaited.set(name, () => {
        this.awaited.delete(name);
        done(this.taken(name));
      });
    });
  }

  private taken(name: string): string | null {
    const holder = document.getElementById(PACK + name);
    const text = holder && holder.textContent;
    if (holder) holder.remove();
    return text;
  }

  facts(): Promise<null> {
    return Promise.resolve(null);
  }
}

/** The desk: each pack is asked for, and sent only where it changed. */
class AtDesk implements Source {
  private readonly marks: Record<string, string> = {};

  constructor(public version: number) {}

  come(): void {
    // nothing stands in this page
  }

  async pack(name: string): Promise<Uint8Array | null | typeof SAME> {
    const answer = await this.ask(name);
    if (answer.status === 304) return SAME;
    if (answer.status === 204) return null;
    return new Uint8Array(await answer.arrayBuffer());
  }

  async facts(): Promise<Facts | null> {
    const answer = await this.ask("facts");
    return answer.status === 200 ? ((await answer.json()) as Facts) : null;
  }

  private async ask(name: string): Promise<Response> {
    const headers: Record<string, string> = this.marks[name] ? { "If-None-Match": this.marks[name] } : {};
    const answer = await fetch("/pack/" + name + "?v=" + this.version, { headers, cache: "no-store", credentials: "same-origin" });
    if (!answer.ok && answer.status !== 304) throw new Error("pack " + name + ": " + answer.status);
    this.version = Number(answer.headers.get("X-Govmap-Version")) || this.version;
    if (answer.status === 204) delete this.marks[name];
    const mark = answer.headers.get("ETag");
    if (mark) this.marks[name] = mark;
    return answer;
  }
}

export function sourceOf(facts: Facts): Source {
  return facts.live ? new AtDesk(facts.version || 0) : new InPage();
}
