/** A chart over the time of a trace, drawn by uPlot: axes, lines, and a mark at the chosen cycle. */
import uPlot from "uplot";
import type { Colours } from "../colours.ts";
import { zoomOf } from "../zoom.ts";
import type { Range } from "./range.ts";
import type { Points } from "./runs.ts";

/** One line, or a row of sticks. */
export interface Series {
  points: Points;
  /** A CSS colour. */
  colour: string;
  form: "line" | "steps" | "sticks";
  /** The axis on the right is for percents. */
  isShare?: boolean;
  isDashed?: boolean;
  isFilled?: boolean;
  /** In CSS pixels. */
  width?: number;
}

/** All that a chart shows at one time. */
export interface Scene {
  series: Series[];
  /** The stretch of time that is in sight, in seconds. */
  view: Range;
  /** The largest value on the left, not 0. */
  most: number;
  /** Moments that are marked above, each with its colour. */
  marks: { x: number; colour: string }[];
  /** The chosen cycle: when it began, and dots at values of the left axis. */
  chosen: { x: number; dots: { x: number; y: number }[]; colour: string } | null;
}

/** What a reader does on a chart. */
export interface Hands {
  /** Points at a moment. */
  point: (seconds: number) => void;
  /** Wants to see a stretch of time; null for all. */
  look: (range: Range | null) => void;
}

/** Room on both sides is the same in all charts, so that moments stand over each other. In CSS pixels. */
const gutter = { left: 46, right: 42 };

export class Chart {
  #plot: uPlot | null = null;
  #scene: Scene | null = null;
  /** What the plot was made for. With other lines it is made anew. */
  #made = "";
  readonly #sizes: ResizeObserver;

  constructor(
    private readonly host: HTMLElement,
    private readonly colours: Colours,
    private readonly hands: Hands,
    private readonly hasShare: boolean,
  ) {
    this.#sizes = new ResizeObserver(() => this.#fit());
    this.#sizes.observe(host);
  }

