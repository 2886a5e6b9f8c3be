-- An index of the acts that set sanctions: the list of a source's sanctions shows the reason of each.
CREATE INDEX sanctioning_acts ON operator_acts (body ->> '$.venue_id', body ->> '$.user_id', kind)
    WHERE kind IN ('muted', 'banned');
