// Long work is cut into pieces, so that the page answers while it reads. A worker has nobody to keep waiting.
const LONGEST_MS = 24;
const born = performance.now();
let begun = 0;
let tireless = false;

/**
 * Tells whether no time has passed since the page began: a browser that takes a picture by a clock of its own
 * (`--virtual-time-budget`) lets it stand while the page works, and waits for no worker and no stream.
 */
export function clockStands(): boolean {
  return performance.now() === born;
}

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
