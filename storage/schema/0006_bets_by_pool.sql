-- A pool may have 100,000 bets. With this index, counting them and skipping to a page reads no fact,
-- so the last page costs no more than the first.
DROP INDEX facts_by_pool;
CREATE INDEX facts_by_pool ON facts (pool_id, kind, seq) WHERE pool_id IS NOT NULL;
