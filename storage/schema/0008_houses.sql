-- The accounts of sources: `house:<source id>`, which may be below zero, and `carry:<source id>`. A
-- release without them refuses the file, because it would add up a pool that has a policy wrongly.
CREATE TABLE accounts_with_houses (
    account  TEXT    NOT NULL,
    currency TEXT    NOT NULL,
    balance  INTEGER NOT NULL
        CHECK (typeof(balance) = 'integer'
               AND (balance >= 0 OR account = 'issue' OR account GLOB 'house:*')),
    PRIMARY KEY (account, currency)
) WITHOUT ROWID;
INSERT INTO accounts_with_houses SELECT account, currency, balance FROM accounts;
DROP TABLE accounts;
ALTER TABLE accounts_with_houses RENAME TO accounts;

-- JSON: `winning_targets`, and `prices` in ten-thousandths. NULL without winners, and for pools that
-- were resolved by an earlier release.
ALTER TABLE pools ADD COLUMN result TEXT;
