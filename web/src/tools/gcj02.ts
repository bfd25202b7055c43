// The shift of Chinese online maps: WGS 84 to GCJ-02, by the formula that its users worked out (krasovsky ellipsoid).

const A = 6_378_245;
const EE = 0.006693421622965943;
const TURN = Math.PI;

/** Latitude and longitude in GCJ-02; outside China nothing is shifted. */
export function shifted(lat: number, lon: number): [number, number] {
  if (lon < 72.004 || lon > 137.8347 || lat < 0.8293 || lat > 55.8271) return [lat, lon];
  const [x, y] = [lon - 105, lat - 35];
  const turn = (lat / 180) * TURN;
  const magic = 1 - EE * Math.sin(turn) * Math.sin(turn);
  const root = Math.sqrt(magic);
  const north = (northMetres(x, y) * 180) / (((A * (1 - EE)) / (magic * root)) * TURN);
  const east = (eastMetres(x, y) * 180) / ((A / root) * Math.cos(turn) * TURN);
  return [lat + north, lon + east];
}

/** Both sums share their quick waves. */
function waves(of: number): number {
  return ((20 * Math.sin(6 * of * TURN) + 20 * Math.sin(2 * of * TURN)) * 2) / 3;
}

function northMetres(x: number, y: number): number {
  const slow = ((20 * Math.sin(y * TURN) + 40 * Math.sin((y / 3) * TURN) + 160 * Math.sin((y / 12) * TURN) + 320 * Math.sin((y * TURN) / 30)) * 2) / 3;
  return -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * Math.sqrt(Math.abs(x)) + waves(x) + slow;
}

function eastMetres(x: number, y: number): number {
  const slow = ((20 * Math.sin(x * TURN) + 40 * Math.sin((x / 3) * TURN) + 150 * Math.sin((x / 12) * TURN) + 300 * Math.sin((x / 30) * TURN)) * 2) / 3;
  return 300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * Math.sqrt(Math.abs(x)) + waves(x) + slow;
}
