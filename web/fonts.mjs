// Cuts fonts down to what our pages are written with. A character that is not there comes from the system's fonts.
import { readFile } from "node:fs/promises";
import subsetFont from "subset-font";

/** ASCII, and what prose and drawings have beside it. */
const letters =
  String.fromCharCode(...Array.from({ length: 95 }, (_, at) => 32 + at)) +
  "\u00a0\u00b0\u00b5\u00b7\u00d7\u2013\u2014\u2018\u2019\u201c\u201d\u2026\u2191\u2193\u2212";

/** The weights that the styles ask for, of a font that has all of them. */
const axes = (path) =>
  path.includes("-wght-") ? { variationAxes: { wght: { min: 400, max: 600 } } } : {};

/** Takes `url("subset:PACKAGE/FILE.woff2")`. */
export const fonts = {
  name: "fonts",
  setup(build) {
    build.onResolve({ filter: /^subset:/ }, async ({ path, kind, resolveDir }) => {
      const found = await build.resolve(path.slice("subset:".length), { kind, resolveDir });
      return found.errors.length > 0 ? found : { path: found.path, namespace: "subset" };
    });
    build.onLoad({ filter: /\.woff2$/, namespace: "subset" }, async ({ path }) => ({
      contents: await subsetFont(await readFile(path), letters, {
        targetFormat: "woff2",
        ...axes(path),
        // Ligatures and small capitals, which nothing here uses, would be a quarter of the bytes.
        noLayoutClosure: true,
      }),
      loader: "dataurl",
    }));
  },
};
