// The nodes of the cluster, or one line about a server that stands alone.

import { html, useEffect, useLoaded } from "../html.js";
import { count } from "../words.js";
import { Tag, Trouble } from "./parts.js";

const EVERY_MS = 5_000;
const ROLES = { leader: "Leader", edge: "Edge" };

export function Nodes({ api }) {
  const { value, error, reload } = useLoaded(() => api.get("v1/nodes"), []);
  useEffect(() => {
    const timer = setTimeout(reload, EVERY_MS);
    return () => clearTimeout(timer);
  }, [value, error]);
  const isAlone = value && value.cluster === null;
  return html`
    <section class="card" aria-labelledby="nodes-title">
      <header class="head"><h2 id="nodes-title">Nodes</h2>
        ${value && !isAlone && html`<span class="note">epoch ${count(value.epoch)} · ${count(value.log)} records in the log</span>`}</header>
      <${Trouble} error=${error} />
      ${isAlone && html`<ul class="list"><li><span>This server stands alone, version ${value.nodes[0].version}.</span><${Ready} node=${value.nodes[0]} /></li></ul>`}
      ${value && !isAlone && html`<${Table} nodes=${value.nodes} log=${value.log} />`}
    </section>`;
}

function Table({ nodes, log }) {
  return html`
    <div class="scroll" tabindex="0" role="region" aria-label="List of nodes"><table>
      <thead><tr><th scope="col">Node</th><th scope="col">Role</th><th scope="col">Version</th><th scope="col" class="num">Applied</th><th scope="col" class="num">Behind</th><th scope="col" class="num">Clock</th><th scope="col">State</th></tr></thead>
      <tbody>${nodes.map((node) => html`
        <tr key=${node.address}><th scope="row"><b>${node.address}</b></th><td>${ROLES[node.role]}</td><td>${node.version}</td>
          <td class="num">${count(node.applied)}</td><td class="num">${count(Math.max(0, log - node.applied))}</td>
          <td class="num">${count(node.skew_ms)} ms</td><td><${Ready} node=${node} /></td></tr>`)}
      </tbody></table></div>`;
}

const Ready = ({ node }) => (node.ready
  ? html`<${Tag} kind="good">Ready<//>`
  : html`<${Tag} kind="bad">Not ready<//>`);
