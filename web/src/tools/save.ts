// Gives the reader a file that the page has made; nothing is sent anywhere.

const KEPT_MS = 60_000;

export function save(parts: BlobPart[], type: string, name: string): void {
  const place = URL.createObjectURL(new Blob(parts, { type }));
  const link = document.createElement("a");
  link.href = place;
  link.download = name;
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(place), KEPT_MS);
}

/** A file name that every system takes, from words in any language. */
export function fileName(words: (string | null)[], ending: string): string {
  const told = words.filter((one) => one).join(" ");
  return told.normalize("NFC").replace(/[\\/:*?"<>|\u0000-\u001f\u2028\u2029]+/g, " ").replace(/\s+/g, " ").replace(/^[. ]+|[. ]+$/g, "").slice(0, 80) + ending;
}
