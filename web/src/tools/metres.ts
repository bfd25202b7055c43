// Lengths and areas of points in degrees, on the ellipsoid of WGS 84 near by, where the ground may be taken as flat.
import { Desk } from "../desk";

export type Point = [number, number]; // east, north in degrees

const SPHERE_DEGREE_M = (Math.PI / 180) * 6_371_000; // where degrees are none, a page lays metres on this sphere
const FEET_M = 0.3048;
const MILE_FEET = 5280;
const KILOMETRE_M = 1000;

/** Metres of a degree to the east and to the north; series of the American NGA for WGS 84, good to a centimetre. */
export function degreeMetres(lat: number, georeferenced: boolean): [number, number] {
  if (!georeferenced) return [SPHERE_DEGREE_M, SPHERE_DEGREE_M];
  const turn = (lat * Math.PI) / 180;
  const east = 111_412.84 * Math.cos(turn) - 93.5 * Math.cos(3 * turn) + 0.118 * Math.cos(5 * turn);
  const north = 111_132.92 - 559.82 * Math.cos(2 * turn) + 1.175 * Math.cos(4 * turn) - 0.0023 * Math.cos(6 * turn);
  return [east, north];
}

export function lengthOf(points: Point[], georeferenced: boolean): number {
  let sum = 0;
  for (let at = 1; at < points.length; at++) {
    const [[x, y], [px, py]] = [points[at], points[at - 1]];
    const [east, north] = degreeMetres((y + py) / 2, georeferenced);
    sum += Math.hypot((x - px) * east, (y - py) * north);
  }
  return sum;
}

/** The area of the ring that the points make; 0 under three points. */
export function areaOf(points: Point[], georeferenced: boolean): number {
  if (points.length < 3) return 0;
  const middle = points.reduce((sum, one) => sum + one[1], 0) / points.length;
  const [east, north] = degreeMetres(middle, georeferenced);
  const [x0, y0] = points[0];
  let twice = 0;
  points.forEach(([x, y], at) => {
    const [nx, ny] = points[(at + 1) % points.length];
    twice += (x - x0) * (ny - y0) - (nx - x0) * (y - y0);
  });
  return Math.abs((twice / 2) * east * north);
}

export function toldLength(desk: Desk, metres: number): string {
  if (desk.facts.length === "ft") {
    const feet = metres / FEET_M;
    return feet < MILE_FEET / 2 ? desk.say("feet", { count: feet }) : desk.say("miles", { count: desk.number(feet / MILE_FEET, 2) });
  }
  return metres < KILOMETRE_M ? desk.say("metres", { count: metres }) : desk.say("kilometres", { count: desk.number(metres / KILOMETRE_M, 2) });
}

export function toldArea(desk: Desk, squareMetres: number): string {
  if (desk.facts.length === "ft") {
    const feet = squareMetres / (FEET_M * FEET_M);
    return feet < 20_000 ? desk.say("square_feet", { count: feet }) : desk.area(squareMetres);
  }
  return squareMetres < 10_000 ? desk.say("square_metres", { count: squareMetres }) : desk.area(squareMetres);
}
