// The room of the health: readiness, the disk, slow clients, the nodes, and the hooks.

import { html } from "../html.js";
import { count } from "../words.js";
import { Nodes } from "./nodes.js";
import { Tag } from "./parts.js";

/** A lag of a hook, in seconds, from which on it is shown as one. */
const LATE_S = 60;

export function Health({ api, about, moment: { isReady, why, figures } }) {
  const rows = figures ? [
    ["Failed commits", count(figures.failedCommits), figures.failedCommits === 0],
    ["Mean time of a commit", figures.commitMs === null ? "–" : `${figures.commitMs.toFixed(1)} ms`, true],
    ["Clients closed because they read too slowly", count(figures.laggingCloses), true],
    ["Connections", count(figures.connections ?? 0), true],
  ] : [];
  return html`
    <section class="card" aria-labelledby="health-title">
      <header class="head"><h2 id="health-title">This server</h2>
        ${isReady ? html`<${Tag} kind="good">Ready<//>` : html`<${Tag} kind="bad">${why}<//>`}</header>
      <ul class="list">${rows.map(([label, value, isGood]) => html`
        <li key=${label}><span>${label}</span><b>${value}${isGood ? "" : " ✕"}</b></li>`)}</ul>
    </section>
    ${!about.source_id && html`<${Nodes} api=${api} />`}
    ${figures?.hooks.length > 0 && html`
      <section class="card" aria-labelledby="hooks-title">
        <header class="head"><h2 id="hooks-title">Hooks</h2></header>
        <ul class="list">${figures.hooks.map((hook) => html`
          <li key=${hook.name}><b>${hook.name}</b><div class="row"><span class="note">${Math.round(hook.lagS)} s behind</span>${hookState(hook)}</div></li>`)}</ul>
      </section>`}`;
}

function hookState({ isStopped, lagS }) {
  if (isStopped) return html`<${Tag} kind="bad">Stopped<//>`;
  return lagS >= LATE_S ? html`<${Tag} kind="wait">Late<//>` : html`<${Tag} kind="good">Posting<//>`;
}
