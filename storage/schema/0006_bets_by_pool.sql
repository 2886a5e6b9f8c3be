-- The bets of a pool are counted, and skipped up to a page of them, without reading a fact: there
-- may be 100,000 of them, and whoever asks for the last is to cost no more than for the first.
DROP INDEX facts_by_pool;
CREATE INDEX facts_by_pool ON facts (pool_id, kind, seq) WHERE pool_id IS NOT NULL;
