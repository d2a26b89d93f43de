/** Which pictures there are, and of which runs. Each is a part of its own, loaded when it is first shown. */
import type { RunRequest } from "../protocol.ts";

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

/** The settings of a GODEBUG variable. */
export function godebug({ env }: RunRequest): Map<string, string> {
  const pairs = (env.GODEBUG ?? "").split(",").map((pair) => pair.split("=", 2));
  return new Map(pairs.map(([name = "", value = ""]) => [name.trim(), value.trim()]));
}

const kinds: readonly Kind[] = [
  {
    element: "assembly-picture",
    label: "Code and instructions",
    isOf: ({ mode }) => mode === "asm",
    load: () => import("./assembly/index.ts"),
  },
];

/** The pictures of a run, the one that says most first. */
export function picturesOf(request: RunRequest): readonly Kind[] {
  return kinds.filter((kind) => kind.isOf(request));
}
