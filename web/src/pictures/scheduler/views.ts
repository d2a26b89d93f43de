/** The parts of the picture of the scheduler. Pure. */
import { html, nothing, type TemplateResult } from "lit";
import { type Detail, type G, gStatus, type M, pStatus, type Snapshot } from "./sched-trace.ts";

/** So many goroutines of a kind are named. */
const mostNamed = 60;

/** What a thread does, as far as the trace tells. */
export function threadSentence({ p, g, isSpinning, isBlocked }: M, gs: readonly G[]): string {
  if (g !== null) {
    if (p !== null) return `runs G${g} on P${p}`;
    const status = gs.find(({ id }) => id === g);
    return status ? `has G${g}, which is ${gStatus(status)}` : `has G${g} and no P`;
  }
  if (isSpinning) return "spins: it looks for a goroutine to run";
  if (isBlocked) return "idle until it is needed";
  return p === null ? "has no P and no goroutine" : `has P${p} and no goroutine`;
}

/** Goroutines by what they do, most first. */
export function groups(gs: readonly G[]): [what: string, ids: number[]][] {
  const found = new Map<string, number[]>();
  for (const g of gs) {
    const what = gStatus(g);
    found.set(what, [...(found.get(what) ?? []), g.id]);
  }
  return [...found].sort(([, one], [, other]) => other.length - one.length);
}

/** What scheddetail says of one moment. */
export function detailView({ ps, ms, gs }: Detail): TemplateResult {
  const goroutineOf = (m: number | null) => ms.find(({ id }) => id === m)?.g ?? null;
  return html`<div class="detail">
    <section>
      <h4>Ps</h4>
      <div class="scroll" tabindex="0" role="region" aria-label="Ps">
        <table>
          <thead><tr><th scope="col">P</th><th scope="col">Status</th><th scope="col">Thread</th><th scope="col">Runs</th><th scope="col" class="number">Queue</th><th scope="col" class="number">Timers</th></tr></thead>
          <tbody>
            ${ps.map((p) => {
              const g = goroutineOf(p.m);
              return html`<tr>
                <th scope="row">P${p.id}</th>
                <td>${pStatus(p.status)}</td>
                <td>${p.m === null ? "none" : `M${p.m}`}</td>
                <td>${g === null ? "none" : `G${g}`}</td>
                <td class="number">${p.queue}</td>
                <td class="number">${p.timers}</td>
              </tr>`;
            })}
          </tbody>
        </table>
      </div>
    </section>
    <section>
      <h4>Threads</h4>
      <div class="scroll" tabindex="0" role="region" aria-label="Threads">
        <table>
          <thead><tr><th scope="col">M</th><th scope="col">What it does</th></tr></thead>
          <tbody>
            ${ms.map((m) => html`<tr><th scope="row">M${m.id}</th><td>${threadSentence(m, gs)}${m.lockedG === null ? nothing : `, locked to G${m.lockedG}`}</td></tr>`)}
          </tbody>
        </table>
      </div>
    </section>
    <section class="wide">
      <h4>Goroutines</h4>
      <div class="scroll" tabindex="0" role="region" aria-label="Goroutines">
        <table>
          <thead><tr><th scope="col">What they do</th><th scope="col" class="number">Count</th><th scope="col">Which</th></tr></thead>
          <tbody>
            ${groups(gs).map(
              ([what, ids]) => html`<tr>
                <th scope="row">${what}</th>
                <td class="number">${ids.length}</td>
                <td class="which">${ids
                  .slice(0, mostNamed)
                  .map((id) => `G${id}`)
                  .join(
                    " ",
                  )}${ids.length > mostNamed ? ` and ${ids.length - mostNamed} more` : nothing}</td>
              </tr>`,
            )}
          </tbody>
        </table>
      </div>
    </section>
  </div>`;
}

function list(values: readonly (number | null)[]): string {
  return values.map((value) => value ?? "not known").join(" ");
}

/** The columns of the table. */
export const columns: readonly (readonly [string, (snapshot: Snapshot) => string | number])[] = [
  ["At, ms", ({ at }) => at],
  ["Ps", ({ procs }) => procs],
  ["Idle Ps", ({ idleProcs }) => idleProcs],
  ["Threads", ({ threads }) => threads],
  ["Spinning", ({ spinning }) => spinning],
  ["Needs spinning", ({ needSpinning }) => needSpinning ?? "not told"],
  ["Idle threads", ({ idleThreads }) => idleThreads],
  ["Global queue", ({ global }) => global],
  ["Queue of each P", ({ queues }) => list(queues)],
  ["Time slices begun by each P", ({ ticks }) => list(ticks)],
];
