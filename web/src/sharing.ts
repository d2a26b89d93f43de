/** Sharing what a snippet holds: the button, and the place for the link below it. */
import { html, nothing, type ReactiveControllerHost, type TemplateResult } from "lit";
import { pageData } from "./page-data.ts";
import type { RunRequest } from "./protocol.ts";

/** What a snippet has to tell. */
export interface Sharable {
  /** What Run would send now. */
  request: () => RunRequest;
  /** The service that would keep it, as a prefix of its addresses; null where there is none. */
  service: () => string | null;
}

/** Remembers what was shared, until the snippet holds something else. */
export class Sharing {
  readonly #host: ReactiveControllerHost;
  readonly #what: Sharable;
  #shared: RunRequest | null = null;
  /** Whether what makes the link did not come. */
  #isLost = false;

  constructor(host: ReactiveControllerHost, what: Sharable) {
    this.#host = host;
    this.#what = what;
    host.addController(this);
  }

  /** Something may have changed that is shared: then the link is of something else. */
  hostUpdate(): void {
    if (this.#shared && JSON.stringify(this.#shared) !== JSON.stringify(this.#what.request()))
      this.#shared = null;
  }

  /** The code has changed, which alone makes nobody draw anew. */
  edited(): void {
    if (this.#shared) this.#host.requestUpdate();
  }

  /** The button, where there is anything that keeps shares. */
  get button(): TemplateResult | typeof nothing {
    const service = this.#what.service();
    // What another service keeps is known when it is asked.
    if (service === null || (service === "" && !pageData().shares)) return nothing;
    return html`<button
      type="button" class="button quiet share" @click=${this.#share}
      title="Make a link to this code and how it is run"
    >Share</button>`;
  }

  /** The link that was made, or why there is none. */
  get link(): TemplateResult | typeof nothing {
    if (!this.#shared) return nothing;
    if (this.#isLost)
      return html`<div class="share-box failed" role="status">
        The server cannot be reached, so there is no link. Check the connection, then press Share again.
      </div>`;
    const service = this.#what.service() ?? "";
    return html`<share-link .request=${this.#shared} .service=${service}></share-link>`;
  }

  #share = async (): Promise<void> => {
    this.#shared = this.#what.request();
    this.#isLost = false;
    this.#host.requestUpdate();
    await import("./share-link.ts").catch(() => {
      this.#isLost = true;
      this.#host.requestUpdate();
    });
  };
}
