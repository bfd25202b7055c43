// Builds what a map page carries into src/govmap/render/static: map.js, map.css, the
// same of the desk (live.js, live.css) and the drawings of the symbols.
import { build } from "esbuild";
import { readdirSync, readFileSync, mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const target = join(here, "..", "src", "govmap", "render", "static");

/** Gives `worker:FILE` as the text of a script of its own, which a page starts from a Blob. */
const workers = {
  name: "workers",
  setup(within) {
    within.onResolve({ filter: /^worker:/ }, ({ path }) => ({ path: path.slice(7), namespace: "worker" }));
    within.onLoad({ filter: /.*/, namespace: "worker" }, async ({ path }) => {
      const made = await build({
        ...common,
        plugins: [],
        entryPoints: [path],
        write: false,
        format: "iife",
        minify: true,
        target: ["chrome78", "firefox78"],
      });
      return { contents: made.outputFiles[0].text, loader: "text" };
    });
  },
};
/** Gives the desk the map page's own Leaflet: a second copy would make maps of its own kind, which the page knows not. */
const oneLeaflet = {
  name: "one-leaflet",
  setup(within) {
    within.onResolve({ filter: /^leaflet$/ }, () => ({ path: "leaflet", namespace: "page" }));
    within.onLoad({ filter: /.*/, namespace: "page" }, () => ({ contents: "module.exports = window.L;", loader: "js" }));
  },
};
const common = { bundle: true, logLevel: "warning", absWorkingDir: here, plugins: [workers] };

if (process.argv.includes("--test")) {
  const tests = readdirSync(join(here, "test")).filter((name) => name.endsWith(".test.ts"));
  await build({
    ...common,
    entryPoints: tests.map((name) => join("test", name)),
    outdir: "node_modules/.test",
    platform: "node",
    format: "esm",
    outExtension: { ".js": ".mjs" },
  });
} else {
  mkdirSync(target, { recursive: true });
  const page = {
    ...common,
    outdir: target,
    format: "iife",
    minify: true,
    legalComments: "eof",
    target: ["chrome78", "firefox78"],
    define: { "process.env.NODE_ENV": '"production"' },
  };
  await build({ ...page, entryPoints: { map: "src/main.ts" } });
  await build({ ...page, entryPoints: { live: "src/live/entry.ts" }, plugins: [workers, oneLeaflet] });
  await build({
    ...common,
    entryPoints: { map: "src/map.css", live: "src/live/live.css" },
    outdir: target,
    minify: true,
    target: ["chrome78", "firefox78"],
    loader: { ".png": "dataurl" },
  });
  const icons = join(here, "node_modules", "@mapbox", "maki", "icons");
  const drawings = {};
  for (const file of readdirSync(icons).sort()) {
    const paths = [...readFileSync(join(icons, file), "utf-8").matchAll(/<path[^>]*\sd="([^"]+)"/g)];
    if (paths.length) drawings[file.replace(/\.svg$/, "")] = paths.map((one) => one[1]).join(" ").replace(/&#x[0-9A-Fa-f]+;|\s+/g, " ").trim();
  }
  writeFileSync(join(target, "icons.json"), JSON.stringify(drawings) + "\n");
  const borrowed = [["leaflet", "LICENSE"], ["fflate", "LICENSE"], ["@mapbox/maki", "LICENSE.txt"]];
  const licences = borrowed.map(([name, file]) => name + "\n\n" + readFileSync(join(here, "node_modules", name, file), "utf-8"));
  writeFileSync(join(target, "LICENCES.txt"), licences.join("\n\n"));
}
