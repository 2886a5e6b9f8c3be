// What is shown instead of a game that cannot be shown.

import { html } from "../html.js";
import { textOf } from "./parts.js";

export const NoGame = ({ title, problem }) => html`
  <h1>${title}</h1>
  <p class="error" role="alert">${problem.code === "unknown_game" ? "This game does not exist, or it has ended." : textOf(problem)}</p>
  <p><a class="btn" href="#/">All games</a></p>`;
