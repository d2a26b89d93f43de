/** The whole site as a reader clicks through it: every page, and every run of every snippet on it. */
import type { Locator, Page } from "@playwright/test";
import { expect, listen, streamOf, test } from "./site.ts";

/** What an author expects of an output, as the API tells it. */
interface Expected {
  match: string;
  stream: "stdout" | "stderr" | null;
  min: number;
  max: number | null;
  /** Go versions that it is for: `>=1.26, <1.28`, or `*`. */
  go: string;
}

interface Variant {
  name: string;
  /** The status that its run should end with. */
  exit: string;
  expect: Expected[];
}

interface Example {
  path: string;
  variants: Variant[];
}

/** How many pages are at work at a time; a client may have twice as many runs in the queue. */
const TABS = 4;

/** So many examples a lesson has to have. */
const FEWEST = 5;

/** How long a run may take in ms, with the limits of a build and a program and what it waits for. */
const PATIENCE = 60_000;

test("every page opens, and every snippet ends in each variant as its author expects", async ({
  page,
  context,
  site,
}) => {
  test.setTimeout(600_000);
  const ask = async (path: string) => (await page.request.get(`${site}/api/v1/${path}`)).json();
  const examples: Example[] = await ask("examples");
  const go: string = (await ask("toolchains")).toolchains[0].go;
  const wrong: string[] = [];

  // Pages lead to more pages; those with snippets are looked at again.
  const paths = new Set(["/"]);
  const withSnippets: string[] = [];
  const faults = listen(page);
  for (const path of paths) {
    const response = await page.goto(site + path);
    if (response?.status() !== 200) wrong.push(`${path}: it answers ${response?.status()}`);
    for (const link of await links(page)) paths.add(link);
    const count = await page.locator("go-snippet").count();
    if (count > 0) withSnippets.push(path);
    if (path.startsWith("/lessons/") && count < FEWEST) wrong.push(`${path}: ${count} snippets`);
    wrong.push(...faults.splice(0).map((fault) => `${path}: ${fault}`));
  }

  const ran = new Set<string>();
  const visit = async (tab: Page, path: string) => {
    await tab.goto(site + path);
    for (const snippet of await tab.locator("go-snippet").all()) {
      const id = await snippet.getAttribute("id");
      const variants = examples.find((example) => example.path === id)?.variants ?? [];
      for (const variant of variants) {
        const name = `${id} ${variant.name}`;
        ran.add(name);
        const found = await run(snippet, variant, go);
        wrong.push(...found.map((what) => `${path}: ${name}: ${what}`));
      }
    }
  };
  const work = async () => {
    const tab = await context.newPage();
    const faults = listen(tab);
    for (let path = withSnippets.pop(); path !== undefined; path = withSnippets.pop()) {
      await visit(tab, path);
      wrong.push(...faults.splice(0).map((fault) => `${path}: ${fault}`));
    }
    await tab.close();
  };
  await Promise.all(Array.from({ length: TABS }, work));

  expect(wrong).toEqual([]);
  const all = examples.flatMap((example) =>
    example.variants.map((variant) => `${example.path} ${variant.name}`),
  );
  expect([...ran].sort()).toEqual(all.sort());
});

/** Pages of the site that this one leads to. */
async function links(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const anchors = [...document.querySelectorAll<HTMLAnchorElement>("a[href]")];
    // A document is no page, and a browser looks in vain for its icon.
    const isPage = (anchor: HTMLAnchorElement) =>
      !anchor.download && !anchor.pathname.endsWith(".json");
    const own = anchors.filter((anchor) => anchor.origin === location.origin && isPage(anchor));
    return own.map((anchor) => anchor.pathname);
  });
}

/** Chooses the variant, presses Run, and says what is not as expected. */
async function run(snippet: Locator, variant: Variant, go: string): Promise<string[]> {
  // With one way of running it there is nothing to choose.
  const choice = snippet.locator(`input[type=radio][value="${variant.name}"]`);
  if ((await choice.count()) > 0) await choice.check();
  await snippet.getByRole("button", { name: "Run", exact: true }).click();
  await snippet.locator(".status:not(.busy)").waitFor({ timeout: PATIENCE });
  const ending = (await snippet.locator(".status-text").textContent()) ?? "";
  const endings = await snippet.evaluate(
    () => JSON.parse(document.getElementById("underhood-page")?.textContent ?? "").endings,
  );
  const stdout = await streamOf(snippet, "stdout");
  const stderr = await streamOf(snippet, "stderr");
  if (!isSentence(endings[variant.exit], ending)) {
    return [`it is to end as ${variant.exit}, not with: ${ending}\n${head(stderr || stdout)}`];
  }
  const outputs = { stdout, stderr };
  return variant.expect.flatMap(({ match, stream, min, max, go: versions }) => {
    if (!holdsFor(versions, go)) return [];
    const output = stream ? outputs[stream] : `${stdout}\n${stderr}`;
    const count = [...output.matchAll(new RegExp(match, "gm"))].length;
    const fits = min <= count && count <= (max ?? Number.POSITIVE_INFINITY);
    if (fits) return [];
    return [`${match}: ${count} times, not ${min} to ${max ?? "many"}, in\n${head(output)}`];
  });
}

/** As much of an output as tells what it is. */
function head(output: string): string {
  return output.split("\n").slice(0, 12).join("\n");
}

/** Whether a text is the sentence, whose blanks such as `{code}` may hold anything. */
function isSentence(sentence: string, text: string): boolean {
  let rest = text;
  return sentence.split(/\{\w+\}/).every((part, index) => {
    const at = rest.indexOf(part);
    rest = rest.slice(at + part.length);
    return index === 0 ? at === 0 : at > 0;
  });
}

/** Whether a toolchain such as `go1.27.3` is one of the versions: `>=1.26, <1.28`, or `*` for all. */
function holdsFor(versions: string, go: string): boolean {
  const minor = Number(go.split(".")[1]);
  return versions.split(",").every((part) => {
    const [, sign, number] = /^\s*([<>=]*)(?:\*|1\.(\d+))$/.exec(part) ?? [];
    const difference = minor - Number(number ?? minor);
    if (difference === 0) return sign !== "<" && sign !== ">";
    return number === undefined || sign?.startsWith(difference < 0 ? "<" : ">");
  });
}
