// The user's own limits of stakes and losses, and a break.

import { serverClock } from "../clock.js";
import { html, useEffect, useRef, useState } from "../html.js";
import { money, moneyOf } from "../money.js";
import { BREAKS, KINDS, SPANS, changesOf, limitsIn } from "../state/limits.js";
import { when } from "../words.js";
import { Hold } from "./hold.js";
import { textOf, useRequest } from "./parts.js";

const firstOf = (wrong) => Object.values(wrong)[0];

/** A change shows at once what the server made of it: lower limits, and higher ones that wait. */
export function Limits({ app, currency }) {
  const [known, setKnown] = useState(null);
  const [wrong, setWrong] = useState({});
  const form = useRef(null);
  const [{ error, notice, isBusy }, run] = useRequest();
  const ask = (limits) => app.ask("set_my_limits", { currency, limits }).then(setKnown);
  useEffect(() => void (currency && run(() => ask().then(() => null))), [currency]);
  useEffect(() => form.current?.reset(), [known]);
  const save = (event) => {
    event.preventDefault();
    const found = changesOf(known.limits, Object.fromEntries(new FormData(event.target)));
    setWrong(found.wrong);
    if (Object.keys(found.wrong).length > 0) return;
    run(async () => {
      if (found.limits) await ask(found.limits);
      return "Saved.";
    });
  };
  return html`
    <section class="card pad stack" aria-label="Your limits"><h2>Your limits</h2>
      <p class="note">What you can stake and lose, in ${currency}. Days begin at midnight UTC, weeks on Monday. A lower limit applies immediately, a higher one after 24 hours. An empty field is no limit.</p>
      ${known && html`
        <form class="stack" ref=${form} onSubmit=${save}>
          <${Fields} limits=${known.limits} currency=${currency} wrong=${wrong} />
          ${firstOf(wrong) && html`<p class="error" role="alert" id="limits-error">${firstOf(wrong)} An empty field is no limit.</p>`}
          ${known.pending.map((each) => html`<${Waiting} key="${each.period} ${each.kind}" raise=${each} limits=${known.limits} isBusy=${isBusy} onKeep=${(limits) => run(() => ask(limits).then(() => "Saved."))} />`)}
          <button class="btn primary block" disabled=${isBusy}>Save limits</button>
        </form>`}
      ${error && html`<p class="error" role="alert">${textOf(error)}</p>`}
      <p class="note" role="status">${notice}</p>
    </section>`;
}

function Fields({ limits, currency, wrong }) {
  return html`
    <div class="limits">
      <span></span>${Object.values(KINDS).map((text) => html`<span class="label" aria-hidden="true">${text}</span>`)}
      ${Object.entries(SPANS).map(([period, text]) => html`
        <b aria-hidden="true">${text[0].toUpperCase()}${text.slice(1)}</b>
        ${limitsIn(limits).filter((each) => each.period === period).map(({ kind, amount }) => html`
          <input name="${period}-${kind}" aria-label="${KINDS[kind]} ${text}, ${currency}" inputmode="decimal" autocomplete="off" placeholder="no limit"
            aria-invalid=${wrong[`${period}-${kind}`] ? "true" : undefined} aria-describedby=${firstOf(wrong) ? "limits-error" : undefined}
            defaultValue=${amount === null ? "" : moneyOf(amount)} />`)}`)}
    </div>`;
}

/** A raise that waits, with a button that keeps the limit as it is. */
function Waiting({ raise: { period, kind, amount, at }, limits, isBusy, onKeep }) {
  const now = limits[period]?.[kind];
  const goal = typeof amount === "number" ? `go up to ${money(amount)}` : "have no limit";
  return html`
    <div class="waiting pending"><span aria-hidden="true">◔</span>
      <p><b>Waiting:</b> ${KINDS[kind].toLowerCase()} ${SPANS[period]} ${goal} from ${when(at)}.
        <button type="button" class="link" disabled=${isBusy} onClick=${() => onKeep({ [period]: { [kind]: String(now) } })}>Keep ${money(now)}</button></p></div>`;
}

/** A break may have ended since the server reported it. */
const isRunning = (pause) => pause && (pause.until === null || pause.until > serverClock.now());

/** Nothing ends a break early, so the button has to be held. */
export function Break({ app, pause }) {
  const [chosen, choose] = useState(0);
  const [{ error, isBusy }, run] = useRequest();
  const [, ms] = BREAKS[chosen];
  const take = () => run(() => app.ask("take_a_break", ms === null ? {} : { until: serverClock.now() + ms }).then(() => null));
  return html`
    <section class="card pad stack" aria-label="Take a break"><h2>Take a break</h2>
      <p class="note">No bets and no chat until it is over. Open bets are still paid. You cannot end it early.</p>
      <div class="pair thin break" role="radiogroup" aria-label="How long">${BREAKS.map(([text], i) => html`
        <label class="check box"><input type="radio" name="break" checked=${i === chosen} onChange=${() => choose(i)} /> ${text}</label>`)}</div>
      ${isRunning(pause) && html`<p class="notice" role="status">${pause.until ? `You are on a break until ${when(pause.until)}.` : "You are on a break. Only the operator can end it."}</p>`}
      ${error && html`<p class="error" role="alert">${textOf(error)}</p>`}
      <${Hold} kind="danger block" isBusy=${isBusy} onHeld=${take} text=${ms === null ? "Hold to start a break without an end" : `Hold to start a break until ${when(serverClock.now() + ms)}`} />
    </section>`;
}
