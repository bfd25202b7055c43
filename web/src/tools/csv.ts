// Tables as CSV that a spreadsheet opens as it is: UTF-8 with its mark, and no cell that could run as a formula.

export type Cell = string | number | null;

export interface Sheet {
  name: string;
  head: string[];
  rows: Cell[][];
}

const MARK = "\ufeff";

export function csv({ head, rows }: Sheet): string {
  return MARK + [head, ...rows].map((row) => row.map(cell).join(",") + "\r\n").join("");
}

/** A number as it is, a text in quotes where it needs them, with an apostrophe before what a spreadsheet would run. */
function cell(value: Cell): string {
  if (value === null) return "";
  if (typeof value === "number") return String(value);
  const safe = /^\s*[=+\-@\t\r]/.test(value) ? "'" + value : value;
  return /[",\r\n']/.test(safe) || /^\s|\s$/.test(safe) ? '"' + safe.replace(/"/g, '""') + '"' : safe;
}
