/** `<run-pictures>`: the pictures of a snippet's run, over its text. */
import { html, LitElement, nothing } from "lit";
import type { RunRequest } from "../protocol.ts";
import type { Happening } from "../run-state.ts";
import type { Desk, Picture } from "./picture.ts";
import { type Kind, picturesOf } from "./which.ts";

/** Shows one picture at a time, the first one unless the reader chose otherwise. Renders into the page. */
export class RunPictures extends LitElement {
  static override properties = {
    desk: { attribute: false },
    kinds: { state: true },
    shown: { state: true },
    failed: { state: true },
  };

  declare desk: Desk | null;
  declare private kinds: readonly Kind[];
  /** Name of the element that is shown; null while the reader wants the text alone. */
  declare private shown: string | null;
  /** Whether the picture could not be loaded. */
  declare private failed: boolean;

  #request: RunRequest | null = null;
  /** All that happened in the run, for a picture that comes later. */
  #heard: Happening[] = [];
  /** The run before, for a picture that comes later and compares. */
  #before: { request: RunRequest; heard: Happening[] } | null = null;
  /** Those that were shown once. They stay for later runs, which they may compare. */
  readonly #made = new Map<string, Picture>();
  /** What the reader chose, as long as such a picture is on offer. */
  #chosen: string | null | undefined;

  constructor() {
    super();
    this.desk = null;
    this.kinds = [];
    this.shown = null;
    this.failed = false;
  }

  /** A run begins. One that the reader did not ask for, such as a captured one, is drawn only when asked. */
  begin(request: RunRequest, isAsked: boolean): void {
    this.clear();
    this.#request = request;
    this.kinds = picturesOf(request);
    for (const picture of this.#current()) picture.begin(request);
    const names = this.kinds.map(({ element }) => element);
    const first = isAsked ? (names[0] ?? null) : null;
    const chosen = this.#chosen;
    void this.#show(chosen === null || (chosen && names.includes(chosen)) ? chosen : first);
  }

  hear(event: Happening): void {
    if (!this.#request) return;
    this.#heard.push(event);
    for (const picture of this.#current()) picture.hear(event);
  }

  /** There is no run. */
  clear(): void {
    if (this.#request) this.#before = { request: this.#request, heard: this.#heard };
    this.#request = null;
    this.#heard = [];
    this.kinds = [];
    this.shown = null;
    this.failed = false;
  }

  protected override createRenderRoot(): HTMLElement {
    return this;
  }

  protected override render() {
    if (this.kinds.length === 0) return nothing;
    const picture = this.shown && this.#made.get(this.shown);
    return html`<div class="pictures">
      <div class="picture-choice" role="group" aria-label="Pictures">
        ${this.kinds.map(
          ({ element, label }) => html`<button
            type="button" class="button quiet small" data-picture=${element}
            aria-pressed=${element === this.shown}
            @click=${() => this.#choose(element)}
          >${label}</button>`,
        )}
      </div>
      ${picture || nothing}
      ${this.failed ? html`<p class="picture-lost">The picture could not be loaded. The text below says all that it would.</p>` : nothing}
    </div>`;
  }

  /** The pictures that are made, of those on offer. */
  #current(): Picture[] {
    return this.kinds.flatMap(({ element }) => this.#made.get(element) ?? []);
  }

  #choose(element: string): void {
    this.#chosen = element === this.shown ? null : element;
    void this.#show(this.#chosen);
  }

  /** Loads the picture if it is not here yet, and tells it all that has happened, in the run before too. */
  async #show(element: string | null): Promise<void> {
    this.shown = element;
    this.failed = false;
    const request = this.#request;
    const kind = this.kinds.find((kind) => kind.element === element);
    if (!kind || !request || this.#made.has(kind.element)) return;
    try {
      await kind.load();
    } catch {
      this.failed = this.#request === request && this.shown === kind.element;
      return;
    }
    if (this.#request !== request || this.#made.has(kind.element)) return;
    // All events are heard from here on, in the order in which they came.
    const picture = document.createElement(kind.element) as Picture;
    picture.desk = this.desk;
    const before = this.#before;
    if (before && kind.isOf(before.request)) {
      picture.begin(before.request);
      for (const event of before.heard) picture.hear(event);
    }
    picture.begin(request);
    for (const event of this.#heard) picture.hear(event);
    this.#made.set(kind.element, picture);
    this.requestUpdate();
  }
}

customElements.define("run-pictures", RunPictures);
