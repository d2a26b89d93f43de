/** What GODEBUG says. Pure. */
import type { RunRequest } from "../protocol.ts";

/** The settings of a GODEBUG variable. */
export function godebug({ env }: RunRequest): Map<string, string> {
  const pairs = (env.GODEBUG ?? "").split(",").map((pair) => pair.split("=", 2));
  return new Map(pairs.map(([name = "", value = ""]) => [name.trim(), value.trim()]));
}
