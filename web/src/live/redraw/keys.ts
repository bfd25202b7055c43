// Everything by keys: tools, sizes, undo, the next unit to look at, and the middle of the map as the place of the hand.
import type { Live } from "../live";
import { TOOLS } from "./hand";
import type { Redraw } from "./redraw";

const ROWS = ["1-7", "enter", "t", "w", "[ ]", "ctrl_z", "ctrl_y", "n", "b", "m", "r", "l", "c", "v", "f", "escape", "alt", "double"];

export function rowsOfKeys(live: Live): [string, string][] {
  return ROWS.map((_, at) => [live.say("redraw_key_" + at), live.say("redraw_key_" + at + "_does")]);
}

export class Keys {
  private readonly heard = (event: KeyboardEvent): void => this.key(event);

  constructor(private readonly mode: Redraw) {
    document.addEventListener("keydown", this.heard);
  }

  close(): void {
    document.removeEventListener("keydown", this.heard);
  }

  private key(event: KeyboardEvent): void {
    const { mode } = this;
    const on = event.target as HTMLElement;
    if (/^(INPUT|TEXTAREA|SELECT)$/.test(on.tagName) || event.altKey || !mode.hand || document.querySelector("dialog[open]")) return;
    const key = event.key.toLowerCase();
    if (event.ctrlKey || event.metaKey) {
      if (key === "z") this.done(event, () => void mode.turn(event.shiftKey ? "redo" : "undo"));
      else if (key === "y") this.done(event, () => void mode.turn("redo"));
      return;
    }
    const button = on.tagName === "BUTTON" || on.tagName === "A" || on.tagName === "SUMMARY";
    if ((key === "enter" || key === " ") && !button) return this.done(event, () => (mode.hand!.tool === "line" && event.shiftKey ? mode.hand!.finishLine() : mode.hand!.middle()));
    const call = this.calls(key);
    if (call) this.done(event, call);
  }

  private calls(key: string): (() => void) | null {
    const { mode } = this;
    const hand = mode.hand!;
    const aimed = mode.target >= 0;
    const tool = TOOLS[Number(key) - 1];
    if (tool) return () => mode.use(tool);
    const under = (): number => hand.under();
    const keys: Record<string, (() => void) | false> = {
      "[": () => mode.resize(-1),
      "]": () => mode.resize(1),
      t: () => under() >= 0 && mode.take(under()),
      w: () => under() >= 0 && mode.whole(under()),
      n: () => mode.next("out"),
      b: () => mode.next("broken"),
      m: mode.verbs.group().length > 1 && (() => mode.verbs.merge()),
      r: mode.verbs.group().length > 1 && (() => mode.verbs.rebalance()),
      l: aimed && (() => mode.lock(mode.target)),
      c: aimed && (() => mode.choose(mode.target, !mode.chosen.has(mode.target))),
      v: aimed && (() => mode.show(mode.target)),
      f: () => mode.seek(),
      x: () => hand.tool === "line" && hand.finishLine(),
      escape: () => mode.escape(),
    };
    return keys[key] || null;
  }

  private done(event: KeyboardEvent, call: () => void): void {
    event.preventDefault();
    call();
  }
}
