/** The parts of the picture of the heap. Pure: what is shown, and what calls back. */
import { html, nothing, type TemplateResult } from "lit";
import { isBusy } from "../../run-state.ts";
import { cutNote, isBad, statusSentence } from "../../wording.ts";
import { swatch } from "../swatch.ts";
import { mixedNote, unfinishedNote } from "../trace-lines.ts";
import { type Cycle, summary } from "./gc-trace.ts";
import type { TracedRun } from "./runs.ts";
import { type Setting, settings, stopsOf, unset, valueIn } from "./settings.ts";

/** A colour for each run that is kept, the first one the heap's. */
const palette = [
  "var(--heap, #9a5300)",
  "var(--stack, #0b6480)",
  "var(--hl-type, #5a3fa0)",
  "var(--good, #1d6b3a)",
  "var(--hl-keyword, #8b2f5c)",
  "var(--bad, #b3261e)",
  "var(--soft, #51626c)",
  "var(--ink, #16232b)",
] as const;

/** The CSS colour of a run. */
export function colourOf({ colour }: TracedRun): string {
  return palette[colour % palette.length] ?? palette[0];
}

/** A time, with as many digits as the trace has and not those that sums add. */
function inMs(ms: number): string {
  return `${Number(ms.toPrecision(4))} ms`;
}

/** One cycle in words. */
export function cycleSentence(cycle: Cycle): string {
  const [start, end, live] = cycle.heap;
  const [stop, mark, again] = cycle.clock;
  const all = cycle.scanned.find(({ size }) => size === null);
  return [
    `Cycle ${cycle.number}${cycle.isForced ? " (forced)" : ""} at ${cycle.at.toFixed(3)} s.`,
    `Heap: ${start} MB at its start, ${end} MB at its end, ${live} MB of that alive; the goal was ${cycle.goal} MB.`,
    `It stopped the program for ${stop} ms and ${again} ms, and marked beside it for ${mark} ms.`,
    `The collector's share of the CPU so far: ${cycle.cpuShare}%.`,
    ...(all ? [`${all.objects} objects scanned.`] : []),
    ...(cycle.findsLeaks ? ["It was looking for leaked goroutines."] : []),
  ].join(" ");
}

/** What a run's trace lacks, in words. */
export function notesOf(run: TracedRun): string[] {
  const { trace, cut, state } = run;
  return [
    ...(trace.mixed > 0 ? [mixedNote(trace.mixed)] : []),
    ...(cut ? [cutNote(cut)] : []),
    ...(trace.isUnfinished && !cut && !isBusy(state) ? [unfinishedNote] : []),
    ...(isBad(state) ? [`${statusSentence(state, {})} ${state.problem?.detail ?? ""}`.trim()] : []),
  ];
}

export interface RunsHands {
  read: (run: TracedRun) => void;
  toggle: (run: TracedRun) => void;
  remove: (run: TracedRun) => void;
}

/** The runs: which are shown, whose cycles are read, and what each came to. */
export function runsView(
  runs: readonly TracedRun[],
  read: TracedRun,
  hands: RunsHands,
): TemplateResult {
  return html`<div class="runs" tabindex="0" role="region" aria-label="Runs">
    <table>
      <thead>
        <tr>
          <th scope="col">Shown</th>
          <th scope="col">Run</th>
          <th scope="col" class="number">Cycles</th>
          <th scope="col" class="number">Largest heap</th>
          <th scope="col" class="number">Longest pause</th>
          <th scope="col" class="number">All pauses</th>
          <th scope="col" class="number">CPU share</th>
          <th scope="col"><span class="spoken">Remove</span></th>
        </tr>
      </thead>
      <tbody>
        ${runs.map((run) => {
          const sum = summary(run.cycles);
          return html`<tr>
            <td>
              <input type="checkbox" aria-label="Show ${run.name}" .checked=${run.isShown}
                @change=${() => hands.toggle(run)} />
            </td>
            <th scope="row">
              <label>
                <input type="radio" name="read" .checked=${run === read} @change=${() => hands.read(run)} />
                ${swatch(colourOf(run))}
                <span class="mono">${run.name}</span>
              </label>
            </th>
            <td class="number">${sum.cycles}${sum.forced > 0 ? `, ${sum.forced} forced` : ""}</td>
            <td class="number">${sum.cycles ? `${sum.peak} MB` : "none"}</td>
            <td class="number">${sum.cycles ? inMs(sum.longestPause) : "none"}</td>
            <td class="number">${sum.cycles ? inMs(sum.allPauses) : "none"}</td>
            <td class="number">${sum.cpuShare === null ? "none" : `${sum.cpuShare}%`}</td>
            <td>
              <button type="button" class="remove" ?disabled=${runs.length === 1}
                aria-label="Remove ${run.name}" @click=${() => hands.remove(run)}>×</button>
            </td>
          </tr>`;
        })}
      </tbody>
    </table>
  </div>`;
}

