/** Real listings, and the picture of them. */
import { readFile } from "node:fs/promises";
import type { Locator, Page } from "@playwright/test";
import { chooseMode, expect, paste, snippet } from "./site.ts";

export const PAGE = "/lessons/reading-assembly";

/** Generics, closures and loops, inlined three deep. */
export const PROGRAM = "../../tests/suite/programs/inlined_loops.go";

/** An instruction of a listing, with what the listing says of it. */
export interface Told {
  pc: string;
  place: string;
  text: string;
  bytes: string;
}

/** The functions of a listing, read line by line. */
export function told(listing: string): Map<string, Told[]> {
  const functions = new Map<string, Told[]>();
  let all: Told[] = [];
  let bytes: string[] = [];
  const close = () => {
    all.forEach((one, index) => {
      const end = Number(all[index + 1]?.pc ?? bytes.length);
      one.bytes = bytes.slice(Number(one.pc), end).join(" ");
    });
  };
  let isCode = false;
  for (const line of listing.split("\n")) {
    const [, name] = /^(\S.*) STEXT/.exec(line) ?? [];
    if (/^\S/.test(line)) isCode = name !== undefined;
    if (name !== undefined) {
      close();
      all = [];
      bytes = [];
      functions.set(name, all);
    }
    if (!isCode) continue;
    const [, pc = "", place = "", text = ""] = /^\t0x\w+ (\d+) \((.*?)\)\t(.*)$/.exec(line) ?? [];
    if (text) all.push({ pc: String(Number(pc)), place, text: text.replace("\t", " "), bytes: "" });
    const [, dump] = /^\t0x\w+((?: [0-9a-f]{2})+) {2,}/.exec(line) ?? [];
    if (dump) bytes.push(...dump.trim().split(" "));
  }
  close();
  // Some were inlined everywhere, and have no code of their own.
  return new Map([...functions].filter(([, all]) => all.length > 0));
}

export async function programOf(): Promise<string> {
  return readFile(new URL(PROGRAM, import.meta.url), "utf8");
}

/** Runs other code for its whole listing, and answers with the snippet once it is drawn. */
export async function run(page: Page, site: string, code: string): Promise<Locator> {
  await page.goto(`${site}/lessons/escape-analysis`);
  const lesson = snippet(page, "escape/flow");
  await lesson.scrollIntoViewIfNeeded();
  await paste(page, "escape/flow", code);
  await chooseMode(page, "escape/flow", "Assembly");
  await again(lesson);
  await expect(lesson.locator("assembly-picture .pane h3")).toHaveText([
    /^Code/,
    /^amd64\s[\s\S]*lines$/,
  ]);
  return lesson;
}

export async function again(lesson: Locator): Promise<void> {
  await lesson.getByRole("button", { name: "Run", exact: true }).click();
  await expect(lesson.locator(".status-text")).toContainText(/Finished|does not build/);
}

export async function textOf(lesson: Locator): Promise<string> {
  return (await lesson.locator(".snippet-output pre").textContent()) ?? "";
}

/** The instructions that are drawn in a pane, from its first row to its last; it is scrolled. */
export async function rowsOf(picture: Locator, arch: string): Promise<string[][]> {
  return await picture.locator(`#rows-${arch}`).evaluate(async (list) => {
    const box = list.querySelector(".box");
    const rows = new Map<number, string[]>();
    if (!box) return [];
    for (let top = 0; ; top += box.clientHeight / 2) {
      box.scrollTop = top;
      await new Promise(requestAnimationFrame);
      await new Promise(requestAnimationFrame);
      for (const row of list.querySelectorAll("[data-row]")) {
        if (row.querySelector(".pc")) {
          const cells = [...row.children].map((cell) => cell.textContent ?? "");
          rows.set(Number(row.getAttribute("data-row")), cells);
        }
      }
      if (top > box.scrollHeight) break;
    }
    box.scrollTop = 0;
    return [...rows].sort(([one], [other]) => one - other).map(([, cells]) => cells);
  });
}
