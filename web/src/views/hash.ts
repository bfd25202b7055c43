// What the address of the page remembers after the #, each by its key; the keys of others are left as they are.

function read(): URLSearchParams {
  return new URLSearchParams(location.hash.replace(/^#/, ""));
}

export function fromHash(key: string): string | null {
  return read().get(key);
}

/** Remembers a value, or forgets the key; only a step that the back button should take back makes the history longer. */
export function toHash(key: string, value: string | null, step = false): void {
  const all = read();
  if (all.get(key) === value) return;
  if (value === null) all.delete(key);
  else all.set(key, value);
  const text = all.toString().replace(/%2F/g, "/").replace(/%2C/g, ",");
  const place = text ? "#" + text : location.pathname + location.search;
  try {
    if (step) history.pushState(null, "", place);
    else history.replaceState(null, "", place);
  } catch (error) {
    location.hash = text; // some browsers refuse the history of a file
  }
}
