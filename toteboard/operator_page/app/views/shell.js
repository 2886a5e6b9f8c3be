// The frame: the band with the rooms, the figures of the moment, and the room that is open.

import { html, useEffect, useState } from "../html.js";
import { figuresOf } from "../figures.js";
import { Exports } from "./exports.js";
import { Health } from "./health.js";
import { Moderation } from "./moderation.js";
import { Payments } from "./payments.js";
import { Reports } from "./reports.js";
import { Tiles } from "./tiles.js";
import { Users } from "./users.js";

const EVERY_MS = 5_000;
const ROOMS = { users: ["Users", Users], payments: ["Payments", Payments], reports: ["Reports", Reports], exports: ["Exports", Exports], moderation: ["Moderation", Moderation], health: ["Health", Health] };
/** What a key of one source may see. */
const OF_A_SOURCE = ["reports", "moderation", "health"];

export function Shell({ api, about, onLeave }) {
  const rooms = Object.keys(ROOMS).filter((name) => !about.source_id || OF_A_SOURCE.includes(name));
  const [, wanted, ...rest] = location.hash.split("/");
  const room = rooms.includes(wanted) ? wanted : rooms[0];
  const moment = useMoment();
  const [title, Room] = ROOMS[room];
  return html`
    <a class="skip" href="#main" onClick=${skip}>Skip to the content</a>
    <header class="top">
      <span class="brand">Operator</span>
      <nav aria-label="Rooms">
        ${rooms.map((name) => html`<a href="#/${name}" aria-current=${name === room ? "page" : null}>${ROOMS[name][0]}</a>`)}
      </nav>
      <div class="end">
        <span role="status"><span class="lamp ${moment.isReady ? "good" : "bad"}" aria-hidden="true"></span> ${moment.isReady ? "Ready" : moment.why}</span>
        <span class="who">${about.name} · ${about.role}</span>
        <button class="quiet" onClick=${onLeave}>Sign out</button>
      </div>
    </header>
    <main id="main" tabindex="-1">
      <h1 class="sr">${title}</h1>
      <${Tiles} moment=${moment} />
      <${Room} api=${api} about=${about} moment=${moment} place=${rest} />
    </main>`;
}

function skip(event) {
  event.preventDefault();
  document.getElementById("main").focus();
}

/** Read the metrics and the readiness every few seconds. `bets`: a minute, since the reading before. */
function useMoment() {
  const [moment, setMoment] = useState({ isReady: true });
  useEffect(() => {
    let before;
    const read = async () => {
      const now = await momentNow().catch(() => ({ isReady: false, why: "Not responding" }));
      const perMinute = before?.figures && now.figures && 60_000 * (now.figures.bets - before.figures.bets) / (now.at - before.at);
      if (now.figures) before = now;
      setMoment({ ...now, betsAMinute: perMinute ?? null });
    };
    read();
    const timer = setInterval(read, EVERY_MS);
    return () => clearInterval(timer);
  }, []);
  return moment;
}

async function momentNow() {
  const [ready, metrics] = await Promise.all([fetch("readyz"), fetch("metrics")]);
  const why = ready.ok ? "" : `Not ready: ${(await ready.json()).status}`;
  return { isReady: ready.ok, why, at: Date.now(), figures: figuresOf(await metrics.text()) };
}
