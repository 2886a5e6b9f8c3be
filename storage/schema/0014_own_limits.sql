-- Players' own limits, and breaks.

-- `amount`: the limit of a period and kind in hundredths, NULL for none. `next_amount` replaces it at
-- `next_at` (epoch ms); `next_at` NULL: no change is pending. The acts of operators have each change.
CREATE TABLE own_limits (
    user_id     INTEGER NOT NULL REFERENCES users (id),
    currency    TEXT    NOT NULL,
    period      TEXT    NOT NULL CHECK (period IN ('day', 'week', 'month')),
    kind        TEXT    NOT NULL CHECK (kind IN ('spend', 'loss')),
    amount      INTEGER CHECK (typeof(amount) IN ('integer', 'null') AND amount > 0),
    next_amount INTEGER CHECK (typeof(next_amount) IN ('integer', 'null') AND next_amount > 0),
    next_at     INTEGER CHECK (typeof(next_at) IN ('integer', 'null')),
    PRIMARY KEY (user_id, currency, period, kind),
    CHECK (next_amount IS NULL OR next_at IS NOT NULL)
) WITHOUT ROWID;

-- `until`: when the break ends (epoch ms), NULL if only the operator lifts it.
CREATE TABLE breaks (
    user_id INTEGER PRIMARY KEY REFERENCES users (id),
    until   INTEGER CHECK (typeof(until) IN ('integer', 'null'))
) WITHOUT ROWID;
