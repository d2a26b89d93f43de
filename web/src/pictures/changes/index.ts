/** `<changes-picture>`: which of the compiler's decisions are others than in the run before, or under another setting. */
import { css, html, nothing, type TemplateResult } from "lit";
import type { RunRequest } from "../../protocol.ts";
import { type Happening, isEnd } from "../../run-state.ts";
import { Picture, pictureStyles } from "../picture.ts";
import { type Base, bases, type Toolchain, toolchainsIn } from "./bases.ts";
import { type Change, type Comparison, compare } from "./compare.ts";
import { Hearing, type Outcome } from "./outcome.ts";

/** What the other side of the comparison is at the moment. */
type Other = Outcome | "busy" | "lost" | null;

/** Codes of what costs something when the program runs, and of what saves it. */
const costly = /^(heap|leak|no-inline|bounds-kept|call heap|call bounds)$/;
const useful = /^(stack|inline|inlined-call|devirtualised|zero-copy|bounds-proved)$/;

/** The choice of the run before, among those of settings. */
const runBefore = "";

export class ChangesPicture extends Picture {
  static override styles = [
    pictureStyles,
    css`
      label {
        font-weight: 500;
      }
      select {
        min-height: 2rem;
        max-width: 100%;
        padding: 0 0.5rem;
        font: inherit;
        color: var(--ink, FieldText);
        background: var(--surface, Field);
        border: 1px solid var(--field, currentcolor);
        border-radius: 6px;
      }
      .result {
        margin: 0.625rem 0 0;
      }
      .title {
        margin: 0.75rem 0 0.25rem;
        font-size: 0.875rem;
        font-weight: 600;
      }
      ul {
        margin: 0;
        padding: 0;
        list-style: none;
      }
      .change {
        display: flex;
        gap: 0.5rem;
        width: 100%;
        min-height: 1.75rem;
        padding: 0.1875rem 0.5rem;
        font: 0.8125rem / 1.45 var(--mono, monospace);
        text-align: left;
        overflow-wrap: anywhere;
        background: none;
        border: 0;
        border-left: 3px solid var(--line-strong, currentcolor);
        border-radius: 0;
      }
      .change.saves {
        border-color: var(--good, currentcolor);
      }
      .change.costs {
        border-color: var(--heap, currentcolor);
      }
      button.change:hover:enabled {
        background: var(--accent-wash, transparent);
      }
      .change:disabled {
        color: inherit;
        opacity: 1;
      }
      .sign {
        flex: none;
        font-weight: 600;
      }
      .at {
        flex: none;
        color: var(--soft, GrayText);
      }
      .says {
        flex: 1;
        min-width: 0;
      }
      tbody th {
        color: inherit;
        overflow-wrap: anywhere;
      }
      .op {
        padding-left: 1rem;
      }
      td.number,
      th.number {
        padding-left: 0.75rem;
      }
    `,
  ];

  /** The run that is heard, or was last. */
  #now: Hearing | null = null;
  #before: Outcome | null = null;
  #toolchains: readonly Toolchain[] = [];
  #hasAsked = false;
  /** The label of the setting to compare with. It stays for later runs. */
  #chosen = runBefore;
  #other: Other = null;
  #abort = new AbortController();

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#abort.abort();
    if (this.#other === "busy") this.#other = null;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    void this.#askForToolchains();
    if (this.#now?.isOver && this.#other === null) this.#compareWith(this.#chosen);
    this.redraw();
  }

  protected override restart(): void {
    this.#abort.abort();
    const last = this.#now;
    if (last && last.request.mode !== this.request?.mode) this.#before = null;
    // A run without an answer leaves the one before it in its place.
    else if (last?.isOver && !last.outcome().isLost) this.#before = last.outcome();
    this.#now = this.request && new Hearing(this.request);
    this.#other = null;
  }

  protected override take(event: Happening): void {
    this.#now?.take(event);
    // A setting takes a run, which is made once this is seen.
    if (isEnd(event) && this.isConnected) this.#compareWith(this.#chosen);
  }

  protected override render() {
    const now = this.#now?.isOver ? this.#now.outcome() : null;
    if (!now) return html`<p class="soft">The run is under way.</p>`;
    const offered = this.#offered(now);
    const kinds = [...new Set(offered.map(({ kind }) => kind))];
    return html`
      <div class="row">
        <label for="base">Compared with</label>
        <select id="base" @change=${this.#onChoose}>
          <option value=${runBefore} .selected=${this.#chosen === runBefore}>the run before</option>
          ${kinds.map(
            (kind) => html`<optgroup label=${kind}>
              ${offered
                .filter((base) => base.kind === kind)
                .map(
                  ({ label }) =>
                    html`<option value=${label} .selected=${this.#chosen === label}>${label}</option>`,
                )}
            </optgroup>`,
          )}
        </select>
      </div>
      <div class="result" aria-live="polite">${this.#sentence(now)}</div>
      ${this.#result(now)}
    `;
  }

  #offered(now: Outcome): Base[] {
    return this.desk?.run ? bases(now.request, now.go, this.#toolchains) : [];
  }

  #sentence(now: Outcome) {
    const other = this.#other;
    if (other === "busy") return "The same code runs under that setting.";
    if (now.isLost) return "This run has no answer to compare with. The text below says why.";
    if (!now.isWhole) return "This run did not build, so the compiler decided nothing.";
    if (other === "lost" || (typeof other === "object" && other?.isLost))
      return "That run did not come to its end, so there is nothing to compare with.";
    if (!other)
      return "There is no run before this one. Change the code and run it again, or choose a setting.";
    if (!other.isWhole) return "The other run did not build, so there is nothing to compare with.";
    const { changed, same, functions } = compare(other, now);
    const name = this.#chosen === runBefore ? "the run before" : this.#chosen;
    if (changed === 0 && functions.length === 0)
      return same === 0
        ? `Neither this run nor ${name} has a decision about this code.`
        : `Compared with ${name}, no decision is different. ${decisions(same)} the same.`;
    return `Compared with ${name}, ${decisions(changed)} different and ${same} ${same === 1 ? "is" : "are"} the same.`;
  }

