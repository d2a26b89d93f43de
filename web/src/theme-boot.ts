/** Runs before the first paint, so that a chosen theme never flashes past in the other one. */
import { applyTheme, storedTheme } from "./theme.ts";

applyTheme(storedTheme());
