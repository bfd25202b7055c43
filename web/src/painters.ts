// What is drawn on the ground, from the bottom up.
import { Desk } from "./desk";
import { AreaStyle, WayStyle } from "./facts";
import { Findings } from "./findings";
import { Painter } from "./ground";
import { boxOf, Shapes, View } from "./shapes";
import { pixelOf, Specks } from "./specks";
import { Table } from "./unpack";

const LAND = "#f3f1ec";
const BORDER = "#3b4a57";
const CONTEXT = "#d9d5cc";
const CONTEXT_EDGE = "#c4beb2";
const THEMED = "rgba(40,50,60,0.26)"; // buildings over a unit that is coloured by a finding

/** Darkens or lightens `#rrggbb`: share 0 gives black, 1 the colour, 2 white. */
export function shade(colour: string, share: number): string {
  const parts = [1, 3, 5].map((at) => parseInt(colour.slice(at, at + 2), 16));
  const mixed = parts.map((one) => Math.round(share <= 1 ? one * share : one + (255 - one) * (share - 1)));
  return "rgb(" + mixed.join(",") + ")";
}

export function land(): Painter {
  return {
    order: 0,
    layer: null,
    paint(pen, view) {
      pen.fillStyle = LAND;
      pen.fillRect(0, 0, view.width, view.height);
    },
  };
}

/** Areas of the base map; rows come sorted by order, so that each order is one run. */
export function areas(desk: Desk, table: Table, water: boolean): Painter {
  const styles = table.texts.class.words.map((name) => desk.facts.areas[name]);
  const kind = table.texts.class.index;
  const isWater = styles.map((style) => style !== undefined && style.order >= 90);
  return {
    order: water ? 30 : 10,
    layer: "base",
    paint(pen, view) {
      const rows = rowsOf(table.shapes!, view, (row) => isWater[kind[row] - 1] === water && !tiny(table.shapes!, row, view, 2));
      rows.sort((a, b) => styles[kind[a] - 1].order - styles[kind[b] - 1].order || a - b);
      byStyle(rows, (row) => styles[kind[row] - 1], (style: AreaStyle, group) => {
        pen.fillStyle = style.fill;
        pen.beginPath();
        for (const row of group) table.shapes!.trace(pen, row, view, true);
        pen.fill();
      });
    },
  };
}

export function ways(desk: Desk, table: Table): Painter {
  const styles = table.texts.class.words.map((name) => desk.facts.ways[name]);
  const kind = table.texts.class.index;
  return {
    order: 40,
    layer: "base",
    paint(pen, view) {
      const seen = (row: number): boolean => styles[kind[row] - 1].from <= view.zoom && !tiny(table.shapes!, row, view, 1.5);
      const rows = rowsOf(table.shapes!, view, seen, 12);
      rows.sort((a, b) => styles[kind[a] - 1].order - styles[kind[b] - 1].order || a - b);
      const groups: [WayStyle, number[]][] = [];
      byStyle(rows, (row) => styles[kind[row] - 1], (style: WayStyle, group) => groups.push([style, group]));
      pen.lineCap = "round";
      for (const [style, group] of groups) if (style.casing) line(pen, table, group, view, style.casing, width(style, view) + 1.4, null);
      for (const [style, group] of groups) line(pen, table, group, view, style.fill, width(style, view), style.dash);
      pen.lineCap = "butt";
    },
  };
}

function line(
  pen: CanvasRenderingContext2D,
  table: Table,
  rows: number[],
  view: View,
  colour: string,
  wide: number,
  dash: number[] | null,
): void {
  pen.strokeStyle = colour;
  pen.lineWidth = wide;
  pen.setLineDash(dash || []);
  pen.beginPath();
  for (const row of rows) table.shapes!.trace(pen, row, view, false);
  pen.stroke();
  pen.setLineDash([]);
}

/** Widths are given for zoom 17 and follow the zoom at half its speed. */
function width(style: WayStyle, view: View): number {
  return Math.max(0.5, style.width * Math.pow(1.45, view.zoom - 17));
}

