// A base map of the network below our own, switched on by the reader: tiles are asked for only then.
import L from "leaflet";
import { Desk } from "../desk";
import { Online } from "../facts";
import { shifted } from "./gcj02";

export const LAYER = "online";

/** Tiles laid where they belong: those of another datum are moved, never our own data. */
class Tiles extends L.TileLayer {
  constructor(
    url: string,
    private readonly facts: Online,
  ) {
    super(url, { subdomains: facts.hosts || "a", maxZoom: 22, maxNativeZoom: facts.most, zIndex: 0, className: "online" });
  }

  private there(center: L.LatLng): L.LatLng {
    return this.facts.datum === "gcj02" ? L.latLng(shifted(center.lat, center.lng)) : center;
  }

  /** Which tiles are in view is asked of where the middle lies in the tiles' own datum. */
  _getTiledPixelBounds(center: L.LatLng): L.Bounds {
    return inherited._getTiledPixelBounds.call(this, this.there(center));
  }

  _setZoomTransform(level: unknown, center: L.LatLng, zoom: number): void {
    inherited._setZoomTransform.call(this, level, this.there(center), zoom);
  }
}

interface Inner {
  _getTiledPixelBounds(center: L.LatLng): L.Bounds;
  _setZoomTransform(level: unknown, center: L.LatLng, zoom: number): void;
}

const inherited = L.GridLayer.prototype as unknown as Inner;

export function onlineBase(desk: Desk, map: L.Map, facts: Online): void {
  const group = L.layerGroup(facts.tiles.map((url) => new Tiles(url, facts)));
  const credit = (): string => escaped(desk.title(facts.credit));
  let told = "";
  const follow = (): void => {
    const shown = desk.shown[LAYER] === true;
    if (shown === map.hasLayer(group)) return;
    if (shown) map.addLayer(group);
    else map.removeLayer(group);
    if (shown) map.attributionControl.addAttribution((told = credit()));
    else map.attributionControl.removeAttribution(told);
    desk.show("base", !shown); // two base maps one over the other cannot be read
  };
  desk.shown[LAYER] = false;
  desk.on("layers", follow);
  follow();
}

/** Leaflet takes a credit as HTML. */
function escaped(text: string): string {
  return text.replace(/[&<>"]/g, (one) => "&#" + one.charCodeAt(0) + ";");
}
