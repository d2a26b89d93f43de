/** Which decisions are others than before. By what was decided and where, with lines followed through the edit. */
import { keptLines } from "../../line-map.ts";
import { comparable, functions, type Outcome, type Said } from "./outcome.ts";

/** A decision that only one of the two runs made. */
export interface Change {
  kind: "new" | "gone";
  said: Said;
  /** Whether its line is in one of the two sources only. */
  isOwnLine: boolean;
  /** Where it is in the newer source; null where its line is gone. */
  line: number | null;
}

/** Changes that say the same of different places. */
export interface Group {
  title: string;
  changes: readonly Change[];
}

/** How two runs differ. */
export interface Comparison {
  groups: readonly Group[];
  changed: number;
  same: number;
  /** Functions whose instructions are others, with those that are more or fewer. */
  functions: readonly { name: string; before: number; after: number; ops: readonly Tally[] }[];
}

/** How often an instruction is there. */
export interface Tally {
  op: string;
  before: number;
  after: number;
}

/** What is new and what is gone, for each code: titles in the order in which they are shown. */
const titles: Record<string, [string, string]> = {
  heap: ["Now on the heap", "No longer on the heap"],
  "call heap": ["Now calls the allocator", "No longer calls the allocator"],
  leak: ["Parameters that leak now", "Parameters that leak no longer"],
  stack: ["Now stays on the stack", "No longer said to stay on the stack"],
  "inlined-call": ["Calls inlined now", "Calls no longer inlined"],
  inline: ["Can be inlined now", "Can no longer be inlined"],
  "no-inline": ["Not inlined now", "No longer refused to be inlined"],
  devirtualised: ["Devirtualised now", "No longer devirtualised"],
  "bounds-kept": ["Bounds checks now in the program", "Bounds checks gone from the program"],
  "call bounds": [
    "Bounds checks now in the machine code",
    "Bounds checks gone from the machine code",
  ],
  "bounds-proved": ["Bounds checks now proved away", "Bounds checks no longer proved away"],
  call: ["Calls in the machine code now", "Calls gone from the machine code"],
};
const others: [string, string] = ["Also said now", "No longer said"];

/** How `after` differs from `before`. */
export function compare(before: Outcome, after: Outcome): Comparison {
  const kept = keptLines(before.request.source, after.request.source);
  const stayed = new Set(kept.values());
  const [old, now] = comparable(before, after);
  const key = ({ code, subject, column }: Said, line: number | string) =>
    `${code} ${line}:${column ?? ""} ${subject}`;
  // A line that reads as before: the same place.
  const first = match(
    old,
    now,
    (said) => key(said, kept.get(said.line) ?? "gone"),
    (said) => (stayed.has(said.line) ? key(said, said.line) : key(said, "new")),
    (said) => kept.has(said.line),
  );
  // A line that was edited: the same function.
  const names = [functions(before.request.source), functions(after.request.source)] as const;
  const inFunction = ({ code, subject, line }: Said, at: 0 | 1) =>
    `${code} ${names[at].get(line) ?? ""} ${subject}`;
  const second = match(
    first.old.filter(({ line }) => !kept.has(line)),
    first.now.filter(({ line }) => !stayed.has(line)),
    (said) => inFunction(said, 0),
    (said) => inFunction(said, 1),
    () => true,
  );
  const gone = [...first.old.filter(({ line }) => kept.has(line)), ...second.old];
  const come = [...first.now.filter(({ line }) => stayed.has(line)), ...second.now];
  const changes: Change[] = [
    ...come.map((said) => ({
      kind: "new" as const,
      said,
      isOwnLine: !stayed.has(said.line),
      line: said.line,
    })),
    ...gone.map((said) => {
      const line = kept.get(said.line) ?? null;
      return { kind: "gone" as const, said, isOwnLine: line === null, line };
    }),
  ];
  return {
    groups: grouped(changes),
    changed: changes.length,
    same: now.length - come.length,
    functions: tallies(before, after),
  };
}

/** Takes out what is on both sides under the same key, as often as it is on both. */
function match(
  old: readonly Said[],
  now: readonly Said[],
  oldKey: (said: Said) => string,
  nowKey: (said: Said) => string,
  canMatch: (old: Said) => boolean,
): { old: Said[]; now: Said[] } {
  const waiting = new Map<string, Said[]>();
  const left: Said[] = [];
  for (const said of old) {
    if (!canMatch(said)) {
      left.push(said);
      continue;
    }
    const same = waiting.get(oldKey(said));
    if (same) same.push(said);
    else waiting.set(oldKey(said), [said]);
  }
  const unmatched = now.filter((said) => !waiting.get(nowKey(said))?.shift());
  return { old: [...left, ...[...waiting.values()].flat()], now: unmatched };
}

function grouped(changes: readonly Change[]): Group[] {
  const all = [...Object.entries(titles), ["", others] as const];
  return all.flatMap(([code, [come, gone]]) =>
    (["new", "gone"] as const).flatMap((kind) => {
      const own = changes.filter(
        (change) =>
          change.kind === kind &&
          (code === "" ? !(change.said.code in titles) : change.said.code === code),
      );
      if (own.length === 0) return [];
      const sorted = own.toSorted((a, b) => a.said.line - b.said.line);
      return [{ title: kind === "new" ? come : gone, changes: sorted }];
    }),
  );
}

function tallies(before: Outcome, after: Outcome): Comparison["functions"] {
  const names = new Set([...before.instructions.keys(), ...after.instructions.keys()]);
  const sum = (ops: ReadonlyMap<string, number>) => [...ops.values()].reduce((a, b) => a + b, 0);
  return [...names].flatMap((name) => {
    const [old, now] = [before, after].map(
      (run) => run.instructions.get(name) ?? new Map<string, number>(),
    );
    if (!old || !now) return [];
    const ops = [...new Set([...old.keys(), ...now.keys()])]
      .map((op) => ({ op, before: old.get(op) ?? 0, after: now.get(op) ?? 0 }))
      .filter((tally) => tally.before !== tally.after)
      .sort((a, b) => a.op.localeCompare(b.op));
    return ops.length > 0 ? [{ name, before: sum(old), after: sum(now), ops }] : [];
  });
}
