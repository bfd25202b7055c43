// Says in a PNG how many dots make an inch, so that Word places it in its right size (PNG specification, chunk pHYs).

const INCH_M = 0.0254;
const BEFORE = 33; // eight bytes of the mark, 25 of the first chunk, IHDR

export function withDensity(png: Uint8Array, dpi: number): Uint8Array {
  const chunk = density(Math.round(dpi / INCH_M));
  const made = new Uint8Array(png.length + chunk.length);
  made.set(png.subarray(0, BEFORE));
  made.set(chunk, BEFORE);
  made.set(png.subarray(BEFORE), BEFORE + chunk.length);
  return made;
}

function density(dotsOfMetre: number): Uint8Array {
  const chunk = new Uint8Array(21);
  const view = new DataView(chunk.buffer);
  view.setUint32(0, 9);
  chunk.set([0x70, 0x48, 0x59, 0x73], 4); // pHYs
  view.setUint32(8, dotsOfMetre);
  view.setUint32(12, dotsOfMetre);
  chunk[16] = 1; // the metre
  view.setUint32(17, crc(chunk.subarray(4, 17)));
  return chunk;
}

/** CRC-32 as PNG has it. */
export function crc(bytes: Uint8Array): number {
  let sum = 0xffffffff;
  for (const byte of bytes) {
    sum ^= byte;
    for (let bit = 0; bit < 8; bit++) sum = sum & 1 ? (sum >>> 1) ^ 0xedb88320 : sum >>> 1;
  }
  return (sum ^ 0xffffffff) >>> 0;
}
