// Bundles the page's scripts, styles, fonts and icon into dist/. Runs on Node 18 and later.
import { createHash } from "node:crypto";
import { cp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { fonts } from "./fonts.mjs";
import { sheets } from "./sheets.mjs";

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
    entryPoints: { site: here("src/main.ts"), embedded: here("src/embed/index.ts") },
    format: "esm",
    splitting: true,
    plugins: [sheets(target)],
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
  }),
]);

/** The parts that an entry cannot begin without, where others need them as well. Named early, they come at once. */
function partsOf(entry, found = new Set()) {
  const { outputs } = site.metafile;
  const { imports } = outputs[Object.keys(outputs).find((path) => path.endsWith(entry))];
  for (const { path, kind } of imports) {
    const part = path.slice(path.lastIndexOf("parts/"));
    if (kind !== "import-statement" || found.has(part)) continue;
    found.add(part);
    partsOf(part, found);
  }
  return found;
}

// A page's head names those of site.js.
const shared = [...partsOf("dist/site.js")].map((part) => `${part}\n`);
await writeFile(here("dist/parts/shared.txt"), shared.join(""));

// What other sites name: a script at the root of the site, under a name that stays. All that it loads is kept by
// browsers under its content. Of several such scripts in a page, the first is the one that does something.
const version = createHash("sha256")
  .update(await readFile(here("dist/embedded.js")))
  .digest("hex");
const parts = [...partsOf("dist/embedded.js")].map((part) => `import("./assets/${part}")`);
await writeFile(
  here("dist/embed.js"),
  `const mark = Symbol.for("underhood-embed");
if (!(mark in globalThis)) {
  globalThis[mark] = true;
  const all = [import("./assets/embedded.js?v=${version.slice(0, 16)}"), ${parts.join(", ")}];
  const [{ start }] = await Promise.all(all);
  start(import.meta.url);
}
`,
);

await cp(here("public"), here("dist"), { recursive: true });
