/** The same as a table: the functions in numbers, or the instructions of those that were chosen. Pure. */
import type { LongTable } from "../long-table.ts";
import type { Fold } from "./folds.ts";
import { plainName } from "./inlining.ts";
import type { Pane } from "./pane.ts";

/** A function, or one instruction of it. */
interface Row {
  pane: Pane;
  func: number;
  /** -1 for the function as a whole. */
  at: number;
}

type Columns = LongTable<Row>["columns"];

const folded =
  (fold: Fold) =>
  ({ pane, func }: Row): number =>
    pane.listing.folds[func]?.filter((one) => one === fold).length ?? 0;

const ofFunctions: Columns = [
  ["Function", ({ pane, func }) => plainName(pane.func(func)?.name ?? ""), "mono"],
  ["For", ({ pane }) => pane.listing.arch, ""],
  ["Bytes", ({ pane, func }) => pane.func(func)?.size ?? 0],
  ["Lines", ({ pane, func }) => pane.func(func)?.instructions.length ?? 0],
  ["Stack check", folded("stack")],
  ["PCDATA, FUNCDATA", folded("notes")],
  ["Panic tails", folded("panics")],
];

const ofInstructions: Columns = [
  ["For", ({ pane }) => pane.listing.arch, ""],
  ["Offset", ({ pane, func, at }) => pane.instruction(func, at)?.pc ?? 0],
  ["Lines, the innermost first", ({ pane, func, at }) => pane.places(func, at), ""],
  [
    "Instruction",
    ({ pane, func, at }) => {
      const one = pane.instruction(func, at);
      return one ? `${one.operation} ${one.operands}`.trimEnd() : "";
    },
    "mono",
  ],
  ["Machine code", ({ pane, func, at }) => pane.bytes(func, at), "mono"],
];

/** The whole table: all functions that are shown, or with `isOne` each instruction of them. */
export function tableOf(
  panes: readonly Pane[],
  isOne: boolean,
): Pick<LongTable<Row>, "caption" | "columns" | "rows"> {
  const functions = panes.flatMap((pane) => pane.order.map((func) => ({ pane, func, at: -1 })));
  if (!isOne) return { caption: "Functions", columns: ofFunctions, rows: functions };
  const rows = functions.flatMap(({ pane, func }) =>
    (pane.func(func)?.instructions ?? []).map((_, at) => ({ pane, func, at })),
  );
  return { caption: "Instructions", columns: ofInstructions, rows };
}
