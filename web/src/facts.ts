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

export interface Service {
  key: string;
  places: string[]; // kinds of resources that serve
  title: Titles;
  source: Titles | null;
  verified: boolean;
  whom: string;
}

export interface Figure {
  key: string;
  value: number | null;
  state: "red" | "ok" | "unknown";
  about: boolean; // rests on estimates
  month: string | null; // the month that it tells of
  title: Titles;
  told: Titles;
}

export interface Work {
  most: number; // times the mean that is still fair
  source: Titles | null;
  items: Record<string, Titles>;
}

/** A base map that others serve; the reader switches it on. */
export interface Online {
  name: string;
  title: Titles;
  tiles: string[]; // one below the other
  hosts: string; // what stands for {s} in turn
  most: number; // the nearest zoom that is served
  datum: "wgs84" | "gcj02";
  credit: Titles;
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
  numbers: Figure[];
  former: string | null; // the name of the plan before
  services: Service[];
  work: Work | null;
  span: { since: string; until: string } | null;
  onlineBase: Online | null; // a base map of the network, where it was asked for
  readings?: Record<string, string>; // of the Chinese characters of the page's names, in pinyin
  georeferenced: boolean; // false: degrees are no degrees, the map does not say where it lies
  mapNumber: string | null;
  readHere: number; // packs of fewer letters or bytes are read by the page and not by a worker
  largest: number; // letters of the largest pack of a file, 0 where packs are asked for
  live: boolean; // the page of the desk: packs are asked for, and may change
  version?: number; // of the project, at the desk
}

export function readFacts(): Facts {
  return JSON.parse(document.getElementById("govmap-facts")!.textContent || "{}") as Facts;
}
