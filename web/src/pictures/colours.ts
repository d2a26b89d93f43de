/** Colours for what is drawn on a canvas, where CSS variables are not known. */

/** Resolves CSS colours against an element, and remembers them until the theme changes. */
export class Colours {
  readonly #known = new Map<string, string>();

  /** `probe` stands in the page, is not seen, and takes each colour once. */
  constructor(private readonly probe: HTMLElement) {}

  /** A colour such as `var(--heap, currentcolor)`, as a canvas takes it. */
  of(colour: string): string {
    let known = this.#known.get(colour);
    if (known === undefined) {
      this.probe.style.color = colour;
      known = getComputedStyle(this.probe).color;
      this.#known.set(colour, known);
    }
    return known;
  }

  forget(): void {
    this.#known.clear();
  }
}

/**
 * Calls `changed` whenever the page, what `element` stands in, or the system may have got another theme. Returns what
 * ends that.
 */
export function watchTheme(element: Element, changed: () => void): () => void {
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const watch = new MutationObserver(changed);
  const attributeFilter = ["data-theme", "theme", "class", "style"];
  for (const at of [document.documentElement, document.body, ...hostsOf(element)])
    watch.observe(at, { attributeFilter });
  dark.addEventListener("change", changed);
  return () => {
    watch.disconnect();
    dark.removeEventListener("change", changed);
  };
}

/** The elements in whose shadows it stands, the nearest first. */
function hostsOf(element: Element): Element[] {
  const root = element.getRootNode();
  return root instanceof ShadowRoot ? [root.host, ...hostsOf(root.host)] : [];
}
