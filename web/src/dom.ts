// Elements are made here, and every text goes in as text: nothing of the data is ever read as HTML.

type Child = Node | string | null | undefined | false;

export function el<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  facts: Record<string, unknown> = {},
  ...children: Child[]
): HTMLElementTagNameMap[K] {
  const made = document.createElement(tag);
  for (const name of Object.keys(facts)) {
    const value = facts[name];
    if (value === undefined || value === null || value === false) continue;
    if (name.slice(0, 2) === "on") made.addEventListener(name.slice(2), value as EventListener);
    else if (name === "colour") made.style.setProperty("--colour", String(value));
    else made.setAttribute(name, value === true ? "" : String(value));
  }
  for (const child of children) if (child) made.append(child);
  return made;
}

export function fill(holder: Element, ...children: Child[]): void {
  while (holder.firstChild) holder.removeChild(holder.firstChild);
  for (const child of children) if (child) holder.append(child);
}
