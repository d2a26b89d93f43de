/** The listings of a picture: asked for, here, or not to be had. */
import type { ArtifactEvent, RunRequest } from "../../protocol.ts";
import type { Desk } from "../picture.ts";
import { readInlining } from "./inlining.ts";
import { type Listing, listingOf } from "./model.ts";

/** A listing for an architecture. */
export interface Asked {
  readonly arch: string;
  listing: Listing | null;
  /** Whether the stacks of inlined calls are asked for, here, or not to be had. */
  inlining: "unasked" | "asked" | "known" | "unknown";
  /** Why there is nothing to show; empty where there is. */
  said: string;
  /** Whether the listing was longer than an output may be. */
  isCut: boolean;
  /** The keys of the folded parts that are open. */
  readonly open: Set<string>;
}

/** What the compiler answers. */
export interface Answer {
  text: string;
  inlining: ArtifactEvent | null;
  isMade: boolean;
  isCut: boolean;
}

/** The file in which a run tells the stacks of inlined calls. */
const INLINING = "inlining.json";

/** One that is asked for; `said` stands in its place until it is here. */
export function begun(arch: string, said: string): Asked {
  return { arch, listing: null, inlining: "unasked", said, isCut: false, open: new Set() };
}

/** Whether a file is that with the stacks. */
export function isInlining({ name }: ArtifactEvent): boolean {
  return name === INLINING;
}

/** Reads a listing. */
export function list(asked: Asked, text: string): void {
  asked.listing = listingOf(text, asked.arch);
  // As in one that was kept without what varies from run to run.
  const isBare = asked.listing.functions.length === 0;
  asked.said = isBare
    ? "This listing has no addresses, so nothing is drawn of it. The text below has all of it."
    : "";
}

/** Takes in the stacks of a listing that is here. */
export function understand(asked: Asked, artifact: ArtifactEvent | null): void {
  const { listing } = asked;
  if (!listing || !artifact) {
    asked.inlining = "unknown";
    return;
  }
  asked.listing = { ...listing, stacks: readInlining(artifact.text, listing.functions) };
  asked.inlining = "known";
}

/** Runs the compiler for a listing of all functions, with their stacks. */
export async function compile(
  run: NonNullable<Desk["run"]>,
  request: RunRequest,
  arch: string,
  signal: AbortSignal,
): Promise<Answer> {
  const answer: Answer = { text: "", inlining: null, isMade: false, isCut: false };
  try {
    for await (const event of run(withInlining(request, arch), signal)) {
      if (event.type === "stdout") answer.text += event.text;
      if (event.type === "artifact" && isInlining(event)) answer.inlining = event;
      if (event.type === "truncated") answer.isCut = true;
      // A listing that is cut is one all the same.
      if (event.type === "exit") answer.isMade = ["ok", "output_limit"].includes(event.status);
    }
  } catch {
    // A service that is gone or refuses: the picture says what it lacks.
  }
  return answer;
}

function withInlining(request: RunRequest, arch: string): RunRequest {
  const { goamd64, func: _, ...options } = request.options;
  const level = arch === "amd64" && goamd64 !== undefined ? { goamd64 } : {};
  return { ...request, options: { ...options, ...level, arch, inlining: "on" } };
}
