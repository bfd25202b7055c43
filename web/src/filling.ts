/**
 * Filling the places of a text: `{count}` with a fact, `{count:row|rows}` with the word that goes with its number.
 * The same rule as `fill` in messages.py; a test holds the two together.
 */
export function filled(text: string, told: (name: string) => string): string {
  return text.replace(/\{(\w+)(?::([^{}|]*)\|([^{}]*))?\}/g, (_, name: string, one?: string, many?: string) => {
    const fact = told(name);
    return one === undefined ? fact : fact === "1" ? one : many || "";
  });
}
