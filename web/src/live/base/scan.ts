// A boundary traced by hand, over a scanned map where there is one: the image is set by three points that are clicked in
// it and on the map. The image stays in this page; only the outline that is drawn is kept.
import { el, fill } from "../../dom";
import type { Answer } from "../api";
import type { Base, Tool } from "./base";

type Point = [number, number];

/** Numbers a to f with x = a u + c v + e and y = b u + d v + f, through three pairs of points; null where they lie in a line. */
export function affine(from: Point[], to: Point[]): [number, number, number, number, number, number] | null {
  const [[u0, v0], [u1, v1], [u2, v2]] = from;
  const det = (u1 - u0) * (v2 - v0) - (u2 - u0) * (v1 - v0);
  const size = Math.max(Math.abs(u1 - u0), Math.abs(v1 - v0), Math.abs(u2 - u0), Math.abs(v2 - v0));
  if (Math.abs(det) < 1e-3 * size * size || size === 0) return null;
  const solve = (at: 0 | 1): Point => {
    const one = to[1][at] - to[0][at];
    const two = to[2][at] - to[0][at];
    return [(one * (v2 - v0) - two * (v1 - v0)) / det, (two * (u1 - u0) - one * (u2 - u0)) / det];
  };
  const [a, c] = solve(0);
  const [b, d] = solve(1);
  return [a, b, c, d, to[0][0] - a * u0 - c * v0, to[0][1] - b * u0 - d * v0];
}

export class Scan implements Tool {
  readonly root = el("div", { class: "scan" });
  private readonly image = el("img", { alt: "", class: "scanned" });
  private readonly over = el("img", { alt: "", class: "desk-scan" });
  private readonly told = el("p", { class: "hint", "aria-live": "polite" });
  private readonly place = el("div", { class: "scan-place" }, this.image);
  private from: Point[] = [];
  private to: Point[] = []; // page units
  private readonly move = (): void => this.lay();

  constructor(private readonly base: Base) {
    const { live } = base;
    const file = el("input", { type: "file", accept: "image/*" });
    file.addEventListener("change", () => this.read(file.files && file.files[0]));
    const clear = el("input", { type: "range", name: "clear", min: 10, max: 100, value: 60 });
    clear.addEventListener("input", () => (this.over.style.opacity = String(Number(clear.value) / 100)));
    this.over.style.opacity = "0.6";
    const larger = el("input", { type: "range", name: "larger", min: 100, max: 500, step: 50, value: 100 });
    larger.addEventListener("input", () => (this.image.style.width = larger.value + "%"));
    this.image.addEventListener("click", (event) => this.clicked(event));
    const name = el("input", { type: "text", name: "name", maxlength: 60 });
    const which = el("select", { name: "community" }, el("option", { value: "" }, live.say("base_new_community")), ...(base.state.communities as Answer[]).map((one) => el("option", { value: one.community_id }, one.name || one.community_id)));
    which.addEventListener("change", () => which.value && (name.value = which.options[which.selectedIndex].text));
    const draw = el("button", { type: "button", class: "first", "data-do": "trace", onclick: () => this.trace(name, which) }, live.say("base_do_trace"));
    const field = (key: string, input: HTMLElement): HTMLElement => el("label", { class: "field" }, el("span", {}, live.say("base_field_" + key)), input);
    fill(this.root, el("p", { class: "hint" }, live.say("base_how_boundary")), field("community", which), field("name", name), draw, el("h3", {}, live.say("base_scan")), el("p", { class: "hint" }, live.say("base_scan_stays")), field("image", file), this.told, this.place, field("larger", larger), field("clear", clear));
    this.place.hidden = true;
  }

  begin(): void {
    this.base.live.page.map.on("move zoom viewreset zoomend", this.move);
  }

  end(): void {
    const { map } = this.base.live.page;
    map.off("move zoom viewreset zoomend", this.move);
    this.over.remove();
    if (this.over.src.indexOf("blob:") === 0) URL.revokeObjectURL(this.over.src);
  }

  private read(file: File | null): void {
    if (!file) return;
    const url = URL.createObjectURL(file);
    this.image.src = this.over.src = url;
    this.place.hidden = false;
    this.from = [];
    this.to = [];
    this.over.remove();
    this.ask();
    this.image.onload = () => this.told.scrollIntoView({ block: "start" }); // on small screens the image lies below the fold
  }

  private ask(): void {
    const { live } = this.base;
    const at = this.to.length + 1;
    const key = this.to.length === 3 ? "base_scan_set" : this.from.length > this.to.length ? "base_scan_map" : "base_scan_image";
    this.told.textContent = live.say(key, { number: Math.min(3, at) });
  }

  private clicked(event: MouseEvent): void {
    if (this.from.length > this.to.length || this.to.length === 3) return;
    const box = this.image.getBoundingClientRect();
    this.from.push([((event.clientX - box.left) / box.width) * this.image.naturalWidth, ((event.clientY - box.top) / box.height) * this.image.naturalHeight]);
    this.ask();
    this.base.draw("point", ([[lon, lat]]) => this.met(lon, lat));
  }

  private met(lon: number, lat: number): void {
    this.to.push(this.base.live.page.desk.origin.at(lon, lat));
    if (this.to.length === 3 && !affine(this.from, this.to)) {
      this.from = [];
      this.to = [];
      this.base.live.notices.done(this.base.live.say("base_scan_line"));
    }
    this.ask();
    this.lay();
  }

  /** Lays the image where its three points are, as the map stands now. */
  private lay(): void {
    if (this.to.length < 3) return;
    const { map, desk } = this.base.live.page;
    const seen = this.to.map(([x, y]) => {
      const [lon, lat] = desk.origin.degrees(x, y);
      const { x: px, y: py } = map.latLngToLayerPoint([lat, lon]);
      return [px, py] as Point;
    });
    const set = affine(this.from, seen);
    if (!set) return;
    this.over.style.transform = "matrix(" + set.map((one) => one.toFixed(6)).join(",") + ")";
    if (!this.over.parentNode) map.getPanes().overlayPane.append(this.over);
  }

  private trace(name: HTMLInputElement, which: HTMLSelectElement): void {
    this.base.draw("area", (ring) => void this.base.send("boundary", { ring, name: name.value, community: which.value || null }));
  }
}
