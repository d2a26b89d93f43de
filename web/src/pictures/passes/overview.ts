/** All steps as bars: how many values there are, and how many were touched. The slider does the same by keyboard. */
import { nothing, svg, type TemplateResult } from "lit";

/** A step. */
export interface Bar {
  /** How many values, or instructions, there are. */
  count: number;
  /** How many were added, changed or moved; of a column that is not compared, 0. */
  touched: number;
  /** Whether the value that is followed is there. */
  isAlive: boolean;
}

/** Width of the drawing for each bar, and its height, in its own units. */
const [wide, high] = [10, 64];
/** Room for the life of a value. */
const low = 6;

/** The bars; `choose` hears the number of the one that is pressed. */
export function overviewView(
  bars: readonly Bar[],
  now: number,
  choose: (at: number) => void,
): TemplateResult {
  const most = Math.max(1, ...bars.map(({ count }) => count));
  const room = high - low - 4;
  const height = (count: number) => (count / most) * room;
  const press = (event: PointerEvent) => {
    const { left, width } = (event.currentTarget as Element).getBoundingClientRect();
    const at = Math.floor(((event.clientX - left) / width) * bars.length);
    choose(Math.min(Math.max(at, 0), bars.length - 1));
  };
  return svg`<svg class="overview" aria-hidden="true" preserveAspectRatio="none"
    viewBox="0 0 ${bars.length * wide} ${high}" @click=${press}>
    <rect class="now" x=${now * wide} y="0" width=${wide} height=${high}></rect>
    ${bars.map(({ count, touched, isAlive }, at) => {
      const x = at * wide + 1.5;
      return svg`<rect class="values" x=${x} width=${wide - 3} y=${room - height(count)} height=${height(count)}></rect>
        <rect class="touched" x=${x} width=${wide - 3} y=${room - height(touched)} height=${height(touched)}></rect>
        ${isAlive ? svg`<rect class="life" x=${at * wide} width=${wide} y=${high - low} height=${low}></rect>` : nothing}`;
    })}
  </svg>`;
}
