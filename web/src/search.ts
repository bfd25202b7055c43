// Search over units, compounds, buildings, resources and addresses: a box with a list that the keyboard walks through.
import { Choice, Desk, Kind } from "./desk";
import { el, fill } from "./dom";
import { Table } from "./unpack";

const MOST = 40;

interface Source {
  kind: Kind;
  table: string;
  columns: string[];
}

const SOURCES: Source[] = [
  { kind: "unit", table: "units", columns: ["code", "label", "name"] },
  { kind: "compound", table: "compounds", columns: ["name", "name_zh"] },
  { kind: "building", table: "buildings", columns: ["name"] },
  { kind: "resource", table: "resources", columns: ["name"] },
  { kind: "address", table: "addresses", columns: ["full"] },
];

interface Hit extends Choice {
  text: string;
  rank: number;
}

/** Makes texts comparable: full-width and half-width, capitals, spaces and accents count as the same. */
export function plain(text: string): string {
  return text
    .normalize("NFKD")
    .replace(/[\u0300-\u036f]/g, "")
    .toLowerCase()
    .replace(/[\s,，、.·-]+/g, "");
}

export class Index {
  private readonly words = new Map<string, string[]>();

  constructor(private readonly desk: Desk) {}

  find(asked: string): Hit[] {
    const wanted = plain(asked);
    if (!wanted) return [];
    const hits: Hit[] = [];
    SOURCES.forEach((source, at) => {
      const table = this.desk.tables[source.table];
      if (table) this.search(source, table, wanted, at * 10, hits);
    });
    hits.sort((a, b) => a.rank - b.rank || (a.text < b.text ? -1 : a.text > b.text ? 1 : a.row - b.row));
    return hits.slice(0, MOST);
  }

  private search(source: Source, table: Table, wanted: string, base: number, hits: Hit[]): void {
    const seen = new Set<number>();
    for (const column of source.columns) {
      const texts = table.texts[column];
      if (!texts) continue;
      const ranks = this.ranks(source.table + "." + column, texts.words, wanted);
      if (!ranks.size) continue;
      for (let row = 0; row < table.rows && seen.size < MOST * 8; row++) {
        const rank = ranks.get(texts.index[row]);
        if (rank === undefined || seen.has(row)) continue;
        seen.add(row);
        hits.push({ kind: source.kind, row, text: texts.words[texts.index[row] - 1], rank: base + rank });
      }
    }
  }

  /** Which of the different texts of a column match, and how well. */
  private ranks(name: string, words: string[], wanted: string): Map<number, number> {
    let made = this.words.get(name);
    if (!made) this.words.set(name, (made = words.map(plain)));
    const ranks = new Map<number, number>();
    made.forEach((word, at) => {
      const found = word.indexOf(wanted);
      if (found >= 0) ranks.set(at + 1, word.length === wanted.length ? -100 : found === 0 ? 0 : 1);
    });
    return ranks;
  }
}

export function searchBox(desk: Desk, go: (choice: Choice) => void): HTMLElement {
  const index = new Index(desk);
  const list = el("ul", { id: "govmap-hits", role: "listbox", hidden: true });
  const box = el("input", {
    id: "govmap-search",
    type: "search",
    autocomplete: "off",
    spellcheck: "false",
    role: "combobox",
    "aria-controls": "govmap-hits",
    "aria-expanded": "false",
    "aria-autocomplete": "list",
  });
  const told = el("p", { class: "told", role: "status" });
  let hits: Hit[] = [];
  let at = -1;
  let timer = 0;

  const close = (): void => {
    list.hidden = true;
    box.setAttribute("aria-expanded", "false");
    box.removeAttribute("aria-activedescendant");
    at = -1;
  };
  const take = (hit: Hit): void => {
    box.value = hit.text;
    told.textContent = "";
    close();
    const building = hit.kind === "address" ? desk.tables.addresses.number("building", hit.row) : null;
    go(building === null ? hit : { kind: "building", row: building });
  };
  const mark = (next: number): void => {
    const rows = list.children;
    if (at >= 0 && rows[at]) rows[at].setAttribute("aria-selected", "false");
    at = next;
    if (at < 0 || !rows[at]) return;
    rows[at].setAttribute("aria-selected", "true");
    rows[at].scrollIntoView({ block: "nearest" });
    box.setAttribute("aria-activedescendant", rows[at].id);
  };
  const look = (): void => {
    hits = index.find(box.value);
    at = -1;
    fill(
      list,
      ...hits.map((hit, place) => {
        const row = el("li", { id: "govmap-hit-" + place, role: "option", "aria-selected": "false" }, el("span", {}, label(desk, hit)), el("span", { class: "sort" }, aside(desk, hit)));
        row.addEventListener("mousedown", (event) => {
          event.preventDefault();
          take(hit);
        });
        return row;
      }),
    );
    list.hidden = hits.length === 0;
    box.setAttribute("aria-expanded", String(hits.length > 0));
    told.textContent = box.value.trim() && !hits.length ? desk.say("nothing_found") : "";
  };
  box.addEventListener("input", () => {
    clearTimeout(timer);
    timer = window.setTimeout(look, 120);
  });
  box.addEventListener("keydown", (event) => {
    if (event.key === "ArrowDown") mark(Math.min(at + 1, hits.length - 1));
    else if (event.key === "ArrowUp") mark(Math.max(at - 1, 0));
    else if (event.key === "Enter") {
      if (at < 0) look();
      const hit = hits[Math.max(at, 0)];
      if (hit) take(hit);
    } else if (event.key === "Escape") {
      if (list.hidden) box.value = "";
      close();
      event.stopPropagation();
    } else return;
    event.preventDefault();
  });
  box.addEventListener("blur", () => window.setTimeout(close, 120));

  const name = (): void => {
    box.setAttribute("placeholder", desk.say("search"));
    box.setAttribute("aria-label", desk.say("search"));
    list.setAttribute("aria-label", desk.say("search_hits"));
    told.textContent = "";
  };
  desk.on("language", name);
  name();
  return el("div", { class: "search", role: "search" }, box, list, told);
}

function label(desk: Desk, hit: Hit): string {
  if (hit.kind === "unit") return desk.head("unit_title", { name: desk.unitTitle(hit.row) });
  const door = hit.kind === "building" ? desk.tables.buildings.text("door", hit.row) : null;
  if (door) return hit.text + " · " + door;
  return hit.text;
}

/** What stands behind a hit: the category of a resource, else what kind of thing it is, and its unit. */
function aside(desk: Desk, hit: Hit): string {
  if (hit.kind === "unit") return "";
  const sort =
    hit.kind === "resource"
      ? desk.title(desk.facts.categories[desk.tables.resources.numbers.category[hit.row]].title)
      : desk.say("sort_" + hit.kind);
  const unit = desk.unitOf(hit);
  return unit === null ? sort : sort + " · " + (desk.tables.units.text("label", unit) || "");
}
