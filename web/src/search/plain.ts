// Makes texts comparable, and spells Chinese ones in Latin letters, as people type them on a keyboard.

export type Readings = Record<string, string>; // the readings of a character, parted by a blank, the usual one first

const MOST_SPELLINGS = 4; // of a text with characters that are read in several ways

/** Full-width and half-width, capitals, spaces and accents count as the same. */
export function plain(text: string): string {
  const known = /^[\x20-\x7e\u4e00-\u9fff]*$/.test(text) ? text : text.normalize("NFKD").replace(/[\u0300-\u036f]/g, "");
  return known.toLowerCase().replace(/[\s,，、.·-]+/g, "");
}

/** A text in pinyin: each syllable with a capital first, all else as it is. Nothing where no character has a reading. */
export function spelled(text: string, readings: Readings): string[] {
  let made: string[] | null = null;
  let plainly = "";
  for (const one of text) {
    const told = readings[one];
    if (told === undefined) {
      if (made) made = made.map((before) => before + one);
      else plainly += one;
      continue;
    }
    const ways = told.split(" ").map((way) => way.charAt(0).toUpperCase() + way.slice(1));
    const before: string[] = made || [plainly];
    made = before.length * ways.length > MOST_SPELLINGS ? before.map((start) => start + ways[0]) : ([] as string[]).concat(...before.map((start) => ways.map((way) => start + way)));
  }
  return made || [];
}

/** The first letters of the syllables of a spelled text; what is no syllable stays. */
export function initials(spelling: string): string {
  return spelling.replace(/([A-Z])[a-z]*/g, "$1").toLowerCase();
}
