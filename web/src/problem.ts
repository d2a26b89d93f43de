/** Turns a refused answer into plain words. */
import type { Problem } from "./protocol.ts";

const titles: Record<number, string> = {
  400: "The request could not be read",
  413: "The code is too large",
  422: "This is not allowed",
  429: "Too many runs at once",
  503: "No room for another run just now",
};

/** Whether the service itself refused something; else something in front of it did. */
export function isProblem(response: Response): boolean {
  return (response.headers.get("content-type") ?? "").startsWith("application/problem+json");
}

/** Reads a problem document; an answer that is none still gives a title. */
export async function readProblem(response: Response): Promise<Problem> {
  let document: Record<string, unknown> = {};
  try {
    const value: unknown = await response.json();
    if (typeof value === "object" && value !== null) document = value as Record<string, unknown>;
  } catch {
    // A proxy in between may answer in HTML: the status alone has to do.
  }
  const text = (key: string) => (typeof document[key] === "string" ? document[key] : "");
  const allowed = Array.isArray(document.allowed) ? document.allowed.map(String) : [];
  const problem: Problem = {
    status: response.status,
    title: text("title") || titles[response.status] || `The server answered ${response.status}`,
    detail: text("detail"),
    allowed,
  };
  const wait = retryAfter(response.headers.get("retry-after"), Date.now());
  return wait === undefined ? problem : { ...problem, retryAfter: wait };
}

/** Seconds that a Retry-After header asks for: it holds either seconds or a date. `now` is in ms. */
export function retryAfter(header: string | null, now: number): number | undefined {
  if (!header) return undefined;
  if (/^\d+$/.test(header.trim())) return Number(header);
  const date = Date.parse(header);
  return Number.isNaN(date) ? undefined : Math.max(0, Math.ceil((date - now) / 1000));
}
