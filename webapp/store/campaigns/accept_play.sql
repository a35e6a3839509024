-- Accepts a play into its game's inbox, in one trip to the server. The verdict: accepted, same, conflict, unknown
-- (game), or closed, for a reason. `status` is where the play is now.
CREATE OR REPLACE FUNCTION accept_play(
  app_id int, play_id text, game text, player text, shard smallint,
  OUT verdict text, OUT number bigint, OUT status text, OUT reason text
) LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
  received timestamptz := clock_timestamp();
  player_number bigint;
  known record;
  hours record;
BEGIN
  -- A play that is known gets its answer even after its game has closed.
  SELECT p.number, p.game, p.status, l.id AS player INTO known
  FROM play p LEFT JOIN player l ON l.number = p.player
  WHERE p.app_id = accept_play.app_id AND p.play_id = accept_play.play_id;
  IF FOUND THEN
    number := known.number;
    status := known.status;
    verdict := CASE
      WHEN known.game = accept_play.game AND known.player = accept_play.player THEN 'same'
      ELSE 'conflict'
    END;
    RETURN;
  END IF;

  SELECT g.starts_at, g.ends_at, c.paused_at, c.ended_at INTO hours
  FROM game g JOIN campaign c ON c.key = g.campaign WHERE g.key = accept_play.game;
  IF NOT FOUND THEN
    verdict := 'unknown';
    RETURN;
  END IF;
  reason := CASE
    WHEN hours.ended_at IS NOT NULL OR received >= hours.ends_at THEN 'late'
    WHEN hours.paused_at IS NOT NULL THEN 'paused'
    WHEN received < hours.starts_at THEN 'early'
  END;
  IF reason IS NOT NULL THEN
    verdict := 'closed';
    RETURN;
  END IF;

  -- A player who is erased between the insert and the lock is made once more.
  LOOP
    SELECT l.number INTO player_number FROM player l WHERE l.id = accept_play.player FOR KEY SHARE;
    EXIT WHEN FOUND;
    INSERT INTO player (id, shard) VALUES (accept_play.player, accept_play.shard) ON CONFLICT (id) DO NOTHING;
  END LOOP;

  INSERT INTO play (app_id, play_id, game, player, received_at)
  VALUES (accept_play.app_id, accept_play.play_id, accept_play.game, player_number, received)
  ON CONFLICT (app_id, play_id) DO NOTHING RETURNING play.number INTO number;
  -- Another request was quicker with the same id, and has committed.
  IF number IS NULL THEN
    SELECT p.number, p.status,
      CASE WHEN p.game = accept_play.game AND p.player = player_number THEN 'same' ELSE 'conflict' END
    INTO number, status, verdict
    FROM play p WHERE p.app_id = accept_play.app_id AND p.play_id = accept_play.play_id;
    RETURN;
  END IF;

  INSERT INTO play_inbox (game, number, received_at) VALUES (accept_play.game, accept_play.number, received);
  verdict := 'accepted';
  status := 'queued';
END $$;
