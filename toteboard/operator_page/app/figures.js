// The metrics of the server, read from their text (docs/reference/metrics.md).

/** Return the figures of the tiles from the text of /metrics. */
export function figuresOf(text) {
  const samples = samplesOf(text);
  const sum = (name, wanted = {}) => {
    const found = samples.filter((each) => each.name === name
      && Object.entries(wanted).every(([label, value]) => each.labels[label] === value));
    return found.length ? found.reduce((total, each) => total + each.value, 0) : null;
  };
  const hooks = samples.filter(({ name }) => name === "toteboard_hook_lag_seconds");
  const stopped = (hook) => sum("toteboard_hook_stopped", { hook }) > 0;
  return {
    connections: sum("toteboard_connections"),
    users: sum("toteboard_users_connected"),
    games: sum("toteboard_games"),
    bets: sum("toteboard_ops_total", { op: "place_bet_in_betting_pool", outcome: "done" }) ?? 0,
    held: byCurrency(samples, "toteboard_money_held"),
    house: byCurrency(samples, "toteboard_money_house"),
    carried: byCurrency(samples, "toteboard_money_carried"),
    issued: byCurrency(samples, "toteboard_money_issued"),
    failedCommits: sum("toteboard_commits_failed_total") ?? 0,
    laggingCloses: sum("toteboard_lagging_closes_total") ?? 0,
    commitMs: mean(sum("toteboard_commit_seconds_sum"), sum("toteboard_commit_seconds_count")),
    hooks: hooks.map(({ labels, value }) => ({ name: labels.hook, lagS: value, isStopped: stopped(labels.hook) })),
  };
}

function byCurrency(samples, wanted) {
  return Object.fromEntries(samples.filter(({ name }) => name === wanted).map(({ labels, value }) => [labels.currency, value]));
}

const mean = (total, number) => (number ? (1_000 * total) / number : null);

function samplesOf(text) {
  return text.split("\n").flatMap((line) => {
    const found = /^(\w+)(?:\{(.*)\})? (\S+)$/.exec(line);
    if (!found) return [];
    const labels = Object.fromEntries([...(found[2] ?? "").matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)].map(([, name, value]) => [name, value]));
    return [{ name: found[1], labels, value: Number(found[3]) }];
  });
}
