/**
 * The Go editor: CodeMirror in a shadow root of its own. There its styles are constructed sheets,
 * which a Content-Security-Policy without 'unsafe-inline' lets through; in the page itself they
 * would be <style> elements, which it does not.
 */
import { defaultKeymap, history, historyKeymap, indentWithTab } from "@codemirror/commands";
import { go } from "@codemirror/lang-go";
import { bracketMatching, forceParsing, indentOnInput, indentUnit } from "@codemirror/language";
import { EditorState, Prec, StateEffect, StateField } from "@codemirror/state";
import {
  Decoration,
  type DecorationSet,
  drawSelection,
  EditorView,
  highlightActiveLine,
  highlightActiveLineGutter,
  highlightSpecialChars,
  keymap,
  lineNumbers,
} from "@codemirror/view";
import { marking, reveal, setMarks } from "./editor-marks.ts";
import { theme } from "./editor-theme.ts";
import { type Marks, unitsBefore } from "./marks.ts";

/** How long Tab leaves the editor after Esc, in ms. CodeMirror's own 2 s are short for many readers. */
const tabLeavesFor = 10_000;

/** What an editor needs to know, and whom it tells. */
export interface EditorOptions {
  host: HTMLElement;
  text: string;
  /** Accessible name. */
  label: string;
  /** What a screen reader says of its keys. */
  description: string;
  /** Keys that do not end the passing of a reader who came with Tab. */
  isPassingKey: (key: string) => boolean;
  onRun: () => void;
  onChange: () => void;
}

/** How long code may be parsed at once when the editor comes, in ms. */
const parsesFor = 200;

/** How long Tab goes on to the next element for a reader who came with it and pressed nothing else, in ms. */
const tabPassesFor = 24 * 60 * 60 * 1000;

/** Marks the line that a diagnostic points at; null takes the mark away. */
const point = StateEffect.define<number | null>();

const pointed = StateField.define<DecorationSet>({
  create: () => Decoration.none,
  update(marks, transaction) {
    for (const effect of transaction.effects) {
      if (!effect.is(point)) continue;
      if (effect.value === null) return Decoration.none;
      return Decoration.set(Decoration.line({ class: "cm-pointed" }).range(effect.value));
    }
    return transaction.docChanged ? Decoration.none : marks;
  },
  provide: (field) => EditorView.decorations.from(field),
});

/** Keeps a little room between the line numbers and the cursor, so that going Home scrolls all the way. */
function besideNumbers(view: EditorView): { left: number } {
  const numbers = view.scrollDOM.querySelector<HTMLElement>(".cm-gutters");
  return { left: (numbers?.offsetWidth ?? 0) + 16 };
}

/** A Go editor in the page. */
export class GoEditor {
  readonly #view: EditorView;
  /** Whether the reader came with Tab and has pressed no other key. */
  #passing = false;
  /** Whether the focus that comes now is wanted here. */
  #meant = false;

