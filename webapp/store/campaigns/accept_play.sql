-- Accepts a play into its game's inbox, in one trip to the server. The verdict: accepted, same, conflict, unknown (game),
-- or closed and why.
CREATE OR REPLACE FUNCTION accept_play(
  app int, id text, which text, who text, home smallint,
  OUT verdict text, OUT number bigint, OUT stands text, OUT why text
) LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
  now_is timestamptz := clock_timestamp();
  person bigint;
  held record;
  place record;
BEGIN
  -- A play that is known gets its answer even after its game has closed.
  SELECT p.number, p.game, p.status, l.id AS player INTO held
    FROM play p LEFT JOIN player l ON l.number = p.player WHERE p.app_id = app AND p.play_id = accept_play.id;
  IF FOUND THEN
    number := held.number; stands := held.status;
    verdict := CASE WHEN held.game = which AND held.player = who THEN 'same' ELSE 'conflict' END;
    RETURN;
  END IF;
  SELECT g.starts_at, g.ends_at, c.paused_at, c.ended_at INTO place
    FROM game g JOIN campaign c ON c.key = g.campaign WHERE g.key = which;
  IF NOT FOUND THEN verdict := 'unknown'; RETURN; END IF;
  why := CASE WHEN place.ended_at IS NOT NULL OR now_is >= place.ends_at THEN 'late'
              WHEN place.paused_at IS NOT NULL THEN 'paused'
              WHEN now_is < place.starts_at THEN 'early' END;
  IF why IS NOT NULL THEN verdict := 'closed'; RETURN; END IF;
  -- A player who is erased between the insert and the lock is made once more.
  LOOP
    SELECT l.number INTO person FROM player l WHERE l.id = who FOR KEY SHARE;
    EXIT WHEN FOUND;
    INSERT INTO player (id, shard) VALUES (who, home) ON CONFLICT (id) DO NOTHING;
  END LOOP;
  INSERT INTO play (app_id, play_id, game, player, received_at) VALUES (app, id, which, person, now_is)
    ON CONFLICT (app_id, play_id) DO NOTHING RETURNING play.number INTO number;
  -- Another request was quicker with the same id, and has committed.
  IF number IS NULL THEN
    SELECT p.number, p.status, CASE WHEN p.game = which AND p.player = person THEN 'same' ELSE 'conflict' END
      INTO number, stands, verdict FROM play p WHERE p.app_id = app AND p.play_id = accept_play.id;
    RETURN;
  END IF;
  INSERT INTO play_inbox (game, number, received_at) VALUES (which, number, now_is);
  verdict := 'accepted'; stands := 'queued';
END $$;
