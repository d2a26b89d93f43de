/** Keeps typed code over a reload, in this tab only. */

/** Typed code of one snippet, as long as the tab lives. Storage may be switched off: then nothing is kept. */
export class Draft {
  readonly #key: string;

  constructor(id: string) {
    this.#key = `underhood-draft:${location.pathname}:${id}`;
  }

  /** The code typed before, if it differs from what the page brought. */
  read(): string | null {
    try {
      return sessionStorage.getItem(this.#key);
    } catch {
      return null;
    }
  }

  /** Keeps `text`; null forgets it. */
  write(text: string | null): void {
    try {
      if (text === null) sessionStorage.removeItem(this.#key);
      else sessionStorage.setItem(this.#key, text);
    } catch {
      // Storage is off or full: the code is then only in the editor.
    }
  }
}
