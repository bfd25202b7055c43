// The worker: reads packs apart from the page, which goes on answering.
import { neverPause } from "./pause";
import { Origin } from "./shapes";
import { Plain, read } from "./unpack";

export interface Asked {
  id: number;
  packed: string | Uint8Array;
  west: number;
  north: number;
}

export type Answer = { id: number; plain: Plain } | { id: number; failed: string };

const worker = globalThis as unknown as { onmessage: (event: MessageEvent<Asked>) => void; postMessage(answer: Answer, give: Transferable[]): void };

neverPause();

worker.onmessage = ({ data }) => {
  read(data.packed, new Origin(data.west, data.north)).then(
    (plain) => worker.postMessage({ id: data.id, plain }, arrays(plain)),
    (error: unknown) => worker.postMessage({ id: data.id, failed: String(error) }, []),
  );
};

/** The arrays of a pack, which are handed over and not copied. */
function arrays(plain: Plain): Transferable[] {
  const { numbers, texts, shapes } = plain;
  const columns = [...Object.keys(numbers).map((name) => numbers[name]), ...Object.keys(texts).map((name) => texts[name].index)];
  return [...columns, ...(shapes ? [shapes.rowStart, shapes.pathStart, shapes.x, shapes.y, shapes.boxes, shapes.runs] : [])].map((one) => one.buffer as ArrayBuffer);
}
