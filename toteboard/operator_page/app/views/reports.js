// The room of the reports: what a source took and paid by day, as a chart and as a table.

import { html, useLoaded, useState } from "../html.js";
import { DAY_MS, day, daysBetween, money } from "../words.js";
import { Chart } from "./chart.js";
import { Choice, Tag, Trouble } from "./parts.js";
import { OfASource } from "./sources.js";

const SPANS = [[7, "7 d"], [30, "30 d"], [365, "1 y"]];
const COLUMNS = [["bets", "Bets"], ["staked", "Staked"], ["paid", "Paid"], ["returned", "Returned"], ["void", "Void"], ["takeout", "Takeout"], ["breakage", "Breakage"], ["minus", "Minus"], ["house_balance", "House"]];

export const Reports = ({ api, about }) => html`<${OfASource} api=${api} about=${about} room=${Source} />`;

function Source({ api, id, children }) {
  const [span, setSpan] = useState(30);
  const [wanted, setCurrency] = useState("DON");
  const to = (Math.floor(Date.now() / DAY_MS) + 1) * DAY_MS;
  const from = to - span * DAY_MS;
  const { value, error } = useLoaded(() => api.get(`v1/sources/${encodeURIComponent(id)}/report`, { from, to }), [id, from, to]);
  const days = value?.days ?? [];
  const currencies = [...new Set(days.map((each) => each.currency))];
  const currency = currencies.includes(wanted) ? wanted : currencies[0] ?? wanted;
  const shown = days.filter((each) => each.currency === currency);
  const staked = new Map(shown.map((each) => [each.day, each.staked]));
  const bars = daysBetween(from, to).map((each) => ({ day: each, value: staked.get(each) ?? 0 }));
  return html`
    <section class="card pad stack" aria-labelledby="staked-title">
      <div class="spread"><h2 id="staked-title">Staked a day</h2>${children}</div>
      <div class="spread"><p class="note">${summaryOf(bars, currency)}</p>
        <div class="row">
          ${currencies.length > 1 && html`<${Choice} label="Currency" isBare choices=${currencies.map((each) => [each, each])} value=${currency} onChoose=${setCurrency} />`}
          <${Choice} label="Days" isBare choices=${SPANS} value=${span} onChoose=${setSpan} /></div></div>
      <${Trouble} error=${error} />
      <${Chart} bars=${bars} label="Staked a day: ${summaryOf(bars, currency)}" />
    </section>
    ${shown.length > 0 && html`<${Days} days=${shown} />`}`;
}

function summaryOf(bars, currency) {
  const total = bars.reduce((sum, each) => sum + each.value, 0);
  const best = bars.reduce((most, each) => (each.value > most.value ? each : most));
  const span = `${day(bars[0].day)} to ${day(bars.at(-1).day)}`;
  return total ? `${span} · ${money(total)} ${currency} in all · best day ${day(best.day)}, ${money(best.value)}` : `${span} · nothing was staked`;
}

function Days({ days }) {
  return html`
    <section class="card" aria-labelledby="days-title">
      <header class="head"><h2 id="days-title">Days</h2><span class="note">by UTC; a bet counts on the day on which its pool ends</span></header>
      <div class="scroll" tabindex="0" role="region" aria-label="List of days"><table>
        <thead><tr><th scope="col">Day</th>${COLUMNS.map(([, title]) => html`<th scope="col" class="num">${title}</th>`)}<th scope="col">Books</th></tr></thead>
        <tbody>${[...days].reverse().map((each) => html`
          <tr key=${each.day}><th scope="row">${day(each.day)}</th>
            ${COLUMNS.map(([name]) => html`<td class="num">${name === "bets" ? each[name] : money(each[name])}</td>`)}
            <td>${each.check.holds ? html`<${Tag} kind="good">Hold<//>` : html`<${Tag} kind="bad">${money(each.check.left)} is not ${money(each.check.right)}<//>`}</td></tr>`)}
        </tbody></table></div>
    </section>`;
}

