/** Which addresses a site keeps in the browser. Pure. */

/**
 * What runs code or tells of this moment; a form's answer is no page. What a stranger shared is as its operator has it now,
 * and that may be deleted.
 */
const live = /^(api|-|run|s|healthz|readyz)(\/|$)/;

/** Whether an address is a page or a file of the site whose home is `scope`. */
export function isKept(url: string, scope: string): boolean {
  if (!url.startsWith(scope)) return false;
  return !live.test(new URL(url).pathname.slice(new URL(scope).pathname.length));
}

/** Whether another content would have another address. */
export function isVersioned(url: string): boolean {
  const { pathname, searchParams } = new URL(url);
  return searchParams.has("v") || /\/assets\/parts\//.test(pathname);
}

/** Whether a page, a script or a style sheet names a file, with its version if it has one. */
export function mentions(text: string, url: string): boolean {
  const name = url.slice(url.lastIndexOf("/") + 1);
  return text.includes(name);
}
