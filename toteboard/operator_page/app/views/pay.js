// The form of a payment: credit, debit or hold. The button says what it will do.

import { html, useRef, useState } from "../html.js";
import { newKey } from "../api.js";
import { amountIn, hundredths, money, moneyOf, parameter, wrongWith } from "../money.js";
import { Choice, Field } from "./parts.js";

const KINDS = [["credit", "+ Credit"], ["debit", "− Debit"], ["hold", "Hold"]];
const VERBS = { credit: "Credit", debit: "Debit", hold: "Hold" };

export function Pay({ api, path, currency, balance, onPaid }) {
  const [kind, setKind] = useState("credit");
  const [text, setText] = useState("");
  const [{ error, done, isBusy }, setState] = useState({});
  const once = useRef(newKey());
  const amount = amountIn(text);
  const wrong = wrongWith(text);
  const pay = async (event) => {
    event.preventDefault();
    if (isBusy) return;
    if (wrong) return setState({ error: { message: wrong, parameter: "amount" } });
    const form = event.target;
    const { reason, reference } = Object.fromEntries(new FormData(form));
    const body = { currency, amount: parameter(amount), reason, reference, ...(kind === "hold" ? { hold: true } : {}) };
    setState({ isBusy: true });
    try {
      await api.post(`${path}/${kind === "credit" ? "credits" : "debits"}`, body, once.current);
      once.current = newKey();
      form.reset();
      setText("");
      setState({ done: `${VERBS[kind]} of ${moneyOf(amount)} ${currency} done.` });
      onPaid();
    } catch (refused) {
      if (refused.code) once.current = newKey(); // it was answered: the next attempt is another
      setState({ error: refused });
    }
  };
  const errorOf = (name) => (error?.parameter === name ? error.message : null);
  const others = error && !["amount", "reason", "reference"].includes(error.parameter) ? error.message : null;
  return html`
    <form class="stack" onSubmit=${pay} aria-label="Payment">
      <${Choice} label="Kind of payment" choices=${KINDS} value=${kind} onChoose=${setKind} />
      <${Field} label="Amount, ${currency}" name="amount" inputmode="decimal" class="num big" value=${text}
        onInput=${(event) => { setText(event.target.value); setState({}); }} error=${errorOf("amount")} />
      <${Field} label="Reason" name="reason" maxlength="500" error=${errorOf("reason")} />
      <${Field} label="Reference" hint="once only" name="reference" maxlength="64" error=${errorOf("reference")} />
      ${others && html`<p class="error" role="alert">${others}</p>`}
      <button class="primary" disabled=${isBusy}>${labelOf(kind, amount, balance)}</button>
      <p class="done" role="status">${done}</p>
    </form>`;
}

function labelOf(kind, amount, { available_balance: now }) {
  if (!amount) return VERBS[kind];
  const after = hundredths(now) + (kind === "credit" ? amount : -amount);
  return `${VERBS[kind]} ${moneyOf(amount)}: ${money(now)} to ${moneyOf(after)}`;
}
