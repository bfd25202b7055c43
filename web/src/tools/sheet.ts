// The table behind what the map is coloured by, with the columns that its reader knows from the panel.
import { Desk } from "../desk";
import { Findings } from "../findings";
import { Cell, csv, Sheet } from "./csv";
import { Rail, Tool } from "./rail";
import { fileName, save } from "./save";

const HECTARE_M2 = 10_000;

export class SheetTool implements Tool {
  readonly name = "sheet";

  constructor(
    private readonly desk: Desk,
    private readonly findings: Findings,
    private readonly rail: Rail,
  ) {}

  run(): void {
    saveSheet(this.desk, sheetOf(this.desk, this.findings), (text) => this.rail.say(text));
  }
}

/** Gives a table as a file, and says how many rows it has. */
export function saveSheet(desk: Desk, sheet: Sheet, say: (text: string) => void): void {
  const name = fileName([desk.facts.title, sheet.name, desk.facts.made], ".csv");
  save([csv(sheet)], "text/csv;charset=utf-8", name);
  say(desk.say("sheet_done", { name, rows: sheet.rows.length }));
}

/** The table of the view that is looked at. */
export function sheetOf(desk: Desk, findings: Findings): Sheet {
  const made = { units, gaps, incidents, rates, spots, work, duties, moved }[findings.view](desk, findings);
  return { ...made, name: desk.head("look_" + findings.view) };
}

type Made = Omit<Sheet, "name">;

const heads = (desk: Desk, ...keys: string[]): string[] => keys.map((key) => desk.head(key));

function unitCells(desk: Desk, unit: number): Cell[] {
  const { units } = desk.tables;
  return [units.text("code", unit) || units.text("label", unit), units.text("name", unit)];
}

/** A number; where it was withheld, the words that say so. */
function known(desk: Desk, value: number | null, withheld: string | null): Cell {
  if (value !== null) return value;
  return withheld ? desk.say("withheld_short", { k: desk.facts.k }) : null;
}

const rounded = (value: number | null, digits: number): Cell => (value === null ? null : Number(value.toFixed(digits)));

function units(desk: Desk, findings: Findings): Made {
  const { units: table } = desk.tables;
  const rows = findings.units().map((row): Cell[] => {
    const area = table.number("area", row);
    const withheld = table.text("withheld", row);
    return [
      ...unitCells(desk, row),
      known(desk, table.number("households", row), withheld),
      known(desk, table.number("residents", row), withheld),
      rounded(table.number("estimated_share", row), 2),
      table.number("buildings", row),
      rounded(area === null ? null : area / HECTARE_M2, 2),
      table.text("responsible_org", row),
      table.text("meeting_place", row),
      table.text("bounds_text", row),
    ];
  });
  return { head: [...heads(desk, "code", "name", "households", "residents", "estimated", "buildings", "area_ha", "responsible", "meeting", "bounds")], rows };
}

function gaps(desk: Desk, findings: Findings): Made {
  const table = findings.table("gaps")!;
  const rows: Cell[][] = [];
  for (let row = 0; row < table.rows; row++) {
    const service = table.numbers.service[row];
    if (findings.service >= 0 && service !== findings.service) continue;
    const withheld = table.text("withheld", row);
    rows.push([
      ...unitCells(desk, table.numbers.unit[row]),
      desk.title(findings.services()[service].title),
      known(desk, table.number("people", row), withheld),
      known(desk, table.number("short", row), withheld),
      rounded(table.number("share", row), 2),
      desk.word("gap", table.text("reason", row)),
      table.text("site", row),
      rounded(table.number("minutes", row), 1),
      table.number("metres", row),
      (table.text("help_" + desk.language, row) || "").replace(/\n/g, "; ") || null,
    ]);
  }
  return { head: heads(desk, "code", "name", "look_service", "column_people", "column_short", "column_share", "gap_reason", "nearest", "column_minutes", "column_metres", "would_help"), rows };
}