  constructor(options: EditorOptions) {
    const root = options.host.attachShadow({ mode: "open" });
    const showLines = (count: number) => options.host.style.setProperty("--lines", String(count));
    const run = () => {
      options.onRun();
      return true;
    };
    const leaveWithTab = (view: EditorView) => {
      // After CodeMirror's own handling of Esc, which would allow 2 s.
      setTimeout(() => view.setTabFocusMode(tabLeavesFor));
      return false;
    };
    const state = EditorState.create({
      doc: options.text,
      extensions: [
        Prec.highest(
          keymap.of([
            { key: "Mod-Enter", run },
            { key: "Escape", run: leaveWithTab },
            { key: "Enter", run: () => this.#stay() },
            { any: (_, { key }) => this.#pressed(options.isPassingKey(key) || key === "Enter") },
          ]),
        ),
        // A run is started once, however long the keys are held.
        Prec.highest(
          EditorView.domEventHandlers({
            keydown: ({ key, repeat, ctrlKey, metaKey }) =>
              key === "Enter" && repeat && (ctrlKey || metaKey),
          }),
        ),
        EditorView.domEventHandlers({
          focus: () => {
            if (!this.#meant) this.#pass();
            this.#meant = false;
          },
          // When the whole window loses the focus, this stays the active element, and it comes back.
          blur: () => {
            this.#meant = root.activeElement !== null;
          },
        }),
        lineNumbers(),
        highlightSpecialChars(),
        history(),
        drawSelection(),
        indentOnInput(),
        bracketMatching(),
        highlightActiveLine(),
        highlightActiveLineGutter(),
        keymap.of([...defaultKeymap, ...historyKeymap, indentWithTab]),
        go(),
        indentUnit.of("\t"),
        EditorState.tabSize.of(4),
        EditorView.contentAttributes.of({
          "aria-label": options.label,
          "aria-description": options.description,
          // It takes the focus anyway; axe wants it said, since what it stands in scrolls.
          tabindex: "0",
          autocapitalize: "off",
          autocorrect: "off",
          spellcheck: "false",
        }),
        EditorView.updateListener.of((update) => {
          if (!update.docChanged) return;
          showLines(update.state.doc.lines);
          options.onChange();
        }),
        EditorView.scrollMargins.of(besideNumbers),
        pointed,
        marking,
        theme,
      ],
    });
    showLines(state.doc.lines);
    this.#view = new EditorView({ state, root, parent: root });
    // Else colours would be gone for a moment while the editor takes the place of coloured text.
    forceParsing(this.#view, state.doc.length, parsesFor);
    this.#view.dom.addEventListener("pointerdown", () => {
      this.#meant = !this.#view.hasFocus;
      this.#stay();
    });
  }

  /** The code as it stands. */
  get text(): string {
    return this.#view.state.doc.toString();
  }

  /** Replaces the code, as one change which `undo` takes back. */
  replace(text: string): void {
    const { doc } = this.#view.state;
    this.#view.dispatch({
      changes: { from: 0, to: doc.length, insert: text },
      userEvent: "input.replace",
    });
  }

  /** Puts the cursor where it was. With `passing`, Tab goes on to the next element until another key is pressed. */
  focus(passing = false): void {
    this.#meant = !passing;
    this.#view.focus();
    if (passing) this.#pass();
  }

  /** Selects from one offset to another. */
  select(anchor: number, head: number): void {
    this.#view.dispatch({ selection: { anchor, head } });
  }

  /** Puts the cursor at a point of the window. */
  selectAt(point: { x: number; y: number }): void {
    this.#view.dispatch({ selection: { anchor: this.#view.posAtCoords(point, false) } });
  }

  /** Scrolls the code inside of its box. */
  scrollTo(top: number, left: number): void {
    this.#view.scrollDOM.scrollTo({ top, left, behavior: "instant" });
  }

  /** Shows a line and marks it; both count from 1, the column in bytes. */
  goTo(line: number, column: number): void {
    const { doc } = this.#view.state;
    const at = doc.line(Math.min(Math.max(1, line), doc.lines));
    const anchor = at.from + unitsBefore(at.text, column);
    this.#view.dispatch({
      selection: { anchor },
      effects: [point.of(at.from), EditorView.scrollIntoView(anchor, { y: "center" })],
    });
    this.focus();
  }

  /** Takes the mark of `goTo` away. */
  unmark(): void {
    this.#view.dispatch({ effects: point.of(null) });
  }

  /** Puts marks on the code in place of those that are there. */
  mark(marks: Marks | null): void {
    this.#view.dispatch({ effects: setMarks.of(marks) });
    if (marks) reveal(this.#view, marks);
  }

  /** Ends it. Nothing else may be asked of it then. */
  close(): void {
    this.#view.destroy();
  }

  #pass(): void {
    this.#passing = true;
    this.#view.setTabFocusMode(tabPassesFor);
  }

  /** Ends the passing. True if there was any, so that the Enter which ends it writes no line. */
  #stay(): boolean {
    const was = this.#passing;
    this.#passing = false;
    if (was) this.#view.setTabFocusMode(false);
    return was;
  }

  /** Enter ends the passing in a binding of its own. CodeMirror lets Tab be Tab again by itself. */
  #pressed(passes: boolean): boolean {
    if (!passes) this.#passing = false;
    return false;
  }
}
