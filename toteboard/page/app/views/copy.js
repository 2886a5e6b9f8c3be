// A button that copies a text.

import { html, useState } from "../html.js";

export function Copy({ text, kind = "", children }) {
  const [notice, setNotice] = useState("");
  const copy = () => copied(text()).then(() => setNotice("Copied."), () => setNotice("The browser blocked the copy. Select the text instead."));
  return html`<span class="row"><button type="button" class="btn ${kind}" onClick=${copy}>${children}</button><span class="note" role="status">${notice}</span></span>`;
}

/** Copy to the clipboard. On plain HTTP a page has no clipboard, so select a text and copy that. */
async function copied(text) {
  if (navigator.clipboard) return navigator.clipboard.writeText(text);
  const area = Object.assign(document.createElement("textarea"), { value: text });
  document.body.append(area);
  area.select();
  const isDone = document.execCommand("copy");
  area.remove();
  if (!isDone) throw new Error("not copied");
}
