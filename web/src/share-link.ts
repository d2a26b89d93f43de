/** `<share-link>`: has a service keep some code, and shows the link to it. Loaded when something is shared. */
import { html, LitElement, nothing, type PropertyValues } from "lit";
import "./copy-button.ts";
import { readProblem } from "./problem.ts";
import type { RunRequest } from "./protocol.ts";

/** How sharing is going. */
type State =
  | { phase: "sent" }
  | { phase: "kept"; url: string; isCopied: boolean }
  | { phase: "failed"; why: string };

const lost =
  "The server cannot be reached, so there is no link. Check the connection, then press Share again.";
const unclear = "The server answered with something other than a link. Please reload the page.";

/** Each new `request` is shared at once. */
export class ShareLink extends LitElement {
  static override properties = {
    request: { attribute: false },
    service: { attribute: false },
    state: { state: true },
  };

  declare request: RunRequest | null;
  /** As a prefix of its addresses. */
  declare service: string;
  declare private state: State;

  constructor() {
    super();
    this.request = null;
    this.service = "";
    this.state = { phase: "sent" };
  }

  protected override createRenderRoot(): HTMLElement {
    return this;
  }

  protected override willUpdate(changed: PropertyValues): void {
    if (changed.has("request") && this.request) void this.#share(this.request);
  }

  protected override render() {
    const { state } = this;
    return html`<div class="share-box ${state.phase}">
      ${
        state.phase === "kept"
          ? html`<a class="share-url" href=${state.url}>${state.url}</a>
            <copy-button .text=${state.url} label="Copy the link"></copy-button>
            <span class="share-said">${
              state.isCopied ? "Copied. " : ""
            }It shows the code and its settings as they are now, for good, to everyone who has it.</span>`
          : nothing
      }
      ${state.phase === "sent" ? html`<span class="share-said">Making a link…</span>` : nothing}
      ${state.phase === "failed" ? html`<span class="share-said">${state.why}</span>` : nothing}
      <span class="visually-hidden" role="status">${said(state)}</span>
    </div>`;
  }

  async #share(request: RunRequest): Promise<void> {
    this.state = { phase: "sent" };
    const state = await kept(this.service, request);
    // Another was shared meanwhile, and tells of itself.
    if (request !== this.request) return;
    this.state = state;
    if (state.phase !== "kept") return;
    try {
      await navigator.clipboard.writeText(state.url);
      if (this.state === state) this.state = { ...state, isCopied: true };
    } catch {
      // The browser lets nobody copy; the link is there all the same.
    }
  }
}

/** Sends it. Whatever goes wrong is said in words. */
async function kept(service: string, request: RunRequest): Promise<State> {
  let response: Response;
  try {
    response = await fetch(`${service}/api/v1/shares`, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(request),
    });
  } catch {
    return { phase: "failed", why: lost };
  }
  if (!response.ok) {
    const { title, detail } = await readProblem(response);
    return { phase: "failed", why: `There is no link: ${detail || title}.` };
  }
  const { url }: { url?: unknown } = await response.json().catch(() => ({}));
  if (typeof url !== "string") return { phase: "failed", why: unclear };
  return { phase: "kept", url: new URL(url, service || location.href).href, isCopied: false };
}

/** What a screen reader says. */
function said(state: State): string {
  if (state.phase === "sent") return "";
  if (state.phase === "failed") return state.why;
  return state.isCopied ? "The link is made and copied." : "The link is made.";
}

customElements.define("share-link", ShareLink);
