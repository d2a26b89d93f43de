/** Where in a page a reader is, in words that hold when text is added above. */

/** A part of the page, and how far its top is from that of the window, in pixels. */
export interface ReadingPlace {
  /** Empty above the first part that has one. */
  id: string;
  offset: number;
}

const parts = "main :is(h2, h3, go-snippet, section)[id]";

/** The last part that begins above the middle of the window. */
export function readPlace(): ReadingPlace {
  const middle = window.innerHeight / 2;
  const above = [...document.querySelectorAll(parts)].filter(
    (part) => part.getBoundingClientRect().top < middle,
  );
  const part = above.at(-1);
  return part
    ? { id: part.id, offset: part.getBoundingClientRect().top }
    : { id: "", offset: -window.scrollY };
}

/** Scrolls there at once; a part that is gone leaves the page where it is. */
export function showPlace({ id, offset }: ReadingPlace): void {
  const part = id ? document.getElementById(id) : document.body;
  if (!part) return;
  const top = window.scrollY + part.getBoundingClientRect().top - offset;
  window.scrollTo({ top, behavior: "instant" });
}
