/** `<copy-button>`: puts a text on the clipboard, and says so. */
import { html, LitElement } from "lit";

/** How long the button says that it has copied, in ms. */
const saidFor = 2000;

/** Copies `text`. Where the browser allows no clipboard (plain http), it selects the text beside it. */
export class CopyButton extends LitElement {
  static override properties = {
    text: { attribute: false },
    label: { type: String },
    said: { state: true },
  };

  declare text: string;
  declare label: string;
  declare private said: string;

  constructor() {
    super();
    this.text = "";
    this.label = "Copy";
    this.said = "";
  }

  protected override createRenderRoot(): HTMLElement {
    return this;
  }

  protected override render() {
    return html`<button type="button" class="button quiet small" aria-label=${this.said || this.label}
      @click=${this.#copy}>${this.said || "Copy"}</button>`;
  }

  #copy = async (): Promise<void> => {
    try {
      await navigator.clipboard.writeText(this.text);
      this.said = "Copied";
    } catch {
      const beside = this.previousElementSibling;
      if (beside) getSelection()?.selectAllChildren(beside);
      this.said = "Selected";
    }
    setTimeout(() => {
      this.said = "";
    }, saidFor);
  };
}

customElements.define("copy-button", CopyButton);