export function unitGround(desk: Desk, units: Table): Painter {
  return {
    order: 20,
    layer: "units",
    paint(pen, view) {
      if (desk.themed) return;
      pen.globalAlpha = 0.42;
      byColour(desk, units, view, (colour, rows) => {
        pen.fillStyle = colour;
        pen.beginPath();
        for (const row of rows) units.shapes!.trace(pen, row, view, true);
        pen.fill();
      });
      pen.globalAlpha = 1;
    },
  };
}

function byColour(desk: Desk, units: Table, view: View, call: (colour: string, rows: number[]) => void): void {
  const groups = new Map<number, number[]>();
  units.shapes!.within(boxOf(view), (row) => push(groups, units.numbers.colour[row], row));
  groups.forEach((rows, colour) => call(desk.facts.palette[colour], rows));
}

/** The outlines of the units that hold others, over the lines of those. */
export function upperBorders(upper: Table): Painter {
  return {
    order: 61,
    layer: "units",
    paint(pen, view) {
      const rows = rowsOf(upper.shapes!, view, (row) => !tiny(upper.shapes!, row, view, 18), 4);
      pen.beginPath();
      for (const row of rows) upper.shapes!.trace(pen, row, view, true);
      pen.strokeStyle = BORDER;
      pen.lineWidth = view.zoom >= 17 ? 4.5 : view.zoom >= 15 ? 3.5 : view.zoom >= 13 ? 2.5 : 1.5;
      pen.stroke();
    },
  };
}

export function unitBorders(units: Table): Painter {
  return {
    order: 60,
    layer: "units",
    paint(pen, view) {
      // From far away colours alone tell small units apart; thousands of hairlines would only make the map grey.
      const rows = rowsOf(units.shapes!, view, (row) => view.zoom >= 14 || !tiny(units.shapes!, row, view, 18), 4);
      pen.beginPath();
      for (const row of rows) units.shapes!.trace(pen, row, view, true);
      if (view.zoom >= 14) {
        pen.strokeStyle = "rgba(255,255,255,0.85)";
        pen.lineWidth = view.zoom >= 16 ? 4 : 3;
        pen.stroke();
      }
      pen.strokeStyle = BORDER;
      pen.lineWidth = view.zoom >= 17 ? 1.8 : view.zoom >= 15 ? 1.3 : view.zoom >= 13 ? 0.8 : 0.5;
      pen.stroke();
    },
  };
}

export function buildings(desk: Desk, table: Table, units: Table): Painter {
  const fills = desk.facts.palette.map((colour) => shade(colour, 0.8));
  const edges = desk.facts.palette.map((colour) => shade(colour, 0.52));
  const shapes = table.shapes!;
  return {
    order: 50,
    layer: "buildings",
    paint(pen, view) {
      const groups = new Map<number, number[]>();
      shapes.within(boxOf(view), (row) => {
        const unit = table.numbers.unit[row];
        push(groups, isNaN(unit) ? -1 : units.numbers.colour[unit], row);
      });
      const plain = !desk.isShown("units") || desk.themed;
      const specks = new Specks(view, pen.getTransform ? pen.getTransform().a : 1);
      groups.forEach((rows, colour) => {
        const fill = colour < 0 ? CONTEXT : desk.themed ? THEMED : plain ? "#b9b2a6" : fills[colour];
        const pixel = pixelOf(fill);
        pen.fillStyle = fill;
        pen.beginPath();
        for (const row of rows) {
          if (tiny(shapes, row, view, 3.2)) specks.add(shapes, row, pixel);
          else shapes.trace(pen, row, view, true);
        }
        pen.fill();
        if (view.zoom < 16) return;
        pen.strokeStyle = colour < 0 ? CONTEXT_EDGE : desk.themed ? THEMED : plain ? "#8d8578" : edges[colour];
        pen.lineWidth = view.zoom >= 18 ? 1 : 0.6;
        pen.stroke();
      });
      specks.draw(pen);
    },
  };
}

