/** Lanes over the time of a trace, on a canvas: a bar for each moment, and no line between, since nothing is known of it. */
import type { Colours } from "../colours.ts";
import { zoomOf } from "../zoom.ts";

/** What one lane shows. */
export interface Lane {
  /** Bars that stand on each other, from below. `null` is not known. */
  parts: { colour: string; values: readonly (number | null)[] }[];
  /** What reaches to the top, not 0. */
  most: number;
  /** A colour under each bar; null for none. */
  strip?: readonly (string | null)[];
}

export interface Scene {
  /** Milliseconds, rising. */
  times: readonly number[];
  lanes: readonly Lane[];
  /** Of a lane, in CSS pixels, as in the styles of the names beside. */
  laneHeight: number;
}

/** Height of the axis below, in CSS pixels. */
const axisHeight = 22;
/** Room on both sides, so that the first and the last bar are whole; in CSS pixels. */
const edge = 8;

/** Where moments stand, in CSS pixels, on a canvas of some width. Pure. */
export class Axis {
  readonly #last: number;

  constructor(
    private readonly times: readonly number[],
    private readonly width: number,
  ) {
    this.#last = Math.max(1, times.at(-1) ?? 1);
  }

  /** From the left. */
  at(ms: number): number {
    return edge + (ms / this.#last) * Math.max(0, this.width - 2 * edge);
  }

  /** As wide as there is room between most of the moments, with a pixel between bars. */
  get bar(): number {
    const gaps = this.times.slice(1).map((time, i) => this.at(time) - this.at(this.times[i] ?? 0));
    gaps.sort((one, other) => one - other);
    const usual = gaps[gaps.length >> 2] ?? 8;
    return Math.min(8, Math.max(1, Math.floor(usual) - 1));
  }

  /** The index of the moment nearest to a place; -1 without any. */
  nearest(left: number): number {
    let best = -1;
    let distance = Number.POSITIVE_INFINITY;
    this.times.forEach((time, i) => {
      const away = Math.abs(this.at(time) - left);
      if (away < distance) [best, distance] = [i, away];
    });
    return best;
  }

  /** Round times, some 70 pixels apart. */
  get ticks(): number[] {
    const rough = (this.#last * 70) / Math.max(70, this.width);
    const power = 10 ** Math.floor(Math.log10(rough));
    const step = Math.max(1, power * ([1, 2, 5, 10].find((by) => by * power >= rough) ?? 10));
    return Array.from({ length: Math.floor(this.#last / step) + 1 }, (_, i) => i * step);
  }
}

/** Draws all lanes. The canvas is as high as they and the axis are. */
export function drawLanes(canvas: HTMLCanvasElement, scene: Scene, colours: Colours): void {
  const width = canvas.clientWidth;
  const height = scene.lanes.length * scene.laneHeight + axisHeight;
  const zoom = zoomOf(canvas);
  const unit = devicePixelRatio * zoom;
  const ctx = canvas.getContext("2d");
  if (!ctx || width === 0) return;
  canvas.style.height = `${height}px`;
  canvas.width = Math.round(width * unit);
  canvas.height = Math.round(height * unit);
  ctx.scale(unit, unit);
  const axis = new Axis(scene.times, width);
  const wide = axis.bar;
  const bottom = height - axisHeight;
  ctx.strokeStyle = colours.of("var(--line, GrayText)");
  ctx.fillStyle = colours.of("var(--soft, GrayText)");
  ctx.font = `${12 / zoom}px ${getComputedStyle(canvas).fontFamily}`;
  for (const tick of axis.ticks) {
    const left = Math.round(axis.at(tick)) + 0.5;
    line(ctx, left, 0, left, bottom + 4);
    const text = `${tick} ms`;
    const half = ctx.measureText(text).width / 2;
    ctx.fillText(text, Math.min(Math.max(left - half, 0), width - 2 * half), height - 5);
  }
  scene.lanes.forEach((lane, i) => {
    const base = (i + 1) * scene.laneHeight - 6;
    line(ctx, 0, base + 0.5, width, base + 0.5);
    drawLane(ctx, lane, axis, wide, scene, base, colours);
  });
}

function drawLane(
  ctx: CanvasRenderingContext2D,
  lane: Lane,
  axis: Axis,
  wide: number,
  { times, laneHeight }: Scene,
  base: number,
  colours: Colours,
): void {
  const room = laneHeight - 11;
  times.forEach((time, i) => {
    const left = Math.round(axis.at(time) - wide / 2);
    let top = base;
    for (const { colour, values } of lane.parts) {
      const value = values[i];
      if (!value) continue;
      // What is too small to see is still there.
      const high = Math.max(1, (value / lane.most) * room);
      top -= high;
      ctx.fillStyle = colours.of(colour);
      ctx.fillRect(left, top, wide, high);
    }
    const strip = lane.strip?.[i];
    if (!strip) return;
    ctx.fillStyle = colours.of(strip);
    ctx.fillRect(left, base + 1, wide, 3);
  });
}

function line(ctx: CanvasRenderingContext2D, x: number, y: number, toX: number, toY: number): void {
  ctx.beginPath();
  ctx.moveTo(x, y);
  ctx.lineTo(toX, toY);
  ctx.stroke();
}
