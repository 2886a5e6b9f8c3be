// The labels of parameters, and refusals in the words of a form: its fields are named by their labels.

/** Labels of parameters whose names do not say enough by themselves. */
export const EXCEPTIONS = {
  action_id: "Action",
  also: "Tied targets",
  before: "Before entry",
  cancel: "Cancel the pool",
  close_at: "Game closes at",
  confirm_for: "Time on hold",
  corrects_seq: "Position of the corrected result",
  end: "Up to place",
  finish_at: "Pool ends at",
  from: "From time",
  limit: "Rows at most",
  listed: "Listed in the lobby",
  live_finish_at: "Match ends at",
  live_start_at: "Match starts at",
  ms: "Time between two lines",
  offset: "Rows to skip",
  open_at: "Betting opens at",
  recreate_on_end: "Open again after the end",
  since: "Since position",
  start: "From place",
  stop_accepting_bets_at: "Bets close at",
  target_id: "Target",
  to: "Up to time",
  type: "Type of game",
  until: "Lasts until",
};
const IN_FULL = { id: "ID", url: "URL", min: "lowest", max: "highest" };

/** Return the label of a parameter. */
export const labelOf = (parameter) => EXCEPTIONS[parameter] ?? usualLabelOf(parameter);

/** Return the words of a parameter, without "is". */
export function usualLabelOf(parameter) {
  const words = parameter.replace(/^is_/, "").split("_").map((word) => IN_FULL[word] ?? word).join(" ");
  return words[0].toUpperCase() + words.slice(1);
}

/** Return the text of a refusal for a form. `labels`: the label of each parameter. */
export function inLabels({ text, code, parameter }, labels) {
  if (!parameter) return text;
  if (code === "missing_parameter" && labels[parameter]) return `${labels[parameter]} is missing.`;
  return Object.entries(labels).reduce((result, [name, label]) => result.replaceAll(`'${name}'`, label), text);
}