const meanings: Record<Setting, string> = {
  GOGC: "garbage before the next cycle, in percent of what is alive",
  GOMEMLIMIT: "memory that the runtime tries to stay below",
  GOMAXPROCS: "how many goroutines run at once",
};

/** The sliders. `env` is that of the run to come. */
export function slidersView(
  base: Readonly<Record<string, string>>,
  env: Readonly<Record<string, string>>,
  set: (setting: Setting, value: string) => void,
): TemplateResult {
  return html`<fieldset class="sliders">
    <legend>Run it again with</legend>
    ${settings.map((setting) => {
      const stops = stopsOf(setting, base);
      const value = valueIn(setting, env);
      const shown = value === unset ? "not set" : value;
      return html`<label>
        <span><span class="mono">${setting}</span> <strong class="mono" aria-hidden="true">${shown}</strong></span>
        <input type="range" min="0" max=${stops.length - 1} step="1"
          .value=${String(stops.indexOf(value))} aria-valuetext=${shown}
          @input=${(event: Event) => {
            const at = (event.target as HTMLInputElement).valueAsNumber;
            set(setting, stops[at] ?? unset);
          }} />
        <span class="soft">${meanings[setting]}</span>
      </label>`;
    })}
  </fieldset>`;
}

/** The cycle that is read: a slider over all of them, and its numbers in words. */
export function readingView(
  run: TracedRun,
  index: number,
  choose: (index: number) => void,
): TemplateResult {
  const cycle = run.cycles[index];
  const last = run.cycles.length - 1;
  return html`<div class="reading">
    <label>
      <span>Cycle</span>
      <input type="range" min="0" max=${Math.max(0, last)} step="1" .value=${String(Math.max(0, index))}
        ?disabled=${!cycle} aria-valuetext=${cycle ? `cycle ${cycle.number}` : "none"}
        @input=${(event: Event) => choose((event.target as HTMLInputElement).valueAsNumber)} />
      <span class="number" aria-hidden="true">${cycle ? `${index + 1} of ${last + 1}` : nothing}</span>
    </label>
    <p class="sentence">${cycle ? cycleSentence(cycle) : nothing}</p>
    ${cycle?.scanned.length ? scannedView(cycle) : nothing}
  </div>`;
}

function scannedView(cycle: Cycle): TemplateResult {
  return html`<details>
    <summary>What cycle ${cycle.number} scanned, by size of the objects</summary>
    <div class="scroll" tabindex="0" role="region" aria-label="Scanned">
      <table>
        <thead><tr><th scope="col">Size</th><th scope="col" class="number">Objects</th><th scope="col" class="number">Spans</th></tr></thead>
        <tbody>
          ${cycle.scanned.map(
            ({ size, objects, spans }) => html`<tr>
              <td>${size === null ? "all" : size === "L" ? "larger" : size}</td>
              <td class="number">${objects}</td>
              <td class="number">${spans ?? "not told"}</td>
            </tr>`,
          )}
        </tbody>
      </table>
    </div>
  </details>`;
}

/** The columns of the table, which has all that the trace says. */
export const columns: readonly (readonly [string, (cycle: Cycle) => string | number])[] = [
  ["Cycle", ({ number }) => number],
  ["At, s", ({ at }) => at.toFixed(3)],
  ["Heap at start, MB", ({ heap }) => heap[0]],
  ["At end, MB", ({ heap }) => heap[1]],
  ["Alive, MB", ({ heap }) => heap[2]],
  ["Goal, MB", ({ goal }) => goal],
  ["First stop, ms", ({ clock }) => clock[0]],
  ["Marking, ms", ({ clock }) => clock[1]],
  ["Second stop, ms", ({ clock }) => clock[2]],
  ["CPU share, %", ({ cpuShare }) => cpuShare],
  ["CPU of first stop, ms", ({ cpu }) => cpu[0]],
  ["Of assists, ms", ({ cpu }) => cpu[1]],
  ["Of workers, ms", ({ cpu }) => cpu[2]],
  ["Of idle Ps, ms", ({ cpu }) => cpu[3]],
  ["Of second stop, ms", ({ cpu }) => cpu[4]],
  ["Stacks, MB", ({ stacks }) => stacks],
  ["Globals, MB", ({ globals }) => globals],
  ["P", ({ procs }) => procs],
  ["Forced", ({ isForced }) => (isForced ? "yes" : "no")],
];
