// What the desk says beside its answers: one sentence that something is wrong and what to do, or that it is done.
import { el, fill } from "../dom";
import type { Refusal } from "./api";
import type { Live } from "./live";

const STAYS_MS = 6000;

export class Notices {
  private readonly root = el("div", { id: "desk-notices" });
  private readonly spoken = el("div", { class: "desk-spoken", "aria-live": "polite" });

  constructor(private readonly live: Live) {
    document.body.append(this.root, this.spoken);
  }

  /** Says what is wrong, where, and what to do; it stays until it is closed or something better is said. */
  refusal(refusal: Refusal): void {
    const where = refusal.where ? el("span", { class: "where" }, own(refusal.where)) : null;
    const hint = refusal.hint ? el("p", { class: "hint" }, refusal.hint) : null;
    this.put("alert", el("p", {}, refusal.message), where, hint);
  }

  /** Says that something is done; it goes by itself. */
  done(text: string): void {
    const box = this.put("status", el("p", {}, text));
    window.setTimeout(() => box.remove(), STAYS_MS);
  }

  /** Says something with buttons of its own; gives the box, which its caller takes away. */
  ask(text: string, ...buttons: HTMLElement[]): HTMLElement {
    return this.put("status", el("p", {}, text), el("div", { class: "buttons" }, ...buttons));
  }

  /** Tells a screen reader alone. */
  speak(text: string): void {
    fill(this.spoken, text);
  }

  private put(role: "alert" | "status", ...content: (Node | null)[]): HTMLElement {
    const box = el("div", { role, class: "desk-notice " + role });
    const close = el("button", { type: "button", class: "close", "aria-label": this.live.say("close"), onclick: () => box.remove() }, "×");
    box.append(close);
    for (const one of content) if (one) box.append(one);
    if (role === "alert") for (const other of Array.from(this.root.querySelectorAll(".alert"))) other.remove();
    this.root.append(box);
    return box;
  }
}

/** A dropped file by its name: the folder in which the desk keeps it tells nobody anything. */
function own(where: string): string {
  return where.replace(/^.*[\\/]desks[\\/].*[\\/]/, "");
}
