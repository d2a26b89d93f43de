/** The dialog of the search. It and the index are loaded when it is first opened. */
import { html, nothing, render } from "lit";
import { type Hit, type Index, type Marked, SearchIndex } from "./search-index.ts";

/** What it shows. */
interface State {
  query: string;
  hits: Hit[];
  /** Which of them Enter opens. */
  chosen: number;
  /** The index is on its way, here, or could not be had. */
  phase: "loading" | "ready" | "failed";
}

/** The site's own root: its pages may lie below a folder, and know the way home. */
const home = document.querySelector<HTMLAnchorElement>("a.wordmark")?.href ?? location.href;
const indexAddress = new URL("search.json", home);

class SearchDialog {
  readonly #dialog = document.createElement("dialog");
  #index: SearchIndex | null = null;
  #state: State = { query: "", hits: [], chosen: 0, phase: "loading" };

  constructor() {
    this.#dialog.className = "search";
    this.#dialog.setAttribute("aria-label", "Search");
    // Beside the box is the backdrop.
    this.#dialog.addEventListener("click", ({ target }) => {
      if (target === this.#dialog) this.#dialog.close();
    });
    document.body.append(this.#dialog);
  }

  open(): void {
    if (!this.#index) void this.#load();
    this.#show({});
    this.#dialog.showModal();
    this.#dialog.querySelector("input")?.select();
  }

  async #load(): Promise<void> {
    this.#show({ phase: "loading" });
    try {
      const response = await fetch(indexAddress);
      if (!response.ok) throw new Error(response.statusText);
      this.#index = new SearchIndex((await response.json()) as Index);
      this.#show({ phase: "ready" });
      this.#find(this.#state.query);
    } catch {
      this.#show({ phase: "failed" });
    }
  }

  #find(query: string): void {
    this.#show({ query, hits: this.#index?.find(query) ?? [], chosen: 0 });
    this.#dialog.querySelector(".hits")?.scrollTo({ top: 0, behavior: "instant" });
  }

  readonly #key = (event: KeyboardEvent): void => {
    const { hits, chosen } = this.#state;
    const steps: Record<string, number> = { ArrowDown: 1, ArrowUp: -1 };
    const step = steps[event.key];
    if (step !== undefined && hits.length > 0) {
      event.preventDefault();
      this.#show({ chosen: (chosen + step + hits.length) % hits.length });
      this.#dialog.querySelector("[aria-selected=true]")?.scrollIntoView({ block: "nearest" });
    } else if (event.key === "Enter" && !event.isComposing) {
      event.preventDefault();
      this.#dialog.querySelector<HTMLAnchorElement>("[aria-selected=true]")?.click();
    }
  };

  #show(change: Partial<State>): void {
    this.#state = { ...this.#state, ...change };
    const { query, hits, chosen } = this.#state;
    render(
      html`<div class="search-box">
        <div class="search-field">
          <input
            type="text" role="combobox" aria-label="Search all pages" placeholder="Search all pages"
            aria-expanded=${hits.length > 0} aria-controls="search-hits" aria-autocomplete="list"
            aria-activedescendant=${hits.length > 0 ? `search-hit-${chosen}` : nothing}
            autocomplete="off" autocapitalize="off" autocorrect="off" spellcheck="false" enterkeyhint="go"
            .value=${query}
            @input=${({ target }: InputEvent) => this.#find((target as HTMLInputElement).value)}
            @keydown=${this.#key}
          />
          <form method="dialog"><button class="button quiet small">Close</button></form>
        </div>
        <p class="search-said" role="status">${this.#said()}</p>
        <div class="hits" id="search-hits" role="listbox" aria-label="Found" ?hidden=${hits.length === 0}>
          ${hits.map((hit, index) => this.#hit(hit, index))}
        </div>
      </div>`,
      this.#dialog,
    );
  }

  #said(): string {
    const { query, hits, phase } = this.#state;
    if (phase === "failed") return "The search cannot be loaded. Close it and try again.";
    if (phase === "loading") return "Loading …";
    if (query.trim() === "")
      return "Words, commands, functions and knobs, such as -gcflags=-m or GOGC.";
    if (hits.length === 0) return `Nothing found for “${query.trim()}”.`;
    return hits.length === 1 ? "1 place" : `${hits.length} places`;
  }

  #hit(hit: Hit, index: number) {
    return html`<a
      id="search-hit-${index}" role="option" tabindex="-1" href=${new URL(hit.href, indexAddress).href}
      aria-selected=${index === this.#state.chosen}
      @click=${() => this.#dialog.close()} @pointermove=${() => this.#point(index)}
    >
      <span class="hit-where">${hit.section ? `${hit.section} › ` : ""}<b>${hit.page}</b></span>
      <span class="hit-heading">${pieces(hit.heading)}${hit.isExample ? html` <small>Example</small>` : nothing}</span>
      <span class="hit-text">${pieces(hit.excerpt)}</span>
    </a>`;
  }

  #point(index: number): void {
    if (index !== this.#state.chosen) this.#show({ chosen: index });
  }
}

function pieces(text: Marked) {
  return text.map(({ text, isHit }) => (isHit ? html`<mark>${text}</mark>` : text));
}

let dialog: SearchDialog | undefined;

/** Opens the search. Closing it brings the focus back to where it was. */
export function openSearch(): void {
  dialog ??= new SearchDialog();
  dialog.open();
}