/** What lies outside the communities is paled, and their border drawn. */
export function outside(communities: Table): Painter[] {
  const shapes = communities.shapes!;
  const all = (pen: CanvasRenderingContext2D, view: View): void => {
    pen.beginPath();
    for (let row = 0; row < communities.rows; row++) shapes.trace(pen, row, view, true);
  };
  return [
    {
      order: 55,
      layer: null,
      paint(pen, view) {
        all(pen, view);
        pen.rect(-1, -1, view.width + 2, view.height + 2);
        pen.fillStyle = "rgba(247,246,243,0.62)";
        pen.fill("evenodd");
      },
    },
    {
      order: 70,
      layer: null,
      paint(pen, view) {
        all(pen, view);
        pen.strokeStyle = "rgba(255,255,255,0.9)";
        const near = view.zoom >= 15;
        pen.lineWidth = near ? 5 : 3;
        pen.stroke();
        pen.strokeStyle = "#26323c";
        pen.lineWidth = near ? 2.2 : 1.3;
        pen.setLineDash(near ? [10, 4, 2, 4] : [6, 3, 1.5, 3]);
        pen.stroke();
        pen.setLineDash([]);
      },
    },
  ];
}

export function compounds(table: Table): Painter {
  return {
    order: 58,
    layer: "compounds",
    paint(pen, view) {
      if (view.zoom < 15) return;
      const rows = rowsOf(table.shapes!, view, () => true, 4);
      pen.beginPath();
      for (const row of rows) table.shapes!.trace(pen, row, view, true);
      pen.strokeStyle = "rgba(98,72,128,0.75)";
      pen.lineWidth = 1.2;
      pen.setLineDash([2, 3]);
      pen.stroke();
      pen.setLineDash([]);
    },
  };
}

/** How many reports came from which ground: discs on hexagons of 100 m, their area by the number. */
export function incidentPlaces(findings: Findings, table: Table): Painter {
  return {
    order: 80,
    layer: "incidents",
    paint(pen, view) {
      if (!findings.showsReports) return;
      const radius = circleOf(table, view);
      for (const row of rowsOf(table.shapes!, view, () => true, 30)) {
        const [x, y] = table.shapes!.middle(row)!;
        pen.beginPath();
        pen.arc((x - view.x) * view.scale, (y - view.y) * view.scale, radius(row), 0, 7);
        pen.fillStyle = "rgba(140,45,4,0.55)";
        pen.fill();
        pen.strokeStyle = "#fff";
        pen.lineWidth = 1;
        pen.stroke();
      }
    },
  };
}

/** Gives the radius of the circle of a place, whose area stands for its reports: half a hexagon at most, in pixels. */
export function circleOf(table: Table, view: View): (row: number) => number {
  const count = table.numbers.count;
  const most = count.reduce((least, one) => Math.max(least, one), 1);
  const widest = Math.min(17, Math.max(4, 300 * view.scale));
  return (row) => Math.max(2.5, widest * Math.sqrt(count[row] / most));
}

function rowsOf(shapes: Shapes, view: View, keep: (row: number) => boolean, margin = 0): number[] {
  const rows: number[] = [];
  shapes.within(boxOf(view, margin), (row) => {
    if (keep(row)) rows.push(row);
  });
  return rows;
}

function tiny(shapes: Shapes, row: number, view: View, pixels: number): boolean {
  const b = row * 4;
  return (
    (shapes.boxes[b + 2] - shapes.boxes[b]) * view.scale < pixels && (shapes.boxes[b + 3] - shapes.boxes[b + 1]) * view.scale < pixels
  );
}

/** Calls once for each run of rows of one style. */
function byStyle<S>(rows: number[], styleOf: (row: number) => S, call: (style: S, rows: number[]) => void): void {
  for (let at = 0; at < rows.length; ) {
    const style = styleOf(rows[at]);
    const group: number[] = [];
    while (at < rows.length && styleOf(rows[at]) === style) group.push(rows[at++]);
    call(style, group);
  }
}

function push<K>(groups: Map<K, number[]>, key: K, row: number): void {
  const group = groups.get(key);
  if (group) group.push(row);
  else groups.set(key, [row]);
}
