// The foot of the rail: help and the other language.
import { el, fill } from "../dom";
import { Help } from "./help";
import type { Live } from "./live";
import { sign } from "./rail";

export function foot(live: Live): void {
  const help = new Help(live);
  const ask = el("button", { type: "button", "data-foot": "help", onclick: () => help.toggle() });
  const tongue = el("button", { type: "button", "data-foot": "language", onclick: () => live.speak(live.language === "zh" ? "en" : "zh") });
  const draw = (): void => {
    fill(ask, sign("help"), el("span", {}, live.say("help")));
    fill(tongue, el("span", { class: "tongue", "aria-hidden": "true" }, live.language === "zh" ? "EN" : "中"), el("span", {}, live.language === "zh" ? "English" : "中文"));
    tongue.setAttribute("lang", live.language === "zh" ? "en" : "zh-CN");
  };
  live.on("language", draw);
  draw();
  live.rail.foot(ask);
  live.rail.foot(tongue);
}
