// The page on the whole screen.
import { Desk } from "../desk";
import { Rail, Tool } from "./rail";

interface Older {
  webkitRequestFullscreen?: () => void;
  webkitExitFullscreen?: () => void;
  webkitFullscreenElement?: Element | null;
}

export class Full implements Tool {
  readonly name = "full";

  constructor(
    private readonly desk: Desk,
    private readonly rail: Rail,
  ) {
    for (const event of ["fullscreenchange", "webkitfullscreenchange"]) document.addEventListener(event, () => rail.name());
  }

  static offered(): boolean {
    const root = document.documentElement as HTMLElement & Older;
    return Boolean(root.requestFullscreen || root.webkitRequestFullscreen);
  }

  on(): boolean {
    return Boolean(document.fullscreenElement || (document as Document & Older).webkitFullscreenElement);
  }

  run(): void {
    const root = document.documentElement as HTMLElement & Older;
    const page = document as Document & Older;
    const call = this.on() ? page.exitFullscreen || page.webkitExitFullscreen : root.requestFullscreen || root.webkitRequestFullscreen;
    const done: unknown = call!.call(this.on() ? page : root);
    if (done instanceof Promise) done.catch(() => this.rail.say(this.desk.say("full_refused")));
  }
}
