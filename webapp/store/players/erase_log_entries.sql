-- Empties the entries of a player who is erased, and takes the texts of people out of the ledger. It runs as the owner
-- of the tables, because both are append-only for the run-time role; this is the one change that they ever see.
CREATE OR REPLACE FUNCTION erase_log_entries(player_number bigint) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = public AS $$
  UPDATE entry SET payload = '{}', profile = NULL, event_id = '' WHERE entry.player = player_number;
  UPDATE ledger SET reason = NULL WHERE ledger.player = player_number AND reason IS NOT NULL;
  UPDATE redemption SET note = NULL WHERE redemption.player = player_number AND note IS NOT NULL;
  UPDATE parked SET detail = '' WHERE parked.player = player_number;
  UPDATE rule_fault SET detail = '' WHERE seq IN (SELECT entry.seq FROM entry WHERE entry.player = player_number);
$$;
