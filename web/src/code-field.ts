/**
 * The code of a snippet. The server wrote it as highlighted text with a text area over it, in which
 * the letters are not seen as long as they are the same. The editor takes the place of both when a
 * reader wants to edit, and is loaded only then: it is larger than all the rest of a page.
 */
import type { GoEditor } from "./editor.ts";

/** Whom a code field tells. */
export interface CodeFieldOptions {
  /** The element that the server wrote, `.snippet-code`. */
  element: HTMLElement;
  onRun: () => void;
  onChange: () => void;
}

type EditorModule = typeof import("./editor.ts");

let loading: Promise<EditorModule> | null = null;

/** Loads the editor once for all snippets, and again when that failed. */
function load(): Promise<EditorModule> {
  loading ??= import("./editor.ts").catch((error: unknown) => {
    loading = null;
    throw error;
  });
  return loading;
}

/** Where a reader pressed last, in the window's pixels; null after a key. */
type Press = { x: number; y: number } | null;

/** Code that can be read at once, and edited. */
export class CodeField {
  /** What to put into the page. */
  readonly element: HTMLElement;
  readonly #options: CodeFieldOptions;
  readonly #still: HTMLElement;
  readonly #area: HTMLTextAreaElement;
  /** What the highlighted text says. */
  readonly #shown: string;
  #editor: GoEditor | null = null;
  #press: Press = null;
  /** Resolves when no button is down and no letter is being composed: until then the text area stays. */
  #quiet: Promise<void> = Promise.resolve();

  constructor(options: CodeFieldOptions) {
    const { element } = options;
    const still = element.querySelector<HTMLElement>(".still");
    const area = element.querySelector("textarea");
    if (!still || !area) throw new Error("the snippet has no code");
    this.element = element;
    this.#options = options;
    this.#still = still;
    this.#area = area;
    this.#shown = area.defaultValue;
    still.classList.add("with-script");
    area.setAttribute("aria-description", description);
    this.#mark();
    this.#listen();
  }

  /** The code as it stands. */
  get text(): string {
    return this.#editor?.text ?? this.#area.value;
  }

  /** Replaces the code; in the editor as one change, which its `undo` takes back. */
  replace(text: string): void {
    if (this.#editor) {
      this.#editor.replace(text);
      return;
    }
    this.#area.value = text;
    this.#changed();
  }

  /** Puts the cursor into the code. */
  focus(): void {
    if (this.#editor) this.#editor.focus();
    else this.#area.focus();
  }

  /** Shows a line and marks it; both count from 1. Without the editor, it is loaded first. */
  async goTo(line: number, column: number): Promise<void> {
    await this.#edit();
    this.#editor?.goTo(line, column);
  }

  /** Takes the mark of `goTo` away. */
  unmark(): void {
    this.#editor?.unmark();
  }

  #listen(): void {
    const area = this.#area;
    const prepare = () => void load().catch(() => {});
    area.addEventListener("pointerenter", prepare);
    area.addEventListener("pointerdown", ({ clientX: x, clientY: y }) => {
      prepare();
      this.#press = { x, y };
      this.#quiet = new Promise((resolve) => {
        for (const end of ["pointerup", "pointercancel"])
          addEventListener(end, () => resolve(), { once: true });
      });
    });
    area.addEventListener("compositionstart", () => {
      this.#quiet = new Promise((resolve) => {
        area.addEventListener("compositionend", () => resolve(), { once: true });
      });
    });
    area.addEventListener("focus", () => void this.#edit());
    area.addEventListener("keydown", (event) => {
      this.#press = null;
      // As in the editor: who came with Tab goes on with Tab, and stays with Enter.
      if (event.key === "Enter" && !event.ctrlKey && !event.metaKey) event.preventDefault();
    });
    area.addEventListener("input", () => this.#changed());
  }

  #changed(): void {
    this.#mark();
    this.#options.onChange();
  }

  /** Where the highlighted text is not the code, the text area's own letters are seen. */
  #mark(): void {
    this.#still.classList.toggle("is-edited", this.#area.value !== this.#shown);
    const lines = this.#still.querySelector(".still-lines");
    const count = this.#area.value.split("\n").length;
    if (lines) lines.textContent = Array.from({ length: count }, (_, at) => `${at + 1}\n`).join("");
  }

  /** Brings the editor. Where it cannot be loaded, the text area goes on doing its work. */
  async #edit(): Promise<void> {
    try {
      const { GoEditor } = await load();
      let quiet: Promise<void> | null = null;
      while (quiet !== this.#quiet) {
        quiet = this.#quiet;
        await quiet;
      }
      if (!this.#editor) this.#mount(GoEditor);
    } catch {
      this.#still.classList.add("is-edited");
    }
  }

  #mount(Editor: EditorModule["GoEditor"]): void {
    const area = this.#area;
    const hadFocus = document.activeElement === area;
    const { scrollTop, scrollLeft } = this.#still;
    const host = document.createElement("div");
    host.className = "editor";
    this.#still.before(host);
    const editor = new Editor({
      host,
      text: area.value,
      label: area.getAttribute("aria-label") ?? "",
      description,
      onRun: this.#options.onRun,
      onChange: this.#options.onChange,
    });
    this.#editor = editor;
    editor.select(area.selectionStart, area.selectionEnd);
    // Before the text area goes: a keyboard on the screen would go with it.
    if (hadFocus) editor.focus(this.#press === null);
    this.#still.remove();
    editor.scrollTo(scrollTop, scrollLeft);
    // On a phone the text area's letters are larger than those that were pressed on.
    if (hadFocus && this.#press && area.selectionStart === area.selectionEnd)
      editor.selectAt(this.#press);
  }
}

const description =
  "Enter begins editing. Control or Command with Enter runs it. Escape, then Tab, leaves the editor.";
