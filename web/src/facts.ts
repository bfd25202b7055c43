// What the page is given beside its packs.

export type Language = "en" | "zh";
export type Words = Record<string, string>;
export type Titles = Record<Language, string>;

export interface Category {
  key: string;
  title: Titles;
  colour: string;
  icon: string;
  main: boolean; // a standard asks for it: shown from farther away than the rest
}

export interface AreaStyle {
  fill: string;
  order: number;
}

export interface WayStyle {
  fill: string;
  casing: string | null;
  width: number;
  from: number;
  dash: number[] | null;
  order: number;
}

export interface Total {
  theme: string;
  category: string;
  count: number | null;
}

export interface Facts {
  title: string;
  languages: Language[];
  language: Language;
  words: Record<Language, Words>;
  audience: "public" | "official" | "planner" | "worker";
  internal: boolean;
  k: number;
  made: string;
  dataDate: string | null;
  estimatedShare: number | null;
  length: "m" | "ft";
  bounds: [number, number, number, number];
  palette: string[];
  categories: Category[];
  icons: Record<string, string>;
  areas: Record<string, AreaStyle>;
  ways: Record<string, WayStyle>;
  totals: Total[];
  band: { low: number; high: number; by: "households" | "residents" | "buildings" } | null;
  onlineBase: boolean;
}

export function readFacts(): Facts {
  return JSON.parse(document.getElementById("govmap-facts")!.textContent || "{}") as Facts;
}

export function readPack(name: string): string | null {
  const holder = document.getElementById("govmap-pack-" + name);
  if (!holder) return null;
  const text = holder.textContent || "";
  holder.remove();
  return text;
}
