/**
 * The code of a snippet. The server wrote it as highlighted text with a text area over it, whose own
 * letters are not seen. The editor takes the place of both when a reader wants to edit, and is
 * loaded only then: it is larger than all the rest of a page.
 */
import type { GoEditor } from "./editor.ts";
import type { Marks } from "./marks.ts";

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

/** What a screen reader says of its keys. */
const description =
  "Enter begins editing. Control or Command with Enter runs it. Escape, then Tab, leaves the editor.";

/** Code that can be read at once, and edited. */
export class CodeField {
  /** What to put into the page. */
  readonly element: HTMLElement;
  readonly #options: CodeFieldOptions;
  readonly #still: HTMLElement;
  readonly #area: HTMLTextAreaElement;
  readonly #pre: HTMLElement;
  readonly #lines: HTMLElement;
  /** The server's code, and what it is made of in `#pre`. */
  readonly #marked: { text: string; nodes: ChildNode[] };
  #editor: GoEditor | null = null;
  /** What is to be marked on the code, also while the editor is on its way. */
  #marks: Marks | null = null;
  /** Where the reader pressed, in the window's pixels, if nothing was typed since. */
  #press: { x: number; y: number } | null = null;
  /** Whether the reader came with Tab and has pressed no other key: then Enter only begins, and Tab goes on. */
  #passing = false;
  /** Whether it lost the focus with the whole window, which gives it back. */
  #away = false;
  /** Resolves when no button is down and no letter is being composed: until then the text area stays. */
  #quiet: Promise<void> = Promise.resolve();

  constructor(options: CodeFieldOptions) {
    const { element } = options;
    const still = element.querySelector<HTMLElement>(".still");
    const area = element.querySelector("textarea");
    const pre = element.querySelector("pre");
    const lines = element.querySelector<HTMLElement>(".still-lines");
    if (!still || !area || !pre || !lines) throw new Error("the snippet has no code");
    this.element = element;
    this.#options = options;
    this.#still = still;
    this.#area = area;
    this.#pre = pre;
    this.#lines = lines;
    this.#marked = { text: area.defaultValue, nodes: [...pre.childNodes] };
    still.classList.add("with-script");
    this.#show();
    // To read and copy, it is all that is needed.
    if (area.readOnly) return;
    area.setAttribute("aria-description", description);
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

  /** Puts colours on the page's code, which the server did not colour: nodes of the same text. */
  colour(nodes: ChildNode[]): void {
    this.#marked.nodes = nodes;
    if (!this.#editor) this.#show();
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

  /** Puts marks on the code in place of those that are there. It takes the editor to draw them, so that is loaded then. */
  async mark(marks: Marks | null): Promise<void> {
    this.#marks = marks;
    if (marks) await this.#edit();
    this.#editor?.mark(this.#marks);
  }

  /** Puts the text area back in the editor's place: what that listens to at the window would outlive it. */
  close(): void {
    const editor = this.#editor;
    if (!editor) return;
    this.#area.value = editor.text;
    this.#editor = null;
    editor.close();
    this.element.querySelector(".editor")?.replaceWith(this.#still);
    this.#show();
  }

  #listen(): void {
    const area = this.#area;
    const prepare = () => void load().catch(() => {});
    area.addEventListener("pointerenter", prepare);
    area.addEventListener("pointerdown", ({ clientX: x, clientY: y }) => {
      prepare();
      this.#press = { x, y };
      this.#quiet = new Promise((resolve) => {
        const listening = new AbortController();
        const { signal } = listening;
        signal.addEventListener("abort", () => resolve());
        for (const end of ["pointerup", "pointercancel"])
          addEventListener(end, () => listening.abort(), { signal });
      });
    });
    area.addEventListener("compositionstart", () => {
      this.#quiet = new Promise((resolve) => {
        area.addEventListener("compositionend", () => resolve(), { once: true });
      });
    });
    area.addEventListener("focus", () => {
      if (!this.#away) this.#passing = this.#press === null;
      void this.#edit();
    });
    area.addEventListener("blur", () => {
      this.#press = null;
      this.#away = this.#active === area;
      this.#still.classList.remove("is-bare");
    });
    area.addEventListener("keydown", (event) => {
      this.#press = null;
      if (isPassingKey(event.key)) return;
      if (this.#passing && event.key === "Enter" && !event.ctrlKey && !event.metaKey)
        event.preventDefault();
      this.#passing = false;
    });
    area.addEventListener("input", () => this.#changed());
  }

  /** What has the focus, as seen from the tree that the code stands in. */
  get #active(): Element | null {
    return (this.element.getRootNode() as Document | ShadowRoot).activeElement;
  }

  #changed(): void {
    this.#show();
    this.#options.onChange();
  }

  /** Puts the code under the text area, which gets its size by that: in colours, or plain where it was changed. */
  #show(): void {
    const { value } = this.#area;
    const { text, nodes } = this.#marked;
    this.#pre.replaceChildren(...(value === text ? nodes : [value]));
    const count = value.split("\n").length;
    this.#lines.textContent = Array.from({ length: count }, (_, at) => `${at + 1}\n`).join("");
  }

  /** Brings the editor, unless the code is not to be changed. Where it cannot be loaded, the text area goes on doing its work. */
  async #edit(): Promise<void> {
    if (this.#area.readOnly) return;
    const loaded = await load().catch(() => null);
    if (!loaded) {
      this.#still.classList.toggle("is-bare", this.#active === this.#area);
      return;
    }
    let quiet: Promise<void> | null = null;
    while (quiet !== this.#quiet) {
      quiet = this.#quiet;
      await quiet;
    }
    if (!this.#editor && this.element.isConnected) this.#mount(loaded.GoEditor);
  }

  #mount(Editor: EditorModule["GoEditor"]): void {
    const area = this.#area;
    const hadFocus = this.#active === area;
    const press = hadFocus ? this.#press : null;
    const { scrollTop, scrollLeft } = this.#still;
    const host = document.createElement("div");
    host.className = "editor";
    this.#still.before(host);
    const editor = new Editor({
      host,
      text: area.value,
      label: area.getAttribute("aria-label") ?? "",
      description,
      isPassingKey,
      onRun: this.#options.onRun,
      onChange: this.#options.onChange,
    });
    this.#editor = editor;
    editor.select(area.selectionStart, area.selectionEnd);
    // Before the text area goes: a keyboard on the screen would go with it.
    if (hadFocus) editor.focus(this.#passing);
    this.#still.remove();
    editor.scrollTo(scrollTop, scrollLeft);
    // On a phone the text area's letters are larger than those that were pressed on.
    if (press && area.selectionStart === area.selectionEnd) editor.selectAt(press);
  }
}

/** Keys that say nothing of what a reader wants in the code that the focus came to. */
function isPassingKey(key: string): boolean {
  return ["Tab", "Shift", "Control", "Alt", "Meta"].includes(key);
}
