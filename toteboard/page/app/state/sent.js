// The bets that were sent and have no reply yet, and those that were refused. Pure.

/**
 * Return the page with a bet {id, gameId, poolId, path, amount, currency, description, delay}. Its `sentAt`
 * (epoch ms) is null until there is a connection.
 */
export const withBetSent = (page, bet, now) => ({
  ...page,
  slip: null,
  sentBets: [...page.sentBets, { ...bet, sentAt: page.status.phase === "connected" ? now : null, error: null }],
});

/** Return the page without a bet that was placed, or whose refusal was read. */
export const withoutBetSent = (page, id) => ({ ...page, sentBets: page.sentBets.filter((bet) => bet.id !== id) });

/** Return the page after the refusal of a bet, or after its session ended without a reply. */
export const withBetRefused = (page, id, error) => ({
  ...page,
  sentBets: page.sentBets.map((bet) => (bet.id === id ? { ...bet, error } : bet)),
});

/** Return the page after the bets that waited for the connection were sent. */
export const withWaitingBetsSent = (page, now) => ({
  ...page,
  sentBets: page.sentBets.map((bet) => ({ ...bet, sentAt: bet.sentAt ?? now })),
});
