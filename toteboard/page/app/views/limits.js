// The user's own limits of stakes and losses.

import { html, useRef, useState } from "../html.js";
import { money, moneyOf } from "../money.js";
import { KINDS, SPANS, changesOf, limitsElsewhere, limitsIn } from "../state/limits.js";
import { when } from "../words.js";
import { isCutOff, textOf, useRequest } from "./parts.js";

const firstOf = (wrong) => Object.values(wrong)[0];

/**
 * A change shows at once what the server made of it: lower limits, and higher ones that wait.
 * `known`: the limits by currency. What the user is writing stays when they are read again.
 */
export function Limits({ app, page, known: all, problem, currency, onCurrency }) {
  const [wrong, setWrong] = useState({});
  const form = useRef(null);
  const [{ error, notice, isBusy }, run] = useRequest();
  const known = all[currency];
  const ask = (limits) => app.ask("set_my_limits", { currency, limits }).then(() => form.current?.reset());
  const save = (event) => {
    event.preventDefault();
    if (isBusy) return;
    const found = changesOf(known.limits, Object.fromEntries(new FormData(event.target)));
    setWrong(found.wrong);
    if (Object.keys(found.wrong).length > 0) return;
    run(async () => {
      if (!found.limits) return "Nothing has changed.";
      await ask(found.limits);
      return "Saved.";
    });
  };
  return html`
    <section class="card pad stack" aria-label="Your limits"><h2>Your limits</h2>
      <p class="note">What you can stake and lose, in ${currency}. Days begin at midnight UTC, weeks on Monday. A lower limit applies immediately, a higher one after 24 hours. An empty field is no limit.</p>
      ${!known && (problem
        ? html`<p class="error" role="alert">${textOf(problem)}</p>`
        : html`<p class="note" role="status">Loading your limits…</p>`)}
      ${known && html`
        <form class="stack" ref=${form} onSubmit=${save}>
          <${Fields} limits=${known.limits} currency=${currency} wrong=${wrong} />
          ${firstOf(wrong) && html`<p class="error" role="alert" id="limits-error">${firstOf(wrong)} An empty field is no limit.</p>`}
          ${known.pending.map((each) => html`<${Waiting} key="${each.period} ${each.kind}" raise=${each} limits=${known.limits} isBusy=${isBusy} onKeep=${(limits) => run(() => ask(limits).then(() => "Saved."))} />`)}
          <button class="btn primary block" aria-disabled=${isBusy || isCutOff(page)}>Save limits</button>
        </form>`}
      ${error && html`<p class="error" role="alert">${textOf(error)}</p>`}
      <p class="note" role="status">${notice}</p>
      ${limitsElsewhere(all, currency).map((other) => html`<${Elsewhere} key=${other.currency} ...${other} onCurrency=${onCurrency} />`)}
    </section>`;
}

/** The limits in another currency, with a button that opens them. */
const Elsewhere = ({ currency, limits, onCurrency }) => html`
  <div class="elsewhere"><h3>In ${currency}</h3>
    <ul>${limits.map(({ period, kind, amount }) => html`<li key="${period} ${kind}">${KINDS[kind]} ${SPANS[period]} <b class="figure">${moneyOf(amount)}</b></li>`)}</ul>
    <button type="button" class="btn" onClick=${() => onCurrency(currency)}>Change limits in ${currency}</button></div>`;

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
      <p><b>Waiting:</b> ${KINDS[kind].toLowerCase()} ${SPANS[period]} ${goal} from ${when(at)}.${" "}
        <button type="button" class="link" aria-disabled=${isBusy} onClick=${() => isBusy || onKeep({ [period]: { [kind]: String(now) } })}>Keep ${money(now)}</button></p></div>`;
}
