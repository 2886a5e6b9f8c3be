// Opens a pool: from one that was used before, or from nothing.

import { html, useState } from "../html.js";
import { serverClock } from "../clock.js";
import { isPoolsOwn } from "../state/pool.js";
import { MINUTES, YES_OR_NO } from "../state/templates.js";
import { plural, targetName, targetPaths } from "../words.js";
import { isCutOff, textOf, useRequest } from "./parts.js";
import { Templates } from "./templates.js";

const HELD_MS = 20_000;
const CLOSES = [["", "When it is decided"], ...MINUTES.map((minutes) => [minutes, `In ${plural(Number(minutes), "minute")}`])];
const ENDS = CLOSES.map(([minutes, text]) => [minutes, minutes ? `${text} at the latest` : text]);

const EMPTY = { description: "", action: null, minutes: "", ends: "", targets: null, isHot: false, isReopened: false, isHeld: false };

export function NewPool({ app, page, game, details, gameId }) {
  const [form, setForm] = useState(EMPTY);
  const [{ error, notice, isBusy }, run] = useRequest();
  const actions = Object.entries(details.actions).filter(([id]) => !isPoolsOwn(id));
  const action = form.action ?? actions[0]?.[0] ?? YES_OR_NO;
  const set = (changes) => setForm((now) => ({ ...now, ...changes }));
  const open = (event) => {
    event.preventDefault();
    isBusy || run(async () => {
      const pool = await app.ask("create_and_open_betting_pool", { game_id: gameId, ...parametersOf({ ...form, action }) });
      setForm(EMPTY);
      return `Opened: ${pool.description}`;
    });
  };
  return html`
    <section class="card openpool" aria-label="Open a pool">
      <header class="bar-head"><h2>Open a pool</h2></header>
      <form class="pad stack" onSubmit=${open}>
        <${Templates} app=${app} game=${game} details=${details} form=${form} onChoose=${set} />
        <div class="field"><label for="pool-question">Question</label>
          <input id="pool-question" name="description" required maxlength="500" placeholder="Who scores the next goal?" autocomplete="off"
            value=${form.description} onInput=${(event) => set({ description: event.target.value })} /></div>
        <div class="pair">
          <div class="field"><label for="pool-by">Decided by</label>
            <select id="pool-by" name="action" value=${action} onChange=${(event) => set({ action: event.target.value })}>
              ${actions.map(([id, { name }]) => html`<option value=${id}>Next ${name.toLowerCase()}</option>`)}
              <option value=${YES_OR_NO}>You, yes or no</option></select></div>
          <div class="field"><label for="pool-closes">Bets close</label>
            <select id="pool-closes" name="minutes" value=${form.minutes} onChange=${(event) => set({ minutes: event.target.value })}>
              ${CLOSES.map(([value, text]) => html`<option value=${value}>${text}</option>`)}</select></div>
          <div class="field"><label for="pool-ends">Ends</label>
            <select id="pool-ends" name="ends" value=${form.ends} onChange=${(event) => set({ ends: event.target.value })}>
              ${ENDS.map(([value, text]) => html`<option value=${value}>${text}</option>`)}</select></div>
        </div>
        ${action !== YES_OR_NO && html`<${Targets} details=${details} chosen=${form.targets} onChange=${(targets) => set({ targets })} />`}
        <div class="row">
          <label class="check"><input type="checkbox" checked=${form.isHot} onChange=${(event) => set({ isHot: event.target.checked })} /> Hot</label>
          <label class="check"><input type="checkbox" checked=${form.isReopened} onChange=${(event) => set({ isReopened: event.target.checked })} /> Reopen afterwards</label>
          <label class="check"><input type="checkbox" checked=${form.isHeld} onChange=${(event) => set({ isHeld: event.target.checked })} /> Hold the result for ${HELD_MS / 1000} s before it pays</label></div>
        ${error && html`<p class="error" role="alert">${textOf(error)}</p>`}
        <button class="btn primary big" aria-disabled=${isBusy || isCutOff(page)}>Open the pool</button>
        <p class="note" role="status">${notice}</p>
      </form>
    </section>`;
}

/** Every top-level target is in the pool unless others are chosen. */
function Targets({ details, chosen, onChange }) {
  const paths = targetPaths(details.targets).filter((path) => path !== "none");
  const top = paths.filter((path) => !path.includes(":"));
  const now = chosen ?? top;
  const toggle = (path) => {
    const next = now.includes(path) ? now.filter((each) => each !== path) : [...now, path];
    onChange(paths.filter((each) => next.includes(each)));
  };
  return html`
    <fieldset><legend>Targets</legend><div class="pair thin">${paths.map((path) => html`
      <label class="check box" key=${path}><input type="checkbox" checked=${now.includes(path)} onChange=${() => toggle(path)} /> ${targetName(details, path)}</label>`)}
      </div></fieldset>`;
}

function parametersOf({ description, action, minutes, ends, targets, isHot, isReopened, isHeld }) {
  const isBinary = action === YES_OR_NO;
  const what = isBinary ? {} : { action, targets: targets?.length ? targets : undefined };
  const times = { stop_accepting_bets_at: inMinutes(minutes), finish_at: inMinutes(ends) };
  const type = (isBinary ? 3 : 1) + (ends ? 1 : 0);
  return { description, ...what, ...times, pool_type: type, is_hot: isHot, recreate_on_end: isReopened, confirm_for: isHeld ? HELD_MS : 0 };
}

const inMinutes = (minutes) => (minutes ? Math.round(serverClock.now() + Number(minutes) * 60_000) : undefined);
