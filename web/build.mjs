// Bundles the page's scripts, styles, fonts and icon into dist/. Runs on Node 18 and later.
import { cp, readdir, rm, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { fonts } from "./fonts.mjs";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));

/** Browsers from 2024 on: the styles use light-dark(), nesting and :has(), which are not lowered. */
const target = ["chrome123", "firefox128", "safari17.5"];

const common = {
  bundle: true,
  minify: true,
  target,
  outdir: here("dist"),
  legalComments: "linked",
  logLevel: "info",
};

/** Each folder in there is a picture. */
const pictures = (await readdir(here("src/pictures"), { withFileTypes: true }))
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => name);

await rm(here("dist"), { recursive: true, force: true });

const [site] = await Promise.all([
  // What is loaded only when it is needed, such as the editor, lies in parts/. The hash in its name is of its content.
  build({
    ...common,
    entryPoints: { site: here("src/main.ts") },
    format: "esm",
    splitting: true,
    chunkNames: "parts/[name]-[hash]",
    metafile: true,
  }),
  // Each picture once more, whole and under a name that stays, for other sites.
  build({
    ...common,
    entryPoints: Object.fromEntries(
      pictures.map((name) => [`pictures/${name}`, here(`src/pictures/${name}/index.ts`)]),
    ),
    format: "esm",
  }),
  // With the scheduler of cards, which no other page needs.
  build({ ...common, entryPoints: { revise: here("src/revise.ts") }, format: "esm" }),
  // Only pages of watch mode take it.
  build({ ...common, entryPoints: { watch: here("src/watch.ts") }, format: "esm" }),
  // The service worker. It lies at the root of the site, whose pages it keeps.
  build({ ...common, entryPoints: { sw: here("src/service-worker.ts") }, format: "iife" }),
  // Blocks the first paint, so it is a file of its own, a classic script, and stays tiny.
  build({ ...common, entryPoints: { theme: here("src/theme-boot.ts") }, format: "iife" }),
  build({
    ...common,
    entryPoints: { site: here("src/styles/site.css") },
    plugins: [fonts],
    assetNames: "fonts/[name]-[hash]",
  }),
]);

// What site.js cannot begin without is a part too, where lazy parts need it as well. The page's head names
// it, so that it comes at once.
const shared = new Set();
const addImports = (name) => {
  const output =
    site.metafile.outputs[Object.keys(site.metafile.outputs).find((path) => path.endsWith(name))];
  for (const { path, kind } of output.imports) {
    const part = path.slice(path.lastIndexOf("parts/"));
    if (kind !== "import-statement" || shared.has(part)) continue;
    shared.add(part);
    addImports(part);
  }
};
addImports("dist/site.js");
await writeFile(here("dist/parts/shared.txt"), [...shared].map((part) => `${part}\n`).join(""));

await cp(here("public"), here("dist"), { recursive: true });
