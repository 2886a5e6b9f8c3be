// The room of the moderation: who is muted or banned in a source, and a form that does it.

import { html, usePages, useState } from "../html.js";
import { time } from "../words.js";
import { Choice, Empty, Field, More, Search, Tag, Trouble } from "./parts.js";
import { OfASource } from "./sources.js";

const HOUR_MS = 3_600_000;
const KINDS = [["ban", "Ban"], ["mute", "Mute"]];
const LENGTHS = [[null, "No end"], [HOUR_MS, "1 h"], [24 * HOUR_MS, "1 d"], [7 * 24 * HOUR_MS, "7 d"]];
const MEANING = {
  ban: "The user cannot join, bet or chat in the games of this source. Open bets stand and are paid.",
  mute: "The user cannot chat in the games of this source.",
};
const DONE = { ban: "banned", mute: "muted" };
const LIFTS = { ban: ["lift_ban", "Lift ban"], mute: ["unmute", "Unmute"] };
const MAY_MODERATE = ["moderator", "operator"];

export const Moderation = ({ api, about }) => html`<${OfASource} api=${api} about=${about} room=${Source} />`;

function Source({ api, about, id, children }) {
  const [username, setUsername] = useState("");
  const [refused, setRefused] = useState();
  const path = `v1/sources/${encodeURIComponent(id)}`;
  const { error, pages, next, reload } = usePages((before) => api.get(`${path}/sanctions`, { username, before }), [id, username]);
  const sanctions = pages.flatMap((page) => page.sanctions);
  const mayModerate = MAY_MODERATE.includes(about.role);
  const lift = async (each) => {
    setRefused(await api.post(`${path}/${LIFTS[each.kind][0]}`, { username: each.username }).then(() => undefined, (problem) => problem));
    reload();
  };
  return html`
    <div class="ops">
      <section class="card" aria-labelledby="sanctions-title">
        <header class="head"><h2 id="sanctions-title">Bans and mutes</h2>${children}
          <${Search} label="Find a user" placeholder="Whole username" value=${username} onSearch=${setUsername} /></header>
        <${Trouble} error=${error ?? refused} />
        ${sanctions.length > 0 && html`<${Table} sanctions=${sanctions} isLinked=${!about.source_id} onLift=${mayModerate && lift} />`}
        <${More} onMore=${next} />
        ${pages.length > 0 && sanctions.length === 0 && html`<${Empty}>${username ? `“${username}” is neither banned nor muted here.` : "No user is banned or muted here."}<//>`}
      </section>
      ${mayModerate && html`<div class="side"><${Sanction} api=${api} path=${path} onDone=${reload} /></div>`}
    </div>`;
}

function Table({ sanctions, isLinked, onLift }) {
  return html`
    <div class="scroll" tabindex="0" role="region" aria-label="List of bans and mutes"><table>
      <thead><tr><th scope="col">User</th><th scope="col">State</th><th scope="col">Where</th><th scope="col">Until</th><th scope="col">Reason</th><th scope="col"><span class="sr">Lift</span></th></tr></thead>
      <tbody>${sanctions.map((each) => html`
        <tr key="${each.kind} ${each.user_id} ${each.game_id}">
          <th scope="row">${isLinked ? html`<a href="#/users/${each.user_id}"><b>${each.username}</b></a>` : html`<b>${each.username}</b>`}</th>
          <td>${each.kind === "ban" ? html`<${Tag} kind="bad">Banned<//>` : html`<${Tag} kind="wait">Muted<//>`}</td>
          <td class="long">${each.game_id === null ? "All games" : each.game_name}</td>
          <td>${each.until === null ? "No end" : time(each.until)}</td>
          <td class="long">${each.reason}</td>
          <td class="num"><${Lift} sanction=${each} onLift=${onLift} /></td></tr>`)}
      </tbody></table></div>`;
}

/** The API lifts what holds in a whole source; admins of a game unmute in it. */
function Lift({ sanction, onLift }) {
  if (sanction.game_id !== null) return html`<span class="note">by the game’s admins</span>`;
  const [, label] = LIFTS[sanction.kind];
  return onLift && html`<button onClick=${() => onLift(sanction)} aria-label="${label}: ${sanction.username}">${label}</button>`;
}

function Sanction({ api, path, onDone }) {
  const [kind, setKind] = useState("ban");
  const [length, setLength] = useState(null);
  const [{ error, done, isBusy }, setState] = useState({});
  const send = async (event) => {
    event.preventDefault();
    const form = event.target;
    const until = length === null ? null : Date.now() + length;
    setState({ isBusy: true });
    try {
      const set = await api.post(`${path}/${kind}`, { ...Object.fromEntries(new FormData(form)), until });
      form.reset();
      setState({ done: `${set.username} is ${DONE[kind]}${set.until === null ? "" : ` until ${time(set.until)}`}.` });
      onDone();
    } catch (refused) {
      setState({ error: refused });
    }
  };
  const isOf = (name) => error?.parameter === name || (name === "username" && error?.code === "unknown_user");
  const others = error && !isOf("username") && !isOf("reason") ? error : null;
  return html`
    <form class="card pad stack" onSubmit=${send} aria-label="Ban or mute">
      <h2>Ban or mute</h2>
      <${Choice} label="What to do" choices=${KINDS} value=${kind} onChoose=${setKind} />
      <p class="note">${MEANING[kind]}</p>
      <${Field} label="Username" name="username" maxlength="50" error=${isOf("username") ? error.message : null} />
      <${Choice} label="How long" choices=${LENGTHS} value=${length} onChoose=${setLength} />
      <${Field} label="Reason" name="reason" maxlength="500" error=${isOf("reason") ? error.message : null} />
      <${Trouble} error=${others} />
      <button class="primary" disabled=${isBusy}>${KINDS.find(([each]) => each === kind)[1]} this user</button>
      <p class="done" role="status">${done}</p>
    </form>`;
}