  /** Draws it. */
  show(scene: Scene): void {
    this.#scene = scene;
    const made = JSON.stringify(scene.series.map(({ points: _, ...look }) => look));
    if (made !== this.#made) this.#make(scene, made);
    const plot = this.#plot;
    plot?.batch(() => {
      plot.setData(this.#data(scene), false);
      plot.setScale("x", { min: scene.view[0], max: scene.view[1] });
      plot.setScale("y", { min: 0, max: scene.most });
      if (this.hasShare) plot.setScale("share", { min: 0, max: 100 });
    });
  }

  /** Moves the mark of the chosen cycle. The lines stay as they were drawn. */
  choose(chosen: Scene["chosen"]): void {
    if (!this.#scene) return;
    this.#scene.chosen = chosen;
    this.#plot?.redraw(false);
  }

  close(): void {
    this.#sizes.disconnect();
    this.#plot?.destroy();
    this.#plot = null;
    this.#made = "";
  }

  #data({ series }: Scene): uPlot.AlignedData {
    // In mode 2 each series has its own times.
    return [
      null,
      ...series.map(({ points }) => [points.x, points.y]),
    ] as unknown as uPlot.AlignedData;
  }

  /** In the page's pixels. */
  get #room(): { width: number; height: number } {
    const zoom = zoomOf(this.host);
    const { clientWidth, clientHeight } = this.host;
    return { width: Math.floor(clientWidth * zoom), height: Math.floor(clientHeight * zoom) };
  }

  #fit(): void {
    const { width, height } = this.#room;
    if (!this.#plot || width === 0) return;
    if (this.#plot.width !== width || this.#plot.height !== height)
      this.#plot.setSize({ width, height });
  }

  #make(scene: Scene, made: string): void {
    this.#plot?.destroy();
    this.#plot = null;
    this.#made = made;
    if (scene.series.length === 0 || this.host.clientWidth === 0) {
      this.#made = "";
      return;
    }
    this.#plot = new uPlot(this.#options(scene), this.#data(scene), this.host);
  }

  #options(scene: Scene): uPlot.Options {
    const { of } = this.#bound;
    const font = `12px ${getComputedStyle(this.host).fontFamily}`;
    const axis = (): uPlot.Axis => ({
      stroke: () => of("var(--soft, GrayText)"),
      font,
      grid: { stroke: () => of("var(--line, GrayText)"), width: 1 },
      ticks: { stroke: () => of("var(--line, GrayText)"), width: 1, size: 4 },
    });
    return {
      mode: 2,
      ...this.#room,
      padding: [12, this.hasShare ? 0 : gutter.right, 0, 0],
      legend: { show: false },
      cursor: {
        y: false,
        points: { show: false },
        drag: { x: true, y: false, setScale: false, dist: 6 },
        bind: {
          dblclick: () => () => {
            this.hands.look(null);
            return null;
          },
        },
      },
      scales: { x: { time: false, auto: false }, y: { auto: false }, share: { auto: false } },
      axes: [
        { ...axis(), space: 64, size: 30, values: (_, at) => at.map((x) => `${round(x)} s`) },
        {
          ...axis(),
          size: gutter.left,
          space: 34,
          values: (_, at) => at.map((y) => String(round(y))),
        },
        ...(this.hasShare
          ? [
              {
                ...axis(),
                scale: "share",
                side: 1,
                size: gutter.right,
                space: 34,
                grid: { show: false },
                values: (_: uPlot, at: number[]) => at.map((percent) => `${percent}%`),
              },
            ]
          : []),
      ],
      series: [{}, ...scene.series.map((series) => this.#series(series))],
      hooks: {
        setCursor: [
          (plot) => {
            const { left = -1 } = plot.cursor;
            if (left >= 0) this.hands.point(plot.posToVal(left, "x"));
          },
        ],
        setSelect: [
          (plot) => {
            const { left, width } = plot.select;
            if (width === 0) return;
            this.hands.look([plot.posToVal(left, "x"), plot.posToVal(left + width, "x")]);
            plot.setSelect({ left: 0, width: 0, top: 0, height: 0 }, false);
          },
        ],
        draw: [(plot) => this.#drawOver(plot)],
      },
    };
  }

  #series({ form, colour, isShare, isDashed, isFilled, width }: Series): uPlot.Series {
    const { of } = this.#bound;
    const paths =
      form === "sticks"
        ? sticks
        : form === "steps"
          ? uPlot.paths.stepped?.({ align: -1 })
          : uPlot.paths.linear?.();
    return {
      facets: [{ scale: "x" }, { scale: isShare ? "share" : "y" }],
      ...(paths ? { paths } : {}),
      points: { show: false },
      stroke: () => of(colour),
      width: width ?? 1.5,
      ...(isFilled ? { fill: () => of(`color-mix(in srgb, ${colour} 13%, transparent)`) } : {}),
      ...(isDashed ? { dash: [5, 4] } : {}),
    };
  }

  /** The marks above, and the chosen cycle. */
  #drawOver(plot: uPlot): void {
    if (!this.#scene) return;
    const { of } = this.#bound;
    const { ctx, bbox } = plot;
    const unit = devicePixelRatio;
    const { marks, chosen, view } = this.#scene;
    ctx.save();
    for (const { x, colour } of marks) {
      if (x < view[0] || x > view[1]) continue;
      const left = plot.valToPos(x, "x", true);
      ctx.fillStyle = of(colour);
      ctx.beginPath();
      ctx.moveTo(left - 4 * unit, bbox.top - 9 * unit);
      ctx.lineTo(left + 4 * unit, bbox.top - 9 * unit);
      ctx.lineTo(left, bbox.top - 2 * unit);
      ctx.fill();
    }
    if (chosen && chosen.x >= view[0] && chosen.x <= view[1]) {
      const left = Math.round(plot.valToPos(chosen.x, "x", true));
      ctx.strokeStyle = of("var(--ink, CanvasText)");
      ctx.lineWidth = unit;
      ctx.beginPath();
      ctx.moveTo(left, bbox.top);
      ctx.lineTo(left, bbox.top + bbox.height);
      ctx.stroke();
      ctx.lineWidth = 2 * unit;
      for (const dot of chosen.dots) {
        ctx.beginPath();
        ctx.arc(plot.valToPos(dot.x, "x", true), plot.valToPos(dot.y, "y", true), 3.5 * unit, 0, 7);
        ctx.fillStyle = of("var(--surface, Canvas)");
        ctx.strokeStyle = of(chosen.colour);
        ctx.fill();
        ctx.stroke();
      }
    }
    ctx.restore();
  }

  get #bound() {
    return { of: (colour: string) => this.colours.of(colour) };
  }
}

/** Up from the axis to each value; those that share a pixel are one stick, as high as the highest. */
const sticks: uPlot.Series.PathBuilder = (plot, index) => {
  const stroke = new Path2D();
  const [xs, ys] = plot.data[index] as unknown as [number[], number[]];
  const bottom = plot.valToPos(0, "y", true);
  const { min = 0, max = 0 } = plot.scales.x ?? {};
  const highest = new Map<number, number>();
  xs.forEach((x, i) => {
    if (x < (min ?? 0) || x > (max ?? 0)) return;
    const left = Math.round(plot.valToPos(x, "x", true));
    highest.set(left, Math.max(highest.get(left) ?? 0, ys[i] ?? 0));
  });
  for (const [left, y] of highest) {
    stroke.moveTo(left, bottom);
    // What is too small to see is still there.
    stroke.lineTo(left, Math.min(plot.valToPos(y, "y", true), bottom - devicePixelRatio));
  }
  return { stroke };
};

/** Without the digits that binary fractions add. */
function round(value: number): number {
  return Number(value.toPrecision(6));
}
