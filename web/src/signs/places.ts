// Where rows stand in a view, and how large.
import { boxOf, View } from "../shapes";
import { Table } from "../unpack";

export function within(table: Table, view: View, keep: (row: number) => boolean): number[] {
  const rows: number[] = [];
  table.shapes!.within(boxOf(view), (row) => {
    if (keep(row)) rows.push(row);
  });
  return rows;
}

export function place(table: Table, row: number, view: View): [number, number] {
  const middle = table.shapes!.middle(row)!;
  return [(middle[0] - view.x) * view.scale, (middle[1] - view.y) * view.scale];
}

export function span(table: Table, row: number, view: View): number {
  const box = table.shapes!.box(row);
  return box ? Math.max(box[2] - box[0], box[3] - box[1]) * view.scale : 0;
}

export function inView(view: View, x: number, y: number): boolean {
  return x >= view.x && y >= view.y && x <= view.x + view.width / view.scale && y <= view.y + view.height / view.scale;
}
