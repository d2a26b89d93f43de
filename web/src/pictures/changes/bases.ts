/** What a run can be compared with: the same code under another setting. */
import type { RunRequest } from "../../protocol.ts";

/** A setting that is one choice away from that of a run. */
export interface Base {
  label: string;
  /** Bases of one kind stand together. */
  kind: string;
  request: RunRequest;
}

/** What `GET /api/v1/toolchains` tells of each. */
export interface Toolchain {
  go: string;
  goexperiment: readonly string[];
}

/** The toolchains in the service's answer; none where it is not understood. */
export function toolchainsIn(answer: unknown): Toolchain[] {
  const all = (answer as { toolchains?: unknown } | null)?.toolchains;
  if (!Array.isArray(all)) return [];
  return all.filter(
    ({ go, goexperiment }) => typeof go === "string" && Array.isArray(goexperiment),
  );
}

/** The settings on offer for a run that used the toolchain `go`, as `go1.27.3`. */
export function bases(request: RunRequest, go: string, toolchains: readonly Toolchain[]): Base[] {
  const { mode, options, env } = request;
  const isOff = (name: string) => options[name] === false || options[name] === "off";
  const flag = (name: string, off: string, on: string): Base => ({
    kind: "Flags",
    label: isOff(name) ? on : off,
    request: { ...request, options: { ...options, [name]: isOff(name) } },
  });
  const found: Base[] = [];
  if (mode === "escape")
    found.push(flag("inline", "a build without inlining (-l)", "a build with inlining"));
  if (mode === "asm")
    found.push(flag("optimise", "a build without optimisations (-N -l)", "an optimised build"));
  if (mode === "asm" && (options.arch ?? "amd64") === "amd64") {
    const now = options.goamd64 ?? "v1";
    for (const level of ["v1", "v2", "v3", "v4"].filter((level) => level !== now))
      found.push({
        kind: "GOAMD64",
        label: `GOAMD64=${level}`,
        request: { ...request, options: { ...options, goamd64: level } },
      });
  }
  const used = (toolchain: Toolchain) => go === toolchain.go || go === `go${toolchain.go}`;
  for (const { go: other } of toolchains.filter((toolchain) => !used(toolchain)))
    found.push({
      kind: "Go",
      label: other.startsWith("go") ? other : `go${other}`,
      request: { ...request, go: other },
    });
  const words = toolchains.find(used)?.goexperiment ?? [];
  const set = (env.GOEXPERIMENT ?? "").split(",").filter((word) => word !== "");
  for (const word of words.filter((word) => !set.includes(word)))
    found.push({
      kind: "GOEXPERIMENT",
      label: `GOEXPERIMENT=${word}`,
      request: { ...request, env: { ...env, GOEXPERIMENT: [...set, word].join(",") } },
    });
  return found;
}