function incidents(desk: Desk, findings: Findings): Made {
  const { cases } = findings;
  const table = cases.table()!;
  const rows = cases.byUrgency(cases.rows()).map((row): Cell[] => {
    const unit = table.number("unit", row);
    return [
      desk.word("incident", table.text("category", row)),
      desk.word("incident_kind", table.text("kind", row)),
      desk.word("severity", table.text("severity", row)),
      desk.word("stage", table.text("stage", row)),
      ...(unit === null ? [null, null] : unitCells(desk, unit)),
      table.text("reported", row),
      table.text("due", row),
      table.text("closed", row),
      isNaN(cases.daysOld(row)) ? null : cases.daysOld(row),
      cases.isOverdue(row) ? desk.say("overdue") : null,
    ];
  });
  return { head: heads(desk, "category", "column_sort", "severity", "stage", "code", "name", "reported", "due", "closed", "column_days", "overdue"), rows };
}

function rates(desk: Desk, findings: Findings): Made {
  const table = findings.table("rates")!;
  const rows = findings.units().map((unit): Cell[] => {
    const row = findings.rate(unit);
    if (row < 0) return [...unitCells(desk, unit), null, null, null, null, null];
    const told = table.numbers.few[row] ? [desk.say("legend_few"), null, null] : ["rate", "low", "high"].map((name) => rounded(table.number(name, row), 1));
    return [...unitCells(desk, unit), ...told, table.number("count", row), table.number("households", row)];
  });
  return { head: heads(desk, "code", "name", "column_rate", "column_low", "column_high", "reports", "households"), rows };
}

function spots(desk: Desk, findings: Findings): Made {
  const rows = findings.units().map((unit): Cell[] => {
    const row = findings.spot(unit);
    return [...unitCells(desk, unit), row < 0 ? null : desk.word("spot", findings.table("spots")!.text("kind", row))];
  });
  return { head: heads(desk, "code", "name", "look_spots"), rows };
}

function work(desk: Desk, findings: Findings): Made {
  const table = findings.table("loads")!;
  const items = table.texts.item.words;
  const sums = findings.units().map(() => new Map<string, number>());
  for (let row = 0; row < table.rows; row++) sums[table.numbers.unit[row]].set(table.text("item", row)!, table.number("hours", row) || 0);
  const titles = items.map((item) => (desk.facts.work && desk.facts.work.items[item] ? desk.title(desk.facts.work.items[item]) : item));
  const hours = findings.hours();
  const rows = findings.units().map((unit): Cell[] => [...unitCells(desk, unit), rounded(hours[unit], 1), ...items.map((item) => rounded(sums[unit].has(item) ? sums[unit].get(item)! : null, 1))]);
  return { head: [...heads(desk, "code", "name", "work_list"), ...titles], rows };
}

function duties(desk: Desk, findings: Findings): Made {
  const table = findings.table("duties")!;
  const rows: Cell[][] = [];
  for (const unit of findings.units()) {
    let held = false;
    for (let row = 0; row < table.rows; row++) {
      if (table.numbers.unit[row] !== unit) continue;
      held = true;
      rows.push([...unitCells(desk, unit), ...["name", "role", "organisation", "phone"].map((name) => table.text(name, row))]);
    }
    if (!held) rows.push([...unitCells(desk, unit), desk.say("nobody"), null, null, null]);
  }
  return { head: heads(desk, "code", "name", "duties", "column_role", "responsible", "column_phone"), rows };
}

function moved(desk: Desk): Made {
  const { moves, buildings, former, units: now } = desk.tables;
  const rows: Cell[][] = [];
  for (let row = 0; row < moves.rows; row++) {
    const building = moves.numbers.building[row];
    const name = [buildings.text("number", building), buildings.text("name", building), buildings.text("door", building)].filter((one) => one).join(" · ");
    rows.push([name || null, former.text("code", moves.numbers.from[row]), now.text("code", moves.numbers.to[row]), buildings.number("households", building)]);
  }
  return { head: heads(desk, "a_building", "column_from", "column_to", "households"), rows };
}
