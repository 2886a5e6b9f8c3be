-- What clients find without an id: the games of all sources, and the results of a game's pools.

-- `listed` 0: the games of the source are found only by their ids.
ALTER TABLE sources ADD COLUMN listed INTEGER NOT NULL DEFAULT 1;
CREATE INDEX games_by_start ON games (status = 'betting_not_yet_active', live_start_at, number)
    WHERE phase <> 'closed';

CREATE INDEX pools_by_result ON pools (game_id, resolved_seq) WHERE resolved_seq IS NOT NULL;
