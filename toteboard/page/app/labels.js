// Refusals in the words of a form: its fields are named by their labels, never by parameters.

/** Return the text of a refusal for a form. `labels`: the label of each parameter. */
export function inLabels({ text, code, parameter }, labels) {
  if (!parameter) return text;
  if (code === "missing_parameter" && labels[parameter]) return `${labels[parameter]} is missing.`;
  return Object.entries(labels).reduce((result, [name, label]) => result.replaceAll(`'${name}'`, label), text);
}
