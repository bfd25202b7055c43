// What a step said and made: sentences, what to look at, files to keep.
import { el } from "../dom";
import type { Done, Live } from "./live";

const FOLDED = 4; // sentences beyond this stand behind "more"

export function result(live: Live, done: Done): HTMLElement {
  const warnings: string[] = done.result.warnings || [];
  const root = el("div", { class: "desk-result", role: "status" });
  if (warnings.length) root.append(el("ul", { class: "warnings", "aria-label": live.say("look_at") }, ...warnings.map((text) => el("li", {}, text))));
  const said = done.said.filter((line) => line.trim());
  if (said.length) root.append(sentences(said.slice(0, FOLDED)));
  if (said.length > FOLDED) root.append(el("details", {}, el("summary", {}, live.say("more_said", { count: said.length - FOLDED })), sentences(said.slice(FOLDED))));
  if (!said.length && !warnings.length && !done.files.length) root.append(el("p", {}, live.say("done")));
  if (done.files.length) root.append(files(live, done));
  return root;
}

function sentences(lines: string[]): HTMLElement {
  return el("div", { class: "said" }, ...lines.map((line) => el("p", {}, line)));
}

/** Files to keep: the first is what was asked for, the others belong to it. */
function files(live: Live, done: Done): HTMLElement {
  const links = done.files.map((file, at) =>
    el("a", { class: "file" + (at ? "" : " first"), href: file.url, download: file.name }, file.name, el("small", {}, size(live, file.size))),
  );
  const [first, ...rest] = links;
  const folded = rest.length ? el("details", {}, el("summary", {}, live.say("more_files", { count: rest.length })), ...rest) : null;
  return el("div", { class: "files" }, first, folded);
}

function size(live: Live, bytes: number): string {
  return bytes < 1e6 ? live.number(Math.max(1, bytes / 1000)) + " kB" : live.number(bytes / 1e6, 1) + " MB";
}
