/** The sheet of shortcuts, from the table. */
import { html, render } from "lit";
import { chooseSingleKeys, groups, isApple, type Shortcut, singleKeys } from "./shortcuts.ts";

let sheet: HTMLDialogElement | null = null;

/** Shows the sheet. Closing it brings the focus back to where it was. */
export function openHelp(): void {
  if (!sheet) {
    sheet = document.createElement("dialog");
    sheet.className = "sheet";
    sheet.setAttribute("aria-labelledby", "sheet-title");
    document.body.append(sheet);
  }
  show(sheet, "");
  sheet.showModal();
}

function show(dialog: HTMLDialogElement, said: string): void {
  const apple = isApple();
  render(
    html`<header class="dialog-head">
        <h2 id="sheet-title">Keyboard shortcuts</h2>
        <form method="dialog"><button class="button quiet small">Close</button></form>
      </header>
      <div class="sheet-groups">
        ${groups.map(
          ({ title, shortcuts }) => html`<section>
            <h3>${title}</h3>
            <dl>${shortcuts.map((shortcut) => line(shortcut, apple))}</dl>
          </section>`,
        )}
      </div>
      <label class="sheet-switch">
        <input
          type="checkbox" role="switch" .checked=${singleKeys()}
          @change=${({ target }: Event) => {
            const kept = chooseSingleKeys((target as HTMLInputElement).checked);
            show(dialog, kept ? "" : "This browser keeps nothing for this site.");
          }}
        />
        <span>Keys without ${apple ? "⌘" : "Ctrl"} do something <small>They never do while you type.</small></span>
      </label>
      <p role="status">${said}</p>`,
    dialog,
  );
}

function line({ keys, does }: Shortcut, apple: boolean) {
  return html`<div>
    <dt>${keys.map((name, index) => html`${index > 0 ? html` <span>or</span> ` : ""}${caps(name, apple)}`)}</dt>
    <dd>${does}</dd>
  </div>`;
}

function caps(name: string, apple: boolean) {
  const single = name.replace("Mod+", apple ? "⌘ " : "Ctrl ").split(" ");
  return single.map((cap, index) => html`${index > 0 ? " " : ""}<kbd>${cap}</kbd>`);
}
