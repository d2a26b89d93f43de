/** Why a service could not be reached. A browser tells a page only that; what else it lets one see is put together here. */

/** What was forbidden by this page's own policy: a browser says so of a connection only as an event of the document. */
const forbidden = new Set<string>();

/** Listens from now on. */
export function followPolicy(): void {
  document.addEventListener("securitypolicyviolation", ({ effectiveDirective, blockedURI }) => {
    if (effectiveDirective === "connect-src" && URL.canParse(blockedURI))
      forbidden.add(new URL(blockedURI).origin);
  });
}

/** How long a service may take to show that it is there, in ms. */
const patience = 5000;

/** Says why, in a sentence or two. The script is there for pages of every origin; the API is not. */
export async function whyUnreachable(service: string): Promise<string> {
  const { origin, host } = new URL(service);
  await nextTask();
  if (forbidden.has(origin)) return `${byPolicy(origin)}.`;
  if (location.protocol === "https:" && service.startsWith("http:"))
    return `This page came over HTTPS, so it can only ask a service over HTTPS, and ${host} is not.`;
  try {
    const signal = AbortSignal.timeout(patience);
    const { ok } = await fetch(`${service}/embed.js`, { cache: "no-store", signal });
    if (ok) return `${host} runs no code for this page. ${forOperators()}`;
  } catch {
    // Not there either.
  }
  if (forbidden.has(origin)) return `${byPolicy(origin)}.`;
  return `${host} cannot be reached. Check the connection, then run it again.`;
}

/** The event comes in a task of its own, after the refusal of a fetch. */
function nextTask(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve));
}

function byPolicy(origin: string): string {
  return `This page's Content-Security-Policy lets it connect to no ${origin}: its connect-src has to list that`;
}

function forOperators(): string {
  return location.origin === "null"
    ? "It has no origin that a service could allow, as a file has none: put it on a server."
    : `Its operator allows that with serve --allow-origin ${location.origin}.`;
}
