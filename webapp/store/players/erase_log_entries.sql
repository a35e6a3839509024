-- Empties the entries of a player who is erased. It runs as the owner of the tables, because the log is append-only for
-- the run-time role; this is the one change that the log ever sees.
CREATE OR REPLACE FUNCTION erase_log_entries(player_number bigint) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = public AS $$
  UPDATE entry SET payload = '{}', profile = NULL, event_id = '' WHERE entry.player = player_number;
$$;
