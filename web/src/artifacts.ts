/** `<run-artifacts>`: what tools wrote beside their output, to be looked at and taken home. */
import { html, LitElement, nothing, type PropertyValues, type TemplateResult } from "lit";
import type { ArtifactEvent } from "./protocol.ts";
import { bytes } from "./wording.ts";

/** An empty page of no origin, for HTML that is not ours: see `src/http/artifact.rs`. */
const framePage = "/-/artifact";

let lastId = 0;

/** A row for each artifact; one at a time is open below the rows. */
export class RunArtifacts extends LitElement {
  static override properties = {
    artifacts: { attribute: false },
    hasFrame: { attribute: false },
    open: { state: true },
  };

  declare artifacts: readonly ArtifactEvent[];
  /** Whether there is the page for frames: an exported site has none, so its readers take HTML home. */
  declare hasFrame: boolean;
  declare private open: ArtifactEvent | null;

  readonly #viewId = `artifact-${++lastId}`;
  /** What is in the frame already: a document that is written loads once more. */
  #shown: ArtifactEvent | null = null;

  constructor() {
    super();
    this.artifacts = [];
    this.hasFrame = true;
    this.open = null;
  }

  protected override createRenderRoot(): HTMLElement {
    return this;
  }

  protected override willUpdate(changed: PropertyValues): void {
    if (changed.has("artifacts")) this.#show(null);
  }

  protected override render() {
    if (this.artifacts.length === 0) return nothing;
    return html`<div class="artifacts">
      <ul aria-label="What was written">${this.artifacts.map((artifact) => this.#row(artifact))}</ul>
      <div class="artifact-view" id=${this.#viewId} ?hidden=${!this.open}>
        ${this.open ? this.#view(this.open) : nothing}
      </div>
    </div>`;
  }

  #row(artifact: ArtifactEvent): TemplateResult {
    const isOpen = artifact === this.open;
    const canOpen = this.hasFrame || artifact.mime !== "text/html";
    return html`<li>
      <span class="artifact-name">${artifact.name}</span>
      <span class="artifact-size">${bytes(new Blob([artifact.text]).size)}</span>
      ${
        canOpen
          ? html`<button
              type="button" class="button quiet small" aria-expanded=${isOpen} aria-controls=${this.#viewId}
              aria-label="${isOpen ? "Close" : "Open"} ${artifact.name}"
              @click=${() => this.#show(isOpen ? null : artifact)}
            >${isOpen ? "Close" : "Open"}</button>`
          : nothing
      }
      <button
        type="button" class="button quiet small" aria-label="Download ${artifact.name}"
        @click=${() => download(artifact)}
      >Download</button>
    </li>`;
  }

  #view(artifact: ArtifactEvent): TemplateResult {
    if (artifact.mime !== "text/html") {
      return html`<pre tabindex="0" role="region" aria-label=${artifact.name}>${readable(artifact)}</pre>`;
    }
    return html`<iframe
      title=${artifact.name} sandbox="allow-scripts" referrerpolicy="no-referrer" src=${framePage}
      @load=${(event: Event) => this.#fill(event.target as HTMLIFrameElement, artifact)}
    ></iframe>`;
  }

  /** The frame has no origin that could be named, and whatever has taken its place has none of the reader's secrets to get. */
  #fill(frame: HTMLIFrameElement, artifact: ArtifactEvent): void {
    if (this.#shown === artifact) return;
    this.#shown = artifact;
    frame.contentWindow?.postMessage(artifact.text, "*");
  }

  #show(artifact: ArtifactEvent | null): void {
    this.open = artifact;
    this.#shown = null;
  }
}

/** JSON comes on one line. */
function readable({ mime, text }: ArtifactEvent): string {
  if (mime !== "application/json") return text;
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}

/** As bytes of no kind, and at an address that is gone at once: no tab can show it as a page of ours. */
function download({ name, text }: ArtifactEvent): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([text], { type: "application/octet-stream" }));
  link.download = name;
  link.click();
  URL.revokeObjectURL(link.href);
}

customElements.define("run-artifacts", RunArtifacts);
