// Learns of changes that this page has not made: by a step, in another window, or by another program on the same file.
import { el } from "../dom";
import { ask } from "./api";
import type { Live } from "./live";

const AGAIN_MS = 3000;

export class Changes {
  private box: HTMLElement | null = null;
  private lost = false;

  constructor(private readonly live: Live) {}

  /** Draws the map anew, at once or when it is seen again: the page may have to be loaded anew for it. */
  private async drawn(): Promise<void> {
    const { live } = this;
    if (live.rail.covered) live.rail.fresh = () => live.refresh();
    else await live.refresh();
  }

  async watch(): Promise<void> {
    const { live } = this;
    for (;;) {
      try {
        const path = "/api/changes?after=" + live.version + "&foreign=" + live.foreign.length;
        const { answer } = await ask(path, "GET", undefined, live.language, () => live.lost());
        if (this.lost) return location.reload();
        if (answer.ending) throw new Error("the desk ends");
        await this.take(answer.version, answer.foreign);
      } catch (error) {
        if (!this.lost) live.notices.refusal(live.lost());
        this.lost = true;
        await new Promise((later) => window.setTimeout(later, AGAIN_MS));
      }
    }
  }

  private async take(version: number, foreign: string[]): Promise<void> {
    const { live } = this;
    if (version > live.version) await live.settled();
    if (version > live.version) {
      live.version = version;
      await this.drawn();
      await live.look();
      live.tell("version");
    }
    if (foreign.length !== live.foreign.length) {
      live.foreign = foreign;
      this.strange();
      live.tell("foreign");
    }
  }

  /** Another program has written to the project: what it wrote is taken in, or looked at first. */
  private strange(): void {
    const { live } = this;
    if (this.box) this.box.remove();
    if (!live.foreign.length) return;
    const tables = live.foreign.join(live.language === "zh" ? "、" : ", ");
    const take = el("button", { type: "button", class: "first", onclick: () => void this.takeIn() }, live.say("foreign_take"));
    const again = el("button", { type: "button", onclick: () => void live.refresh() }, live.say("foreign_look"));
    this.box = live.notices.ask(live.say("foreign", { tables }), take, again);
  }

  private async takeIn(): Promise<void> {
    if (this.box) this.box.remove();
    const { said } = await this.live.job("take_in");
    for (const line of said) this.live.notices.done(line);
  }
}
