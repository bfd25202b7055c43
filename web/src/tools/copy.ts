// Copies the address of the page with the view in it.
import { Desk } from "../desk";
import { Rail, Tool } from "./rail";

export class CopyLink implements Tool {
  readonly name = "link";

  constructor(
    private readonly desk: Desk,
    private readonly rail: Rail,
  ) {}

  run(): void {
    const text = location.href;
    const told = (done: boolean): void => this.rail.say(this.desk.say(done ? "link_done" : "link_failed"));
    const { clipboard } = navigator;
    if (!clipboard || !clipboard.writeText) return told(byHand(text));
    clipboard.writeText(text).then(
      () => told(true),
      () => told(byHand(text)),
    );
  }
}

/** The old way, which files and older browsers need. */
function byHand(text: string): boolean {
  const held = document.activeElement as HTMLElement | null;
  const box = document.createElement("textarea");
  box.value = text;
  box.className = "unseen";
  document.body.append(box);
  box.select();
  let done = false;
  try {
    done = document.execCommand("copy");
  } catch (_) {
    done = false;
  }
  box.remove();
  if (held) held.focus({ preventScroll: true });
  return done;
}
