// Who is here and what they say.

import { html, memo, useState } from "../html.js";
import { clock } from "../words.js";

export const Chat = memo(({ app, gameId, chat, people, crowd }) => {
  const [error, setError] = useState(null);
  const say = async (event) => {
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
      <p class="muted">${crowd ? `${crowd} people are here` : here.length > 0 ? `Came in: ${here.join(", ")}` : "Nobody has come in since you did."}</p>
      <ol class="plain chat" role="log" aria-live="polite">
        ${chat.map(({ sender, text, at }, i) => html`<li key="${at}-${i}"><time>${clock(at)}</time> <b>${sender}</b> <bdi>${text}</bdi></li>`)}
      </ol>
      <form class="row" onSubmit=${say}>
        <label class="sr" for="chat-text">Message</label>
        <input id="chat-text" name="text" maxlength="500" required autocomplete="off" placeholder="Say something" />
        <button>Send</button>
      </form>
      ${error && html`<p class="error" role="alert">${error.text}</p>`}
    </section>`;
});
