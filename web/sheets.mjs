// Style sheets that scripts take in as text, with all that they import.
import { build } from "esbuild";

/** Takes each sheet of ours that a script names `with { type: "text" }`. */
export const sheets = (target) => ({
  name: "sheets",
  setup({ onLoad }) {
    onLoad({ filter: /[/]src[/]styles[/][^/]+\.css$/ }, async ({ path, with: { type } }) => {
      if (type !== "text") return undefined;
      const made = await build({
        entryPoints: [path],
        bundle: true,
        minify: true,
        target,
        write: false,
        metafile: true,
      });
      return {
        contents: made.outputFiles[0].text,
        loader: "text",
        watchFiles: Object.keys(made.metafile.inputs),
      };
    });
  },
});
