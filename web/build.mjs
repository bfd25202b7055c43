// Builds what a map page carries into src/govmap/render/static: map.js, map.css and the drawings of the symbols.
import { build } from "esbuild";
import { readdirSync, readFileSync, mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const target = join(here, "..", "src", "govmap", "render", "static");
const common = { bundle: true, logLevel: "warning", absWorkingDir: here };

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
  await build({
    ...common,
    entryPoints: { map: "src/main.ts" },
    outdir: target,
    format: "iife",
    minify: true,
    legalComments: "eof",
    target: ["chrome78", "firefox78"],
    define: { "process.env.NODE_ENV": '"production"' },
  });
  await build({
    ...common,
    entryPoints: { map: "src/map.css" },
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
