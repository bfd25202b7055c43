// A picture of what is seen, for Word: the map drawn anew at 300 dots an inch with its title, legend, scale and sources.
import L from "leaflet";
import { Desk } from "../desk";
import { Findings } from "../findings";
import { Ground } from "../ground";
import { UNIT_ZOOM, View } from "../shapes";
import { Signs } from "../signs";
import { FONT } from "../signs/lettering";
import { Foot, Head } from "./margins";
import { withDensity } from "./png";
import { Rail, Tool } from "./rail";
import { fileName, save } from "./save";

export const DPI = 300;
const SCREEN_DPI = 96;
const MOST_PIXELS = 60e6; // what browsers give a canvas without fail
const LAND = "#f3f1ec";

/** What the picture is drawn of. */
export interface Scene {
  desk: Desk;
  map: L.Map;
  ground: Ground;
  signs: Signs;
  findings: Findings;
  over: (pen: CanvasRenderingContext2D) => void; // what tools have drawn on the map
}

export class Picture implements Tool {
  readonly name = "picture";

  constructor(
    private readonly scene: Scene,
    private readonly rail: Rail,
  ) {}

  run(): void {
    const { desk } = this.scene;
    this.rail.say(desk.say("picture_waits"), true);
    requestAnimationFrame(() => setTimeout(() => this.make().catch(() => this.rail.say(desk.say("picture_failed"))), 0));
  }

  private async make(): Promise<void> {
    const { desk, findings } = this.scene;
    const canvas = drawn(this.scene);
    const bytes = await encoded(canvas);
    const name = fileName([desk.facts.title, desk.say("look_" + findings.view), desk.facts.made], ".png");
    save([withDensity(bytes, DPI) as BlobPart], "image/png", name);
    this.rail.say(desk.say("picture_done", { name, wide: canvas.width, high: canvas.height }));
  }
}

function encoded(canvas: HTMLCanvasElement): Promise<Uint8Array> {
  return new Promise((done, failed) =>
    canvas.toBlob((blob) => {
      if (!blob) return failed(new Error("no picture"));
      new Response(blob).arrayBuffer().then((bytes) => done(new Uint8Array(bytes)), failed);
    }, "image/png"),
  );
}

/** The whole picture: head, map, foot. */
export function drawn(scene: Scene): HTMLCanvasElement {
  const { desk, map, findings } = scene;
  const size = map.getSize();
  const pen = document.createElement("canvas").getContext("2d")!;
  const head = new Head(desk, findings, size.x, pen);
  const foot = new Foot(desk, findings, map, size.x, pen);
  const high = head.high + size.y + foot.high;
  const ratio = Math.min(DPI / SCREEN_DPI, Math.sqrt(MOST_PIXELS / (size.x * high)));
  const { canvas } = pen;
  [canvas.width, canvas.height] = [Math.round(size.x * ratio), Math.round(high * ratio)];
  pen.setTransform(ratio, 0, 0, ratio, 0, 0);
  pen.fillStyle = "#fff";
  pen.fillRect(0, 0, size.x, high);
  head.draw(pen, 0);
  pen.save();
  pen.translate(0, head.high);
  drawMap(pen, scene, size);
  pen.restore();
  foot.draw(pen, head.high + size.y);
  return canvas;
}

function drawMap(pen: CanvasRenderingContext2D, { desk, map, ground, signs, over }: Scene, size: L.Point): void {
  const zoom = map.getZoom();
  const scale = Math.pow(2, zoom - UNIT_ZOOM);
  const corner = map.getPixelBounds().min!;
  const at = { x: corner.x / scale - desk.origin.x, y: corner.y / scale - desk.origin.y, zoom };
  const large = desk.scale;
  const view: View = { ...at, scale: scale / large, width: size.x / large, height: size.y / large };
  pen.beginPath();
  pen.rect(0, 0, size.x, size.y);
  pen.clip();
  pen.fillStyle = LAND;
  pen.fillRect(0, 0, size.x, size.y);
  pen.scale(large, large);
  ground.picture(pen, { ...view, zoom: zoom - Math.log2(large) });
  pen.font = "12px " + FONT;
  signs.picture(pen, view);
  pen.scale(1 / large, 1 / large);
  over(pen);
}
