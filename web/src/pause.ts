// Long work is cut into pieces, so that the page answers while it reads. A worker has nobody to keep waiting.
const LONGEST_MS = 24;
let begun = 0;
let tireless = false;

export function neverPause(): void {
  tireless = true;
}

export function pause(): Promise<void> | null {
  if (tireless || performance.now() - begun < LONGEST_MS) return null;
  return new Promise((done) =>
    setTimeout(() => {
      begun = performance.now();
      done();
    }, 0),
  );
}

/**
 * A browser without a window that only takes a picture (`--virtual-time-budget`) has a clock of its own, which jumps over
 * every wait in which the page has nothing to do, and so over the work of workers and streams. One that is driven waits.
 */
const jumps = typeof navigator !== "undefined" && /HeadlessChrome/.test(navigator.userAgent) && !navigator.webdriver;
let waits = 0;

/** Waits for work that is done elsewhere; where the clock jumps, the page gives itself something to do until then. */
export async function awaken<T>(work: Promise<T>): Promise<T> {
  if (!jumps) return work;
  if (waits++ === 0) stir();
  try {
    return await work;
  } finally {
    waits--;
  }
}

function stir(): void {
  const { port1, port2 } = new MessageChannel();
  port1.onmessage = () => (waits ? port2.postMessage(0) : port1.close());
  port2.postMessage(0);
}
