// What the address of the page remembers after the #, each by its key; the keys of others are left as they are.

function read(): URLSearchParams {
  return new URLSearchParams(location.hash.replace(/^#/, ""));
}

export function fromHash(key: string): string | null {
  return read().get(key);
}

/** Remembers a value, or forgets the key; the history of the browser grows by nothing. */
export function toHash(key: string, value: string | null): void {
  const all = read();
  if (value === null) all.delete(key);
  else all.set(key, value);
  const text = all.toString();
  try {
    history.replaceState(null, "", text ? "#" + text : location.pathname + location.search);
  } catch (error) {
    location.hash = text; // some browsers refuse the history of a file
  }
}
