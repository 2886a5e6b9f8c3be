// The chat of a game, and who is watching it.

import { html, memo, useState } from "../html.js";
import { clock, plural } from "../words.js";

export const Chat = memo(({ app, gameId, chat, people, crowd }) => {
  const [error, setError] = useState(null);
  const send = async (event) => {
    event.preventDefault();
    const form = event.target;
    try {
      await app.connection.ask("text_message", { text: form.text.value, targets: [gameId] }, { again: false });
      form.reset();
      setError(null);
    } catch (refused) {
      setError(refused);
    }
  };
  const here = Object.values(people).filter(({ isHere }) => isHere).map(({ name }) => name);
  return html`
    <section class="panel" aria-label="Chat">
      <h2>Chat</h2>
      <p class="muted">${crowd ? `${plural(crowd, "viewer")}` : here.length > 0 ? `Joined: ${here.join(", ")}` : "No new viewers since you joined."}</p>
      <ol class="plain chat" role="log" aria-live="polite">
        ${chat.map(({ sender, text, at }, i) => html`<li key="${at}-${i}"><time>${clock(at)}</time> <b>${sender}</b> <bdi>${text}</bdi></li>`)}
      </ol>
      <form class="row" onSubmit=${send}>
        <label class="sr" for="chat-text">Message</label>
        <input id="chat-text" name="text" maxlength="500" required autocomplete="off" placeholder="Message" />
        <button>Send</button>
      </form>
      ${error && html`<p class="error" role="alert">${error.text}</p>`}
    </section>`;
});
