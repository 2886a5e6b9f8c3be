#!/bin/sh
# Runs once in the first PostgreSQL (cluster.yaml): the role and database of the cluster, and what the standbys need.
# Commits wait for one of the two standbys from the next start on.
set -eu
psql --username postgres --set ON_ERROR_STOP=1 <<'SQL'
CREATE ROLE tote LOGIN PASSWORD 'tote';
GRANT pg_monitor TO tote;
CREATE DATABASE tote;
GRANT CREATE ON DATABASE tote TO tote;
CREATE ROLE copier LOGIN REPLICATION PASSWORD 'copier';
ALTER SYSTEM SET synchronous_standby_names = 'ANY 1 (db2, db3)';
SQL
echo 'host replication copier all scram-sha-256' >> "$PGDATA/pg_hba.conf"
