// The colours of findings: which class a value falls in and what that looks like. Schemes of ColorBrewer that stay apart
// for colour-blind readers and in grey; what is not known is hatched, never coloured.

export interface Shade {
  fill: string | null; // null: not known, hatched
  rank: number; // class, from the lightest up; -1 where not known
}

export const UNKNOWN: Shade = { fill: null, rank: -1 };

/** Orange to red, after nobody short: share of people short. */
export const SHORT = ["#f3f3ee", "#fdd9a8", "#fdbb84", "#f08a55", "#d7301f", "#7f0000"];
export const SHORT_STEPS = [0.1, 0.25, 0.5, 0.75];

/** Blue to purple: reports of a thousand households. */
export const RATE = ["#edf8fb", "#b3cde3", "#8c96c6", "#8856a7", "#6a0f6b"];

export const HOT: Record<string, string> = { hot: "#b2182b", cold: "#2166ac", none: "#f3f3ee", unstable: "#f3f3ee" };

/** Need and supply. Rows: nearly all have it, most, fewer; columns: the third of units with the fewest people, the middle, the most. */
export const NINE = [
  ["#e8e8e8", "#b8d6e4", "#73aed0"],
  ["#e4c3c8", "#b394ad", "#6f72a3"],
  ["#d9798c", "#a24d78", "#5b1f5e"],
];

export const WORK = ["#e6f0f6", "#f1a340", "#b35806"]; // within, above, far above the fair share
export const VACANT = "#e9604a";
export const FILLED = "#e6f0f6";
export const MOVED = "#c2185b"; // buildings that change their unit
export const FORMER = "#6a0f6b"; // borders as they were

export function shortShade(share: number | null): Shade {
  if (share === null) return UNKNOWN;
  if (share <= 0) return { fill: SHORT[0], rank: 0 };
  const rank = 1 + SHORT_STEPS.filter((step) => share > step).length;
  return { fill: SHORT[rank], rank };
}

/** Bounds between five classes of about as many values each; fewer where values repeat. */
export function breaks(values: number[], classes = RATE.length): number[] {
  const sorted = values.slice().sort((a, b) => a - b);
  const found: number[] = [];
  for (let at = 1; at < classes && sorted.length > 1; at++) {
    const bound = round(sorted[Math.min(sorted.length - 1, Math.floor((at * sorted.length) / classes))]);
    if (bound > (found.length ? found[found.length - 1] : round(sorted[0]))) found.push(bound);
  }
  return found;
}

/** Two figures that count: 37.4 becomes 37, 0.234 becomes 0.23. */
function round(value: number): number {
  return value > 0 ? Number(value.toPrecision(2)) : 0;
}

export function rateShade(value: number | null, bounds: number[]): Shade {
  if (value === null) return UNKNOWN;
  const rank = bounds.filter((bound) => value >= bound).length;
  const spread = bounds.length ? Math.round((rank * (RATE.length - 1)) / bounds.length) : 0;
  return { fill: RATE[spread], rank };
}

/** Work beside the mean of all units: within, above, or more than as far above again. */
export function workShade(hours: number | null, mean: number, most: number): Shade {
  if (hours === null || mean <= 0) return UNKNOWN;
  const share = hours / mean;
  const rank = share <= most ? 0 : share <= most * most ? 1 : 2;
  return { fill: WORK[rank], rank };
}

/** Radius of a circle whose area stands for a number, the largest of which gets the largest circle. */
export function radius(value: number, most: number, largest: number): number {
  return value <= 0 || most <= 0 ? 0 : Math.max(2.5, largest * Math.sqrt(value / most));
}
