// The bet slip of a pool: a stake on the chosen target, its payout at current odds, and the server's refusals.

import { html, useEffect, useState } from "../html.js";
import { hundredths, money, moneyOf } from "../money.js";
import { payoutOf, policyOf } from "../payout.js";

const OFFERED = [5, 10, 50];

export function BetSlip({ app, pool, row, currency, available }) {
  const [amount, setAmount] = useState("");
  const [{ error, notice, isBusy }, setState] = useState({});
  const forget = () => setState(({ isBusy }) => ({ isBusy })); // The message was about another stake.
  useEffect(forget, [row?.path]);
  const change = (text) => {
    setAmount(text);
    forget();
  };
  const place = async (event) => {
    event.preventDefault();
    if (!row) return setState({ error: { text: "Choose a target first." } });
    setState({ isBusy: true, notice: pool.bet_delay > 0 && `Pending, decided in ${pool.bet_delay / 1000} s.` });
    try {
      const bet = await app.connection.ask("place_bet_in_betting_pool", { pool_id: pool.pool_id, target: row.path, amount });
      setState({ notice: `Bet placed: ${money(bet.amount)} ${currency} on ${row.name}.` });
      setAmount("");
    } catch (refused) {
      setState({ error: refused });
    }
  };
  const id = `amount-${pool.pool_id}`;
  return html`
    <form class="slip" onSubmit=${place}>
      <label for=${id}>${row ? html`Stake on <b>${row.name}</b>, ${currency}` : "Choose a target, then enter a stake"}</label>
      <div class="row">
        <input id=${id} name="amount" value=${amount} inputmode="decimal" autocomplete="off" placeholder="0.00"
          aria-describedby="${id}-message" aria-invalid=${error ? "true" : undefined} onInput=${(event) => change(event.target.value)} />
        ${OFFERED.map((offer) => html`<button type="button" onClick=${() => change(String(offer))}>${offer}</button>`)}
        <button class="primary" disabled=${isBusy}>Place bet</button>
      </div>
      <p class=${error ? "error" : "hint"} id="${id}-message" role="status">
        ${error?.text ?? (amount && row && !isBusy ? forecast(pool, row, amount) : notice) ?? (available === undefined ? "\u00a0" : `Available: ${money(available)} ${currency}.`)}</p>
    </form>`;
}

/** The payout if no other bet followed: the stake itself changes the odds. */
function forecast(pool, row, text) {
  const stake = hundredths(Number(text));
  if (!(stake > 0 && Number.isSafeInteger(stake))) return "Enter an amount above 0 with at most two decimals.";
  const payout = payoutOf(stake, hundredths(pool.amount_total) + stake, hundredths(row.money) + stake, policyOf(pool));
  return `Pays ${moneyOf(payout)} at current odds, stake included.`;
}
