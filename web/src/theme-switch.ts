/** The three-way switch in the page's head. */
import { html, LitElement, svg } from "lit";
import { chooseTheme, storedTheme, type Theme } from "./theme.ts";

const icons = {
  light: svg`<circle cx="8" cy="8" r="3"/><path d="M8 1.5v1.6M8 12.9v1.6M1.5 8h1.6M12.9 8h1.6M3.4 3.4l1.1 1.1M11.5 11.5l1.1 1.1M12.6 3.4l-1.1 1.1M4.5 11.5l-1.1 1.1"/>`,
  system: svg`<rect x="1.8" y="2.8" width="12.4" height="8.4" rx="1.4"/><path d="M5.5 13.8h5"/>`,
  dark: svg`<path d="M13.4 9.7A5.8 5.8 0 0 1 6.3 2.6a5.8 5.8 0 1 0 7.1 7.1z"/>`,
};

const names: Record<Theme, string> = { light: "Light", system: "As the system", dark: "Dark" };

/** `<theme-switch>`: radio buttons, so that arrow keys work as everywhere. */
export class ThemeSwitch extends LitElement {
  protected override createRenderRoot(): HTMLElement {
    return this;
  }

  protected override render() {
    const chosen = storedTheme();
    return html`<fieldset class="theme-switch">
      <legend class="visually-hidden">Colours</legend>
      ${(["light", "system", "dark"] as const).map(
        (theme) => html`<label title=${names[theme]}>
          <input
            type="radio" name="theme" value=${theme} .checked=${theme === chosen}
            @change=${() => chooseTheme(theme)}
          />
          <svg viewBox="0 0 16 16" aria-hidden="true">${icons[theme]}</svg>
          <span class="visually-hidden">${names[theme]}</span>
        </label>`,
      )}
    </fieldset>`;
  }
}
