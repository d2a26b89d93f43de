/** The parts of a snippet below and above its editor. Pure templates. */
import { html, nothing, type TemplateResult } from "lit";
import "./copy-button.ts";
import type { Knobs } from "./knobs.ts";
import { isOtherMode, type Variant } from "./page-data.ts";
import type { DiagnosticEvent, Problem } from "./protocol.ts";
import { isBusy, type RunState } from "./run-state.ts";
import { costs, cutNote, isBad, milliseconds, statusSentence, waitSentence } from "./wording.ts";

/** What a knob holds while it is empty: the toolchain's own default. */
const defaults: Record<string, string> = {
  GOGC: "100",
  GOMEMLIMIT: "off",
  GOTRACEBACK: "single",
};

/** The author's variants side by side, and behind them the modes that none of these uses. */
export function choiceView(
  group: string,
  choices: readonly Variant[],
  chosen: Variant,
  choose: (choice: Variant) => void,
): TemplateResult {
  const others = choices.filter(isOtherMode);
  const pick = (event: Event) => {
    const { value } = event.target as HTMLSelectElement;
    const choice = choices.find(({ name }) => name === value) ?? choices[0];
    if (choice) choose(choice);
  };
  return html`<div class="ways">
    <fieldset class="choice">
      <legend class="visually-hidden">What to show</legend>
      ${choices
        .filter((choice) => !isOtherMode(choice))
        .map(
          (choice) => html`<label
            ><input
              type="radio" name=${group} value=${choice.name}
              .checked=${choice === chosen} @change=${() => choose(choice)}
            /><span>${choice.label}</span></label
          >`,
        )}
    </fieldset>
    ${
      others.length === 0
        ? nothing
        : html`<select
            class="other-modes ${isOtherMode(chosen) ? "is-chosen" : ""}" aria-label="Other modes"
            @change=${pick}
          >
            <option value="" .selected=${!isOtherMode(chosen)}>Other modes</option>
            ${others.map(
              (choice) =>
                html`<option value=${choice.name} .selected=${choice === chosen}>${choice.label}</option>`,
            )}
          </select>`
    }
  </div>`;
}

/** One input for each variable that the variant offers to change. */
export function knobsView(
  variant: Variant,
  knobs: Knobs,
  set: (name: string, value: string) => void,
): TemplateResult | typeof nothing {
  if (variant.knobs.length === 0) return nothing;
  return html`<div class="knobs">
    ${variant.knobs.map(
      (name) => html`<label class="knob">
        <span>${name}</span>
        <input
          type="text" .value=${knobs.value(variant, name)} placeholder=${defaults[name] ?? "not set"}
          class=${name === "GODEBUG" ? "wide" : ""}
          autocomplete="off" autocapitalize="off" spellcheck="false"
          @input=${(event: InputEvent) => set(name, (event.target as HTMLInputElement).value)}
        />
      </label>`,
    )}
  </div>`;
}

/** Enter that is held down would go on from Run to Stop, and back. */
function onceAPress(event: KeyboardEvent): void {
  if (event.key === "Enter" && event.repeat) event.preventDefault();
}

/** Run or Stop, the knobs, and the way back. */
export function actionsView(offer: {
  busy: boolean;
  start: (event: MouseEvent) => void;
  stop: (event: MouseEvent) => void;
  knobs: TemplateResult | typeof nothing;
  /** What stands in the code now, where that can be undone. */
  undoable: string | null;
  undo: () => void;
  /** Null while the code is the page's own, and absent where that cannot change. */
  reset?: (() => void) | null;
  /** What is after all that. */
  share: TemplateResult | typeof nothing;
}): TemplateResult {
  const { busy, start, stop, knobs, undoable, undo, reset, share } = offer;
  return html`<div class="snippet-actions">
    <button
      type="button" class="button run ${busy ? "stop" : ""}"
      title=${busy ? "Stop" : "Run (Ctrl or ⌘ with Enter)"}
      @click=${busy ? stop : start} @keydown=${onceAPress}
    >
      ${
        busy
          ? html`<svg viewBox="0 0 12 12" aria-hidden="true"><rect x="2" y="2" width="8" height="8" rx="1" /></svg>Stop`
          : html`<svg viewBox="0 0 12 12" aria-hidden="true"><path d="M2.5 1.2v9.6L10.8 6z" /></svg>Run`
      }
    </button>
    ${knobs}
    ${reset === undefined ? nothing : resetView(undoable, undo, reset)}
    ${share}
  </div>`;
}

