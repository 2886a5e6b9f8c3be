// A button for what cannot be undone: it acts after it was held for a while, or after two presses of a key. Like a press
// it is never disabled. Without a connection it does nothing: the request would be sent later, at the reconnection.

import { html, useEffect, useRef, useState } from "../html.js";

const HOLD_MS = 800;
const STEP_MS = 40;

export function Hold({ text, kind = "primary", isBusy, page, onHeld }) {
  const [held, setHeld] = useState(0);
  const [isArmed, arm] = useState(false);
  const timer = useRef(null);
  const isOff = useRef(false);
  const isConnected = page.status.phase === "connected";
  isOff.current = Boolean(isBusy) || !isConnected;
  const stop = () => {
    clearInterval(timer.current);
    timer.current = null;
    setHeld(0);
  };
  useEffect(() => stop, []);
  useEffect(() => arm(false), [isConnected]);
  const start = (event) => {
    if (event.button !== 0 || timer.current || isOff.current) return;
    const began = performance.now();
    timer.current = setInterval(() => {
      if (isOff.current) return stop();
      const part = (performance.now() - began) / HOLD_MS;
      setHeld(Math.min(1, part));
      if (part < 1) return;
      stop();
      onHeld();
    }, STEP_MS);
  };
  /** A click without a pointer comes from the keyboard, or from a screen reader. */
  const press = ({ detail }) => {
    if (detail !== 0 || isOff.current) return;
    if (isArmed) onHeld();
    arm(!isArmed);
  };
  return html`
    <button type="button" class="btn ${kind} hold" aria-disabled=${isOff.current} style=${{ "--held": `${held * 100}%` }}
      onPointerDown=${start} onPointerUp=${stop} onPointerLeave=${stop} onPointerCancel=${stop} onClick=${press}
      onBlur=${() => arm(false)} onContextMenu=${(event) => event.preventDefault()}>${!isConnected ? "Waiting for the connection" : isArmed ? text.replace("Hold", "Press again") : text}</button>`;
}
