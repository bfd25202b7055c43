// Many short texts as one long string, in which the browser finds a piece in a few milliseconds.

const CUT = "\n";

export interface Line {
  line: number;
  head: boolean; // the text begins with what was asked for
  whole: boolean; // and is nothing else
}

export class Hay {
  private readonly text: string;
  private readonly starts: Uint32Array;

  /** `texts` hold no line break; each keeps its place as its line. */
  constructor(texts: string[]) {
    this.text = ["", texts.join(CUT), ""].join(CUT); // in one piece: what is put together by + is laid out when first read
    this.starts = new Uint32Array(texts.length + 1);
    let at = 1;
    texts.forEach((one, line) => {
      this.starts[line] = at;
      at += one.length + 1;
    });
    this.starts[texts.length] = at;
  }

  /** The lines that hold a text, those that begin with it first. */
  *find(wanted: string, fits: (at: number) => boolean = () => true): Generator<Line> {
    const seen = new Set<number>();
    for (const line of this.scan(CUT + wanted, 1, () => true, seen)) {
      yield { line, head: true, whole: this.starts[line + 1] - this.starts[line] === wanted.length + 1 };
    }
    for (const line of this.scan(wanted, 0, fits, seen)) yield { line, head: false, whole: false };
  }

  private *scan(piece: string, skip: number, fits: (at: number) => boolean, seen: Set<number>): Generator<number> {
    for (let at = this.text.indexOf(piece); at >= 0; at = this.text.indexOf(piece, at + 1)) {
      const line = this.lineAt(at + skip);
      if (seen.has(line) || !fits(at - 1)) continue;
      seen.add(line);
      yield line;
    }
  }

  private lineAt(at: number): number {
    let [low, high] = [0, this.starts.length - 1];
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if (this.starts[middle] <= at) low = middle;
      else high = middle;
    }
    return low;
  }
}
