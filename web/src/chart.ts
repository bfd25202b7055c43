// What stands at the edge of the map: scale, sources, map number, and the buttons that move it.
import L from "leaflet";
import { Desk } from "./desk";
import { el } from "./dom";

const SOURCE = "© OpenStreetMap contributors, ODbL";

export function controls(desk: Desk, map: L.Map, fit: () => void): void {
  const feet = desk.facts.length === "ft";
  L.control.scale({ imperial: feet, metric: !feet, maxWidth: 140 }).addTo(map);
  const sources = L.control.attribution({ prefix: false }).addAttribution(SOURCE).addTo(map).getContainer()!;
  const number = el("span", { class: "govmap-number" });
  if (desk.facts.mapNumber) sources.append(number);
  const zoom = L.control.zoom({ position: "topleft" }).addTo(map).getContainer()!;
  zoom.append(home(fit));
  const name = (): void => {
    number.textContent = " · " + desk.say("number", { number: desk.facts.mapNumber || "" });
    nameButtons(desk, zoom);
    map.getContainer().setAttribute("aria-label", desk.say("map"));
  };
  map.getContainer().setAttribute("role", "application");
  desk.on("language", name);
  name();
}

function home(fit: () => void): HTMLElement {
  const button = el("a", { class: "govmap-home", href: "#", role: "button" }, "⌂");
  L.DomEvent.disableClickPropagation(button);
  button.addEventListener("click", (event) => {
    event.preventDefault();
    fit();
  });
  return button;
}

function nameButtons(desk: Desk, zoom: HTMLElement): void {
  const words: [string, string][] = [
    [".leaflet-control-zoom-in", "zoom_in"],
    [".leaflet-control-zoom-out", "zoom_out"],
    [".govmap-home", "whole"],
  ];
  for (const [where, key] of words) {
    const button = zoom.querySelector(where)!;
    button.setAttribute("title", desk.say(key));
    button.setAttribute("aria-label", desk.say(key));
  }
}
