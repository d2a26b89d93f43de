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

/** Calls `changed` whenever the page or the system may have got another theme. Returns what ends that. */
export function watchTheme(changed: () => void): () => void {
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const root = new MutationObserver(changed);
  root.observe(document.documentElement, { attributeFilter: ["data-theme", "class", "style"] });
  dark.addEventListener("change", changed);
  return () => {
    root.disconnect();
    dark.removeEventListener("change", changed);
  };
}
