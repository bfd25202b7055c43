// The drawings of the tools: lines in a square of 24.

export const DRAWN: Record<string, string> = {
  more: "M5 12h.01M12 12h.01M19 12h.01",
  measure: "M3 16 16 3l5 5L8 21zM7 12l2.5 2.5M10 9l1.6 1.6M13 6l2.5 2.5",
  locate: "M12 2v4M12 18v4M2 12h4M18 12h4M12 6a6 6 0 1 0 0 12a6 6 0 0 0 0-12zM12 11a1 1 0 1 0 0 2a1 1 0 0 0 0-2z",
  full: "M4 9V4h5M20 9V4h-5M4 15v5h5M20 15v5h-5",
  picture: "M3 5h18v14H3zM3 16l5-5 4 4 4-5 5 6M8.5 8a.8.8 0 1 0 0 1.6a.8.8 0 0 0 0-1.6z",
  sheet: "M4 4h16v16H4zM4 9h16M4 14.5h16M10 4v16",
  link: "M10 14a4 4 0 0 0 6 .4l3-3a4 4 0 0 0-5.7-5.7l-1.6 1.6M14 10a4 4 0 0 0-6-.4l-3 3a4 4 0 0 0 5.7 5.7l1.6-1.6",
};

const SPACE = "http://www.w3.org/2000/svg";

export function icon(name: string): SVGSVGElement {
  const svg = document.createElementNS(SPACE, "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  const path = document.createElementNS(SPACE, "path");
  path.setAttribute("d", DRAWN[name]);
  svg.append(path);
  return svg;
}
