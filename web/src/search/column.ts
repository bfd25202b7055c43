// One column of names, made ready for the search. Names that differ by their numbers alone, as those of houses do, are
// looked for once: "幸福小区12号楼" stands under "幸福小区0号楼".
import { Texts } from "../unpack";
import { Hay } from "./hay";
import { initials, plain, Readings, spelled } from "./plain";

const PIECE = 500;

/** Calls for a row that fits: 0: it is what was asked for, 1: it begins so, 2: it holds it; 3 to 5 the same in pinyin. */
export type Add = (row: number, text: string, rank: number) => boolean;

export class Column {
  private readonly plains: string[] = [];
  private readonly keys: string[] = [];
  private readonly words: number[][] = []; // of each key
  private readonly places = new Map<string, number>();
  private readonly spellings: string[] = []; // of keys
  private readonly keyOf: number[] = []; // of each spelling
  private marked = "";
  private names!: Hay;
  private all!: Hay; // every text, for what is asked for with a number in it
  private letters!: Hay;
  private syllables!: Hay;
  private rows: Uint32Array = new Uint32Array(0);
  private starts: Uint32Array = new Uint32Array(0);
  private done = 0;
  /** What is still to be made once every text was taken, each short enough to wait for. */
  private readonly left = [
    () => (this.names = new Hay(this.keys)),
    () => (this.all = new Hay(this.plains)),
    () => (this.letters = new Hay(this.spellings.map(initials))),
    () => (this.syllables = new Hay(this.spellings.map(lower))),
    () => (this.marked = "\n" + this.spellings.join("\n")),
    () => this.sortRows(),
  ];

  constructor(
    private readonly texts: Texts,
    private readonly readings: Readings,
    private readonly once: boolean,
  ) {}

  /** Makes some more texts ready; tells whether all are. */
  work(until: number): boolean {
    const { words } = this.texts;
    while (this.done < words.length) {
      if (performance.now() > until) return false;
      for (const end = Math.min(words.length, this.done + PIECE); this.done < end; this.done++) this.take(words[this.done]);
    }
    while (this.left.length) {
      if (performance.now() > until) return false;
      this.left.shift()!();
    }
    return true;
  }

  /** Tells whether it can be searched. */
  get ready(): boolean {
    return this.left.length === 0;
  }

  private take(word: string): void {
    const known = plain(word);
    const key = unnumbered(known);
    let place = this.places.get(key);
    if (place === undefined) {
      place = this.keys.push(key) - 1;
      this.places.set(key, place);
      this.words.push([]);
      for (const one of spelled(key, this.readings)) this.keyOf[this.spellings.push(one) - 1] = place;
    }
    this.words[place].push(this.done);
    this.plains.push(known);
  }

  /** The rows of each text, one text after another. */
  private sortRows(): void {
    const { index, words } = this.texts;
    this.starts = new Uint32Array(words.length + 2);
    for (let row = 0; row < index.length; row++) this.starts[index[row] + 1]++;
    for (let at = 1; at < this.starts.length; at++) this.starts[at] += this.starts[at - 1];
    const next = this.starts.slice();
    this.rows = new Uint32Array(index.length);
    for (let row = 0; row < index.length; row++) this.rows[next[index[row]]++] = row;
  }

  /** Calls for what fits, until `add` wants no more. */
  find(wanted: string, add: Add): void {
    const numbered = /\d/.test(wanted);
    const asked = unnumbered(wanted);
    if (numbered) this.findNumbered(wanted, add);
    else this.findNamed(wanted, add);
    if (!/^[a-z0-9]*[a-z][a-z0-9]*$/.test(wanted)) return;
    const begins = (at: number): boolean => !/[a-z]/.test(this.marked.charAt(at + 1));
    for (const [hay, told] of [[this.letters, initials], [this.syllables, lower]] as const) {
      for (const { line, head, whole } of hay.find(asked, hay === this.syllables ? begins : undefined)) {
        const key = told(this.spellings[line]);
        const fits = (word: number): number => (numbered ? rankOf(renumbered(key, this.plains[word]), wanted) : whole ? 0 : head ? 1 : 2);
        if (!this.tell(this.keyOf[line], fits, 3, add)) break;
      }
    }
  }

  private findNamed(wanted: string, add: Add): void {
    for (const { line, head, whole } of this.names.find(wanted)) if (!this.tell(line, () => (whole ? 0 : head ? 1 : 2), 0, add)) break;
  }

  private findNumbered(wanted: string, add: Add): void {
    for (const { line, head, whole } of this.all.find(wanted)) if (!this.rowsOf(line, whole ? 0 : head ? 1 : 2, add)) break;
  }

  /** Calls for the rows of the texts of a key that fit; tells whether more are wanted. */
  private tell(key: number, fits: (word: number) => number, worse: number, add: Add): boolean {
    for (const word of this.words[key]) {
      const rank = fits(word);
      if (rank >= 0 && !this.rowsOf(word, rank + worse, add)) return false;
    }
    return true;
  }

  private rowsOf(word: number, rank: number, add: Add): boolean {
    const end = this.once ? Math.min(this.starts[word + 1] + 1, this.starts[word + 2]) : this.starts[word + 2];
    for (let at = this.starts[word + 1]; at < end; at++) if (!add(this.rows[at], this.texts.words[word], rank)) return false;
    return true;
  }
}

const lower = (text: string): string => text.toLowerCase();

function unnumbered(text: string): string {
  return text.replace(/\d+/g, "0");
}

/** A key with the numbers of a text put back. */
function renumbered(key: string, text: string): string {
  const numbers = text.match(/\d+/g) || [];
  let at = 0;
  return key.replace(/0/g, () => numbers[at++] || "0");
}

function rankOf(text: string, wanted: string): number {
  const at = text.indexOf(wanted);
  return at < 0 ? -1 : at > 0 ? 2 : text.length === wanted.length ? 0 : 1;
}
