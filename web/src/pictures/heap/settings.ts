/** What the runtime can be told, as stops of sliders. Pure. */

/** The variables that have a slider. */
export const settings = ["GOGC", "GOMEMLIMIT", "GOMAXPROCS"] as const;
export type Setting = (typeof settings)[number];

/** A variable that is left out, so that the toolchain's default holds. */
export const unset = "";

/** The value that holds where the variable is not set, as far as it is the same on each machine. */
const defaults: Record<Setting, string> = { GOGC: "100", GOMEMLIMIT: "off", GOMAXPROCS: unset };

const offered: Record<Setting, readonly string[]> = {
  GOGC: ["10", "25", "50", "75", "100", "150", "200", "300", "400", "800", "1600", "off"],
  GOMEMLIMIT: ["8", "12", "16", "24", "32", "48", "64", "96", "128", "192"]
    .map((count) => `${count}MiB`)
    .concat("off"),
  GOMAXPROCS: [unset, "1", "2", "3", "4", "6", "8"],
};

const units: Record<string, number> = {
  B: 1,
  KiB: 2 ** 10,
  MiB: 2 ** 20,
  GiB: 2 ** 30,
  TiB: 2 ** 40,
};

/** Where a value stands among others: `off` is beyond all, what is left out before. */
function rank(value: string): number {
  if (value === unset) return -1;
  if (value === "off") return Number.POSITIVE_INFINITY;
  const [, count, unit = "B"] = /^(\d+)([KMGT]iB|B)?$/.exec(value) ?? [];
  return Number(count) * (units[unit] ?? 1);
}

/** The stops of a slider, in order, with the value that a run has. */
export function stopsOf(setting: Setting, env: Readonly<Record<string, string>>): string[] {
  const value = valueIn(setting, env);
  const stops = offered[setting];
  return stops.includes(value)
    ? [...stops]
    : [...stops, value].sort((one, other) => rank(one) - rank(other));
}

/** What a run has a setting at, whether it was said or not. */
export function valueIn(setting: Setting, env: Readonly<Record<string, string>>): string {
  return env[setting] || defaults[setting];
}

/** The environment with one setting at another value. */
export function withSetting(
  env: Readonly<Record<string, string>>,
  setting: Setting,
  value: string,
): Record<string, string> {
  const { [setting]: _, ...rest } = env;
  return value === unset ? rest : { ...rest, [setting]: value };
}

/** The name of a run, made of what it was told; `defaults` where that is nothing. */
export function nameOf(env: Readonly<Record<string, string>>): string {
  const told = settings.flatMap((setting) => (env[setting] ? `${setting}=${env[setting]}` : []));
  return told.join(" ") || "defaults";
}
