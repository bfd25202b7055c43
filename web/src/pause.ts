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
