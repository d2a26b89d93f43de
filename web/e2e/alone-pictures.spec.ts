/** Pictures on a page of their own, each from one file and with what the API tells. The others' own tests do the same for them. */
import { readFile } from "node:fs/promises";
import type { Page } from "@playwright/test";
import { expect, test } from "./site.ts";

interface Request {
  source: string;
  mode: string;
  options: Record<string, unknown>;
  env: Record<string, string>;
}

async function example(path: string): Promise<string> {
  return readFile(new URL(`../../examples-go/${path}/main.go`, import.meta.url), "utf8");
}

/** Puts the element on a page that has none, and tells it of these runs. */
async function alone(page: Page, site: string, name: string, requests: Request[]) {
  const runs: { request: Request; events: unknown[] }[] = [];
  for (const request of requests) {
    const response = await page.request.post(`${site}/api/v1/runs`, {
      headers: { Accept: "application/json" },
      data: request,
      timeout: 60_000,
    });
    runs.push({ request, events: ((await response.json()) as { events: unknown[] }).events });
  }
  await page.goto(`${site}/revise`);
  await page.evaluate(
    async ({ name, runs }) => {
      const file = `/assets/pictures/${name}.js`;
      await import(file);
      const picture = document.createElement(`${name}-picture`) as HTMLElement & {
        begin: (request: unknown) => void;
        hear: (event: unknown) => void;
      };
      picture.id = "alone";
      document.querySelector("main")?.prepend(picture);
      for (const { request, events } of runs) {
        picture.begin(request);
        for (const event of events) picture.hear(event);
      }
    },
    { name, runs },
  );
  return page.locator("#alone");
}

test("the heap", async ({ page, site }) => {
  const source = await example("gc/trace");
  const env = { GODEBUG: "gctrace=1" };
  const picture = await alone(page, site, "heap", [{ source, mode: "run", options: {}, env }]);
  await expect(picture.locator(".sentence")).toContainText(/^Cycle \d+/);
  await expect(picture.locator("canvas")).toHaveCount(2);
  // The cycle is read, and nothing is offered that takes a service.
  await expect(picture.getByRole("slider")).toHaveCount(1);
  await expect(picture.locator(".command")).toContainText("GODEBUG=gctrace=1");
});

test("the scheduler", async ({ page, site }) => {
  const source = await example("sched/queues");
  const env = { GODEBUG: "schedtrace=20" };
  const picture = await alone(page, site, "scheduler", [{ source, mode: "run", options: {}, env }]);
  await expect(picture.locator(".sentence")).toContainText(/^At \d+ ms: \d+ Ps/);
  await expect(picture.locator("canvas")).toHaveCount(1);
});

test("escape analysis", async ({ page, site }) => {
  const source = await example("escape/flow");
  const request = { source, mode: "escape", options: { level: 2 }, env: {} };
  const picture = await alone(page, site, "escape", [request]);
  await expect(picture).toContainText("moved to heap: max");
  await expect(picture.getByRole("button", { name: "Count allocations" })).toHaveCount(0);
  await picture.locator("button", { hasText: "Why" }).first().click();
  await expect(picture).toContainText("Step 1 of");
});

test("what changed", async ({ page, site }) => {
  const source = await example("escape/flow");
  const edited = source.replace("current = next\n", "_ = next\n");
  expect(edited).not.toBe(source);
  const requests = [source, edited].map((source) => ({
    source,
    mode: "escape",
    options: {},
    env: {},
  }));
  const picture = await alone(page, site, "changes", requests);
  await expect(picture.locator("section", { hasText: "No longer on the heap" })).toContainText(
    "moved to heap: max",
  );
  // Another setting takes a run.
  await expect(picture.getByRole("combobox").locator("option")).toHaveText(["the run before"]);
});
