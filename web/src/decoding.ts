// Has packs read by workers; where the browser has none or will not start them, the page reads for itself.
import source from "worker:src/decoder.ts";
import { Answer } from "./decoder";
import { awaken } from "./pause";
import { Origin } from "./shapes";
import { Plain, read } from "./unpack";

interface Open {
  packed: string | Uint8Array;
  done: (plain: Plain) => void;
  failed: (error: Error) => void;
}

const MOST = 2;
const SMALL = 20_000; // what is so short is read before it were handed over

export class Decoding {
  private workers: { worker: Worker; load: number }[] = [];
  private readonly open = new Map<number, Open>();
  private next = 0;

  /**
   * Packs of fewer letters or bytes than `here` are read by the page: sooner than a worker has begun. Where one of more
   * is to come (`largest`) workers begin at once, and read the others too.
   */
  constructor(
    private readonly origin: Origin,
    private readonly here: number,
    largest: number,
  ) {
    if (largest >= here) this.start();
  }

  /** Reads a pack. */
  read(packed: string | Uint8Array): Promise<Plain> {
    return awaken(this.reads(packed));
  }

  private reads(packed: string | Uint8Array): Promise<Plain> {
    if (!this.workers.length && packed.length >= this.here) this.start();
    if (!this.workers.length || packed.length < Math.min(this.here, SMALL)) return read(packed, this.origin);
    return new Promise((done, failed) => {
      const id = this.next++;
      this.open.set(id, { packed, done, failed });
      this.give(id, packed);
    });
  }

  /** Lets the workers go once nothing is open; they are started again when they are needed. */
  rest(): void {
    if (!this.open.size) this.stop();
  }

  private start(): void {
    if (typeof Worker === "undefined" || this.broken) return;
    const url = URL.createObjectURL(new Blob([source], { type: "text/javascript" }));
    const count = Math.min(MOST, navigator.hardwareConcurrency || MOST);
    try {
      for (let at = 0; at < count; at++) this.hire(new Worker(url));
    } catch (_) {
      this.broken = true; // a browser may forbid it to pages that are files
      this.stop();
    }
    URL.revokeObjectURL(url);
  }

  private broken = false;

  private hire(worker: Worker): void {
    worker.onmessage = (event: MessageEvent<Answer>) => this.answer(event.data);
    worker.onerror = (event) => {
      event.preventDefault();
      this.fall();
    };
    this.workers.push({ worker, load: 0 });
  }

  /** Gives a pack to the worker with the least to do. */
  private give(id: number, packed: string | Uint8Array): void {
    const idle = this.workers.reduce((least, one) => (one.load < least.load ? one : least));
    idle.load += packed.length;
    idle.worker.postMessage({ id, packed, ...this.origin.corner });
  }

  private answer(answer: Answer): void {
    const asked = this.open.get(answer.id);
    if (!asked) return;
    this.open.delete(answer.id);
    if ("plain" in answer) asked.done(answer.plain);
    else asked.failed(new Error(answer.failed));
  }

  /** The workers will not work: what is open is read here. */
  private fall(): void {
    this.broken = true;
    this.stop();
    const left = Array.from(this.open.values());
    this.open.clear();
    for (const { packed, done, failed } of left) read(packed, this.origin).then(done, failed);
  }

  private stop(): void {
    for (const { worker } of this.workers) worker.terminate();
    this.workers = [];
  }
}
