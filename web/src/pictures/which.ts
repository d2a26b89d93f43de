/** Which pictures there are, and of which runs. Each is a part of its own, loaded when it is first shown. */
import type { RunRequest } from "../protocol.ts";
import { godebug } from "./godebug.ts";

/** A kind of picture. */
export interface Kind {
  /** The name of its element. */
  element: string;
  /** What it shows, on the button that shows it. */
  label: string;
  /** Whether it has something to say of such a run. */
  isOf: (request: RunRequest) => boolean;
  /** Defines its element. */
  load: () => Promise<unknown>;
}

/** Whether a GODEBUG setting asks the running program for a trace. */
function traces(request: RunRequest, setting: string): boolean {
  return request.mode === "run" && Number(godebug(request).get(setting)) > 0;
}

const kinds: readonly Kind[] = [
  {
    element: "escape-picture",
    label: "On the code",
    isOf: ({ mode }) => mode === "escape" || mode === "bounds",
    load: () => import("./escape/index.ts"),
  },
  {
    element: "assembly-picture",
    label: "Code and instructions",
    isOf: ({ mode }) => mode === "asm",
    load: () => import("./assembly/index.ts"),
  },
  {
    element: "changes-picture",
    label: "What changed",
    isOf: ({ mode }) => ["escape", "bounds", "asm"].includes(mode),
    load: () => import("./changes/index.ts"),
  },
  {
    element: "benchmarks-picture",
    label: "Measurements",
    isOf: ({ mode }) => mode === "bench",
    load: () => import("./benchmarks/index.ts"),
  },
  {
    element: "sizes-picture",
    label: "Sizes",
    isOf: ({ mode, options }) => mode === "build" || (mode === "nm" && !options.func),
    load: () => import("./sizes/index.ts"),
  },
  {
    element: "layout-picture",
    label: "Bytes",
    isOf: ({ mode }) => mode === "layout",
    load: () => import("./layout/index.ts"),
  },
  {
    element: "passes-picture",
    label: "Passes",
    isOf: ({ mode }) => mode === "ssa",
    load: () => import("./passes/index.ts"),
  },
  {
    element: "heap-picture",
    label: "Heap over time",
    isOf: (request) => traces(request, "gctrace"),
    load: () => import("./heap/index.ts"),
  },
  {
    element: "scheduler-picture",
    label: "Scheduler over time",
    isOf: (request) => traces(request, "schedtrace"),
    load: () => import("./scheduler/index.ts"),
  },
];

/** The pictures of a run, the one that says most first. */
export function picturesOf(request: RunRequest): readonly Kind[] {
  return kinds.filter((kind) => kind.isOf(request));
}
