/** `<go-snippet>` on pages of other sites: its code and all else comes from its attributes and its text. */
import { html, type TemplateResult, unsafeCSS } from "lit";
import { CodeField } from "../code-field.ts";
import { Snippet } from "../snippet.ts";
import { type LostError, UnreachableError } from "../stream.ts";
import styles from "../styles/embed.css" with { type: "text" };
import { type Asked, asked, attributeNames } from "./attributes.ts";
import { captureIn, codeIn } from "./children.ts";
import { stillCode } from "./still.ts";
import { whyUnreachable } from "./unreachable.ts";

let count = 0;

/** Renders into a shadow, so that the page's styles do not reach it, and its own do not reach the page. */
export class EmbeddedSnippet extends Snippet {
  static override styles = unsafeCSS(styles);

  /** The service of those that name none; null where the script came from files that run nothing. */
  static service: string | null = null;

  static override get observedAttributes(): string[] {
    // biome-ignore lint/complexity/noThisInStatic: Lit's getter finishes the class that it is called on
    return [...super.observedAttributes, ...attributeNames];
  }

  #asked: Asked = asked(() => null, location.href);
  /** What it is called where its author does not say. Each has its own name, as screen readers list them. */
  readonly #name = `Go program ${++count}`;
  readonly #children = new MutationObserver(() => this.#read());
  #wasSeen = false;
  #highlighted: ((code: string) => ChildNode[]) | null = null;
  /** Tells when it is seen. */
  readonly #sight = new IntersectionObserver((entries) => {
    if (entries.some(({ isIntersecting }) => isIntersecting)) this.#seen();
  });
  /** A page whose letters get another size is of another height too. In the next frame: what it observes moves then. */
  readonly #sizes = new ResizeObserver(() => requestAnimationFrame(this.#fit));
  protected override whose = "this page's own code";

  override connectedCallback(): void {
    super.connectedCallback();
    this.#read();
    // Text that comes later: from a parser that is not done, or from a script.
    this.#children.observe(this, { childList: true, characterData: true, subtree: true });
    this.#sight.observe(this);
    addEventListener("resize", this.#fit);
    this.#sizes.observe(document.documentElement);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#children.disconnect();
    this.#sight.disconnect();
    removeEventListener("resize", this.#fit);
    this.#sizes.disconnect();
  }

  override attributeChangedCallback(name: string, old: string | null, value: string | null): void {
    super.attributeChangedCallback(name, old, value);
    if (this.field && old !== value) this.#read();
  }

  /** Reads what the author wrote, at first and whenever it has changed. What the reader typed stays, and the mode that they chose. */
  #read(): void {
    const before = this.#asked;
    const now = asked((name) => this.getAttribute(name), document.baseURI);
    const source = codeIn(this);
    const heading = now.title ?? this.#name;
    const isOther =
      !this.field ||
      source !== this.source ||
      heading !== this.heading ||
      now.isReadOnly !== before.isReadOnly;
    const capture = captureIn(this);
    this.#asked = now;
    this.heading = heading;
    this.service = now.api ?? EmbeddedSnippet.service;
    this.choices = now.choices;
    const [own] = now.choices;
    const chosen = now.choices.find(({ name }) => name === this.variant.name);
    this.variant = (own.mode === before.choices[0].mode && chosen) || own;
    this.captures = new Map(capture ? [[own.name, capture]] : []);
    if (isOther) this.#replace(source);
    this.requestUpdate();
    if (this.hasUpdated && (this.captured || this.run.phase === "idle")) this.rest();
  }

  #replace(source: string): void {
    const typed = this.edited ? this.code : null;
    this.field?.close();
    this.source = source;
    const isReadOnly = this.#asked.isReadOnly || this.service === null;
    this.field = new CodeField({
      element: stillCode(source, `Code of ${this.heading}`, isReadOnly),
      onRun: this.onRun,
      onChange: () => this.onEdit(),
    });
    if (typed !== null && !isReadOnly) this.field.replace(typed);
    this.onEdit();
    this.#colour();
  }

  /** Colours wait until they are wanted, and so does a run that nobody asked for. */
  async #seen(): Promise<void> {
    this.#sight.disconnect();
    if (this.#wasSeen) return;
    this.#wasSeen = true;
    if (this.#asked.isAuto) void this.updateComplete.then(this.onRun);
    // Without them the code is plain.
    const part = await import("../highlight.ts").catch(() => null);
    this.#highlighted = part?.highlighted ?? null;
    this.#colour();
  }

  #colour(): void {
    if (this.#highlighted) this.field?.colour(this.#highlighted(this.source));
  }

  protected override render(): TemplateResult {
    // Its empty title keeps the host's, which is a heading, from being a tooltip over all of it.
    return html`<div class="embedded" lang="en" title="">${super.render()}</div>`;
  }

  protected override firstUpdated(): void {
    super.firstUpdated();
    this.#fit();
  }

  /**
   * Styles are in rem, which is the letter size of the page's root: some pages set that to 10 px. Here it is to be what
   * the reader set the browser to, as it is on our own pages; the host, without any style of the page, has that.
   */
  #fit = (): void => {
    const size = (element: Element) => Number.parseFloat(getComputedStyle(element).fontSize);
    const zoom = size(this) / size(document.documentElement);
    const inner = this.renderRoot.querySelector<HTMLElement>(".embedded");
    const value = Number.isFinite(zoom) ? String(zoom) : "1";
    if (!inner || inner.style.getPropertyValue("--snippet-zoom") === value) return;
    inner.style.setProperty("zoom", value);
    inner.style.setProperty("--snippet-zoom", value);
  };

  protected override waysView() {
    if (this.choices.length > 1) return super.waysView();
    return html`<span class="snippet-mode">${this.variant.label}</span>`;
  }

  protected override notesView() {
    const { mistakes } = this.#asked;
    const none = this.source === "" ? ["There is no code between the tags of this snippet."] : [];
    return [...none, ...mistakes].map((text) => html`<p class="snippet-note">${text}</p>`);
  }

  protected override get canChange(): boolean {
    return !this.#asked.isReadOnly || this.variant.knobs.length > 0;
  }

  protected override get showsPicture(): boolean {
    return this.#asked.hasPicture;
  }

  protected override async explain(error: LostError): Promise<string> {
    if (!(error instanceof UnreachableError) || !this.service) return error.message;
    return await whyUnreachable(this.service);
  }

  protected override standIn(why: string): string {
    return `${why} This is the captured output.`;
  }
}