  #result(now: Outcome) {
    const other = this.#other;
    if (!other || typeof other === "string" || !other.isWhole || !now.isWhole) return nothing;
    const result = compare(other, now);
    return html`
      <div class="scroll" tabindex="0" role="region" aria-label="Decisions that are different">
        ${result.groups.map(
          ({ title, changes }) => html`<section aria-label=${title}>
            <p class="title">${title} <span class="soft">${changes.length}</span></p>
            <ul>${changes.map((change) => html`<li>${this.#change(change)}</li>`)}</ul>
          </section>`,
        )}
        ${result.functions.length > 0 ? instructions(result.functions) : nothing}
      </div>
      ${result.changed > 0 ? table(result) : nothing}
    `;
  }

  #change(change: Change) {
    const { said, kind, line, isOwnLine } = change;
    const note = isOwnLine ? (kind === "new" ? "new line" : "its line is gone") : "";
    const worth = costly.test(said.code) ? "costs" : useful.test(said.code) ? "saves" : "";
    const effect = kind === "new" ? worth : { costs: "saves", saves: "costs", "": "" }[worth];
    return html`<button
      type="button" class="change ${effect}" ?disabled=${!this.desk || line === null}
      @click=${() => line !== null && this.goTo(line, said.column)}
    ><span class="sign" aria-hidden="true">${kind === "new" ? "+" : "−"}</span><span class="at">${said.at}</span>
    <span class="says">${said.message}${note ? html` <span class="soft">(${note})</span>` : nothing}</span></button>`;
  }

  #onChoose = (event: Event): void => {
    this.#compareWith((event.target as HTMLSelectElement).value);
  };

  /** Finds the other side: the run before is at hand, a setting takes a run. */
  #compareWith(label: string): void {
    this.#chosen = label;
    this.#abort.abort();
    this.#abort = new AbortController();
    const now = this.#now?.isOver ? this.#now.outcome() : null;
    const base = now?.isWhole && this.#offered(now).find((base) => base.label === label);
    this.#other = label === runBefore ? this.#before : base ? "busy" : null;
    if (base) void this.#run(base.request);
    this.redraw();
  }

  async #run(request: RunRequest): Promise<void> {
    const { signal } = this.#abort;
    const other = await this.#hear(request, signal).catch(() => "lost" as const);
    if (signal.aborted) return;
    this.#other = other;
    this.redraw();
  }

  async #hear(request: RunRequest, signal: AbortSignal): Promise<Outcome | "lost"> {
    const hearing = new Hearing(request);
    for await (const event of this.desk?.run?.(request, signal) ?? []) hearing.take(event);
    return hearing.isOver ? hearing.outcome() : "lost";
  }

  async #askForToolchains(): Promise<void> {
    if (this.#hasAsked || !this.desk?.ask) return;
    this.#hasAsked = true;
    // Without an answer, the other settings are still on offer.
    this.#toolchains = toolchainsIn(await this.desk.ask("/api/v1/toolchains").catch(() => null));
    this.redraw();
  }
}

function decisions(number: number): string {
  return number === 1 ? "1 decision is" : `${number} decisions are`;
}

function instructions(functions: Comparison["functions"]) {
  const row = (name: TemplateResult, before: number, after: number) =>
    html`<tr>${name}<td class="number">${before}</td><td class="number">${after}</td></tr>`;
  return html`<section aria-label="Instructions">
    <p class="title">Instructions <span class="soft">${functions.length} ${functions.length === 1 ? "function" : "functions"}</span></p>
    <table>
      <thead><tr><th scope="col">Function</th><th scope="col" class="number">Before</th><th scope="col" class="number">Now</th></tr></thead>
      ${functions.map(
        ({ name, before, after, ops }) => html`<tbody>
          ${row(html`<th scope="rowgroup" class="mono">${name}</th>`, before, after)}
          ${ops.map((tally) => row(html`<td class="mono op">${tally.op}</td>`, tally.before, tally.after))}
        </tbody>`,
      )}
    </table>
  </section>`;
}

function table({ groups }: Comparison) {
  return html`<details>
    <summary>As a table</summary>
    <div class="scroll" tabindex="0" role="region" aria-label="Different decisions as a table">
      <table>
        <thead><tr><th scope="col">What</th><th scope="col">Place</th><th scope="col">In the tool's words</th></tr></thead>
        <tbody>
          ${groups.flatMap(({ title, changes }) =>
            changes.map(
              ({ said }) =>
                html`<tr><td>${title}</td><td class="mono">${said.at}</td><td class="mono">${said.message}</td></tr>`,
            ),
          )}
        </tbody>
      </table>
    </div>
  </details>`;
}

customElements.define("changes-picture", ChangesPicture);
