// The room of the exports: a file of transfers, bets, results or users.

import { html, useState } from "../html.js";
import { DAY_MS } from "../words.js";
import { Choice, Field, Trouble } from "./parts.js";

const KINDS = [["transfers", "Transfers"], ["bets", "Bets"], ["results", "Results"], ["users", "Users"]];
const FORMATS = [["csv", "CSV"], ["jsonl", "JSON lines"]];

export function Exports({ api }) {
  const [kind, setKind] = useState("transfers");
  const [format, setFormat] = useState("csv");
  const [{ error, done, isBusy }, setState] = useState({});
  const save = async (event) => {
    event.preventDefault();
    if (isBusy) return;
    const { first, last } = Object.fromEntries(new FormData(event.target));
    const query = { format, from: first && Date.parse(first), to: last && Date.parse(last) + DAY_MS };
    setState({ isBusy: true });
    try {
      const name = `${kind}.${format}`;
      offer(await api.file(`v1/export/${kind}`, query), name);
      setState({ done: `${name} is ready.` });
    } catch (refused) {
      setState({ error: refused });
    }
  };
  return html`
    <form class="card pad stack narrow" onSubmit=${save} aria-labelledby="export-title">
      <h2 id="export-title">Export</h2>
      <${Choice} label="What" choices=${KINDS} value=${kind} onChoose=${setKind} />
      <${Choice} label="Format" choices=${FORMATS} value=${format} onChoose=${setFormat} />
      <div class="pair"><${Field} label="First day" hint="UTC" name="first" type="date" /><${Field} label="Last day" hint="UTC" name="last" type="date" /></div>
      <p class="note">As of one moment. For millions of rows use <code>toteboard export ${kind}</code>: a browser keeps the file in memory.</p>
      <${Trouble} error=${error} />
      <button class="primary" disabled=${isBusy}>${isBusy ? "Exporting…" : "Export"}</button>
      <p class="done" role="status">${done}</p>
    </form>`;
}

function offer(blob, name) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}
