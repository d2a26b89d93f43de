/** What the reader set the environment to, for each variant. Immutable. */
import type { Variant } from "./page-data.ts";

type Values = Readonly<Record<string, Readonly<Record<string, string>>>>;

/** What Reset took away, or the code of the lesson or of another tab. */
export interface Undoable {
  /** What stands there now, for the reader. */
  now: string;
  text: string;
  knobs: Knobs;
}

/** The knobs of a snippet. Values stay with their variant, so that switching there and back loses none. */
export class Knobs {
  constructor(private readonly values: Values = {}) {}

  /** Whether the reader set any. */
  get changed(): boolean {
    return Object.keys(this.values).length > 0;
  }

  /** What a knob stands at: what the reader set, else what the author did, else nothing. */
  value(variant: Variant, name: string): string {
    return this.values[variant.name]?.[name] ?? variant.env[name] ?? "";
  }

  /** With one knob set. */
  with(variant: Variant, name: string, value: string): Knobs {
    const { [variant.name]: own = {}, ...others } = this.values;
    const { [name]: _, ...rest } = own;
    const back = value === (variant.env[name] ?? "");
    const next = back ? rest : { ...rest, [name]: value };
    return new Knobs(Object.keys(next).length > 0 ? { ...others, [variant.name]: next } : others);
  }

  /** The environment to run in. An emptied knob is left out, so that the toolchain's default holds. */
  environment(variant: Variant): Record<string, string> {
    const env: Record<string, string> = { ...variant.env };
    for (const name of variant.knobs) {
      const value = this.value(variant, name).trim();
      if (value === "") delete env[name];
      else env[name] = value;
    }
    return env;
  }
}
