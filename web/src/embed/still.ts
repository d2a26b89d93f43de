/** Code as our own server writes it, for `CodeField`. */

/** `.snippet-code` with the code in it. `CodeField` fills the rest. */
export function stillCode(source: string, label: string, isReadOnly: boolean): HTMLElement {
  const code = element("div", "snippet-code");
  const still = element("div", "still");
  const lines = element("span", "still-lines");
  const pre = element("pre", "");
  const area = document.createElement("textarea");
  for (const unheard of [lines, pre]) unheard.setAttribute("aria-hidden", "true");
  pre.textContent = source;
  area.defaultValue = source;
  area.wrap = "off";
  area.spellcheck = false;
  area.autocapitalize = "off";
  area.autocomplete = "off";
  area.readOnly = isReadOnly;
  area.setAttribute("aria-label", label);
  still.append(lines, pre, area);
  code.append(still);
  return code;
}

function element(name: string, className: string): HTMLElement {
  const made = document.createElement(name);
  made.className = className;
  return made;
}
