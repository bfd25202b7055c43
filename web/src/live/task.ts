// One step at work on the server: how far it is, a button to call it off, and what it said when it is done.
import { el, fill } from "../dom";
import { Answer, Refused } from "./api";
import type { Done, Live } from "./live";

const FIRST_MS = 120;
const LATER_MS = 400;

export class Task {
  private readonly bar = el("progress", { max: 1 });
  private readonly stage = el("span", { class: "stage" });
  private readonly root: HTMLElement;

  constructor(
    private readonly live: Live,
    private readonly number: string,
  ) {
    const off = el("button", { type: "button", onclick: () => void this.cancel() }, live.say("cancel"));
    this.root = el("div", { class: "desk-task", role: "status" }, this.stage, this.bar, off);
  }

  /** Waits for the end; throws `Refused` when the step failed or was called off. */
  async run(root?: HTMLElement): Promise<Done> {
    (root || document.body).append(this.root);
    this.root.classList.toggle("floating", !root);
    let wait = FIRST_MS;
    try {
      for (;;) {
        const job = await this.live.api("/api/jobs/" + this.number);
        if (job.state === "done") return this.done(job);
        if (job.state === "failed" || job.state === "cancelled") throw this.failed(job);
        this.show(job);
        await new Promise((later) => window.setTimeout(later, wait));
        wait = LATER_MS;
      }
    } finally {
      this.root.remove();
    }
  }

  private show(job: Answer): void {
    fill(this.stage, job.state === "waiting" ? this.live.say("waiting") : job.stage || this.live.say("working"));
    if (job.state === "running" && job.progress > 0) this.bar.value = job.progress;
    else this.bar.removeAttribute("value");
  }

  private done(job: Answer): Done {
    const files = job.files.map((file: Answer) => ({ ...file, url: "/api/files/" + this.number + "/" + encodeURIComponent(file.name) }));
    return { said: job.said, result: job.result, files };
  }

  private failed(job: Answer): Refused {
    const off = { code: "cancelled", message: this.live.say("cancelled"), where: null, hint: null };
    const refused = new Refused(0, job.error || off);
    if (job.error) this.live.notices.refusal(job.error);
    else this.live.notices.done(off.message);
    return refused;
  }

  private async cancel(): Promise<void> {
    fill(this.stage, this.live.say("cancelling"));
    await this.live.api("/api/jobs/" + this.number, undefined, "DELETE");
  }
}
