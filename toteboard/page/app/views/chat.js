// The chat of a game, and how many watch it.

import { html, memo, useEffect, useRef } from "../html.js";
import { count } from "../money.js";
import { textOf, useRequest } from "./parts.js";

export const Chat = memo(({ app, gameId, chat, watching, me, isCutOff }) => {
  const [{ error, isBusy }, run] = useRequest();
  const end = useRef(null);
  useEffect(() => void (end.current.scrollTop = end.current.scrollHeight), [chat.at(-1)?.id]);
  const send = (event) => {
    event.preventDefault();
    const form = event.target;
    run(async () => {
      await app.ask("text_message", { text: form.text.value, targets: [gameId] });
      form.reset();
    });
  };
  return html`
    <section class="card" data-in="chat" aria-label="Chat">
      <header class="bar-head"><h2>Chat</h2><span class="note">${watching > 0 && `${count(watching)} watching`}</span></header>
      <div class="chat" role="log" ref=${end} aria-label="Messages" tabindex="0"><ol>
        ${chat.length === 0 && html`<li class="note">No messages since you came.</li>`}
        ${chat.map(({ id, sender, text }) => html`<li key=${id}><b>${sender}</b>${sender === me && html` <span class="note">(you)</span>`} <bdi>${text}</bdi></li>`)}
      </ol></div>
      ${me ? html`
        <form class="say" onSubmit=${send}>
          <input id="chat-text" name="text" aria-label="Your message" maxlength="500" required autocomplete="off" placeholder="Say something" />
          <button class="btn" disabled=${isBusy || isCutOff}>Send</button>
        </form>` : html`<p class="pad note"><button class="link" onClick=${() => app.askToSignIn()}>Sign in</button> to chat.</p>`}
      ${error && html`<p class="pad error" role="alert">${textOf(error)}</p>`}
    </section>`;
});