function resetView(undoable: string | null, undo: () => void, reset: (() => void) | null) {
  return html`<span class="snippet-reset">
    ${
      undoable
        ? html`<span class="soft">${undoable}</span>
            <button type="button" class="button quiet" @click=${undo}>Undo</button>`
        : html`<button
            type="button" class="button quiet" ?disabled=${!reset} @click=${reset}
            title="Back to the code of the page"
          >Reset</button>`
    }
  </span>`;
}

/** How the run is going or went: the command, the state of it, the cost, and what was refused. */
export function reportView(
  run: RunState,
  endings: Record<string, string>,
  goTo: (line: number, column: number) => void,
  stamp: TemplateResult | typeof nothing,
): TemplateResult {
  const kind = isBusy(run) ? "busy" : isBad(run) ? "bad" : run.phase === "ended" ? "good" : "";
  return html`<div class="snippet-report">
    ${stamp}
    ${
      run.command
        ? html`<div class="command">
            <code>${run.command}</code>
            <copy-button .text=${run.command} label="Copy the command"></copy-button>
          </div>`
        : nothing
    }
    ${
      run.phase === "idle"
        ? nothing
        : html`<div class="status ${kind}">
            <span class="status-mark" aria-hidden="true"></span>
            <span class="status-text">${statusSentence(run, endings)}</span>
            ${stepsView(run)} ${costsView(run)}
          </div>`
    }
    ${run.truncated.map((event) => html`<p class="note">${cutNote(event)}</p>`)}
    ${run.problem ? problemView(run.problem) : nothing}
    ${run.diagnostics.length > 0 ? diagnosticsView(run.diagnostics, goTo) : nothing}
    ${run.chars.stderr > 0 ? html`<p class="legend">A bar marks standard error.</p>` : nothing}
    ${
      run.phase === "ended" && run.chars.stdout + run.chars.stderr === 0
        ? html`<p class="note">It printed nothing.</p>`
        : nothing
    }
  </div>`;
}

function stepsView(run: RunState) {
  const ended = run.steps.filter((step) => step.wallMs !== undefined);
  if (ended.length === 0) return nothing;
  return html`<span class="steps">${ended.map(
    (step) => html`<span>${step.name} <b>${milliseconds(step.wallMs ?? 0)}</b></span>`,
  )}</span>`;
}

function costsView(run: RunState) {
  if (!run.exit) return nothing;
  return html`<dl class="costs">
    ${costs(run.exit).map(([name, value]) => html`<div><dt>${name}</dt><dd>${value}</dd></div>`)}
    ${
      run.cached
        ? html`<div title="The same code was run before: this is that run's output."><dt>Kept</dt><dd>from an earlier run</dd></div>`
        : nothing
    }
  </dl>`;
}

function problemView(problem: Problem) {
  return html`<div class="problem">
    ${problem.detail ? html`<p>${problem.detail}</p>` : nothing}
    ${
      problem.allowed.length > 0
        ? html`<details ?open=${problem.allowed.length <= 12}>
            <summary>Allowed (${problem.allowed.length})</summary>
            <ul class="allowed">${problem.allowed.map((item) => html`<li><code>${item}</code></li>`)}</ul>
          </details>`
        : nothing
    }
    ${problem.retryAfter === undefined ? nothing : html`<p>${waitSentence(problem.retryAfter)}</p>`}
  </div>`;
}

function diagnosticsView(
  diagnostics: readonly DiagnosticEvent[],
  goTo: (line: number, column: number) => void,
) {
  return html`<ul class="diagnostics" aria-label="Places in the code">
    ${diagnostics.map(
      ({ file, line, column, severity, message }) => html`<li class=${severity}>
        ${
          line === undefined
            ? nothing
            : html`<button type="button" class="place" @click=${() => goTo(line, column ?? 1)}
                >${[file, line, column].filter((part) => part !== undefined).join(":")}</button>`
        } <span>${message}</span>
      </li>`,
    )}
  </ul>`;
}
