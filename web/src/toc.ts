/** Marks the heading that is being read in the table of contents. */

/** Watches the headings that the contents name. Does nothing on a page without contents. */
export function followContents(): void {
  const links = new Map<Element, HTMLAnchorElement>();
  for (const link of document.querySelectorAll<HTMLAnchorElement>(".toc a")) {
    const heading = document.getElementById(decodeURIComponent(link.hash.slice(1)));
    if (heading) links.set(heading, link);
  }
  if (links.size === 0) return;

  openBesideText();

  const mark = () => {
    // The last heading above the upper third of the window is the one being read.
    const line = innerHeight / 3;
    let current: Element | undefined;
    for (const heading of links.keys()) {
      if (heading.getBoundingClientRect().top <= line) current = heading;
    }
    // The last section may be too short to get there.
    const { scrollHeight } = document.documentElement;
    if (scrollY > 0 && innerHeight + scrollY >= scrollHeight - 2)
      current = [...links.keys()].at(-1);
    for (const [heading, link] of links) {
      if (heading === current) link.setAttribute("aria-current", "true");
      else link.removeAttribute("aria-current");
    }
  };

  let waiting = false;
  const soon = () => {
    if (waiting) return;
    waiting = true;
    requestAnimationFrame(() => {
      waiting = false;
      mark();
    });
  };
  addEventListener("scroll", soon, { passive: true });
  addEventListener("resize", soon, { passive: true });
  mark();
}

/** On a wide window the styles show the contents in any case: the element has to say so too. */
function openBesideText(): void {
  const details = document.querySelector<HTMLDetailsElement>(".toc details");
  const wide = matchMedia("(width >= 76rem)");
  const follow = () => {
    if (details) details.open = wide.matches;
  };
  wide.addEventListener("change", follow);
  follow();
}
