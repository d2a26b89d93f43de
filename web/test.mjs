// Bundles each test file and hands them to Node's own test runner (Node 18 cannot read TypeScript).
import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const tests = fileURLToPath(new URL("test", import.meta.url));
const cache = fileURLToPath(new URL("node_modules/.test-", import.meta.url));
const out = mkdtempSync(cache);
const names = readdirSync(tests).filter((name) => name.endsWith(".test.ts"));

try {
  await build({
    bundle: true,
    platform: "node",
    format: "esm",
    target: "node18",
    sourcemap: "inline",
    outExtension: { ".js": ".mjs" },
    entryPoints: names.map((name) => join(tests, name)),
    outdir: out,
    logLevel: "warning",
  });
  const files = names.map((name) => join(out, name.replace(/\.ts$/, ".mjs")));
  const { status } = spawnSync(process.execPath, ["--enable-source-maps", "--test", ...files], {
    stdio: "inherit",
  });
  process.exitCode = status ?? 1;
} finally {
  rmSync(out, { recursive: true, force: true });
}
