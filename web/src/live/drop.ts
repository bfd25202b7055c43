// A place to drop files on, or to choose them with the keyboard; files of one Shapefile go together.
import { el } from "../dom";
import type { Answer } from "./api";
import type { Live } from "./live";

export interface Dropped {
  upload: string;
  name: string;
  kind: "extract" | "layer" | "list" | "unknown";
  size: number;
}

export function dropzone(live: Live, key: string, came: (files: Dropped[]) => void, accept = ""): HTMLElement {
  const input = el("input", { type: "file", multiple: true, accept: accept || null, class: "desk-file", "aria-label": live.say(key) });
  const told = el("span", { class: "progress", role: "status" });
  const zone = el("label", { class: "desk-drop" }, el("b", {}, live.say(key)), el("span", {}, live.say(key + "_about")), input, told);
  const take = (files: FileList | null): void => {
    if (!files || !files.length) return;
    const chosen = Array.from(files);
    told.textContent = live.say("drop_sending", { count: chosen.length });
    void sendAll(live, chosen, (share) => (told.textContent = live.say("drop_sent", { share: Math.round(share * 100) }))).then((done) => {
      told.textContent = "";
      input.value = "";
      if (done.length) came(done);
    });
  };
  input.addEventListener("change", () => take(input.files));
  for (const name of ["dragenter", "dragover"]) zone.addEventListener(name, (event) => over(event, zone, true));
  zone.addEventListener("dragleave", (event) => over(event, zone, false));
  zone.addEventListener("drop", (event) => {
    over(event, zone, false);
    take((event as DragEvent).dataTransfer ? (event as DragEvent).dataTransfer!.files : null);
  });
  return zone;
}

function over(event: Event, zone: HTMLElement, on: boolean): void {
  event.preventDefault();
  zone.classList.toggle("over", on);
}

async function sendAll(live: Live, files: File[], gone: (share: number) => void): Promise<Dropped[]> {
  const done: Dropped[] = [];
  const shapes: Record<string, Dropped> = {};
  const whole = files.reduce((sum, file) => sum + file.size, 0) || 1;
  let before = 0;
  for (const file of files.sort((one, other) => Number(isShape(other)) - Number(isShape(one)))) {
    const stem = file.name.replace(/\.[^.]*$/, "").toLowerCase();
    const beside = isBeside(file) && shapes[stem] ? shapes[stem].upload : undefined;
    try {
      const answer = (await live.upload(file, (share) => gone((before + share * file.size) / whole), beside)) as Answer as Dropped;
      if (isShape(file)) shapes[stem] = answer;
      if (!beside) done.push(answer);
    } catch (error) {
      continue; // the sentence has been shown; the other files go on
    }
    before += file.size;
  }
  return done;
}

const isShape = (file: File): boolean => /\.shp$/i.test(file.name);
const isBeside = (file: File): boolean => /\.(dbf|shx|prj|cpg|sbn|sbx|qix)$/i.test(file.name);
