-- Results that are held, taken back and corrected. A release without them refuses the file, because
-- it knows none of the facts.

-- The result that stands: its fact, and when it replaced the one before. NULL: never corrected.
ALTER TABLE pools ADD COLUMN result_seq INTEGER;
ALTER TABLE pools ADD COLUMN corrected_at INTEGER;

-- An event is taken back by its id, in a journal that may be long.
CREATE INDEX events_by_id ON facts (game_id, body ->> '$.event_id')
    WHERE kind IN ('event_registered', 'event_taken_back');
