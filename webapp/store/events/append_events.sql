-- Appends the events of one request to the log and to the inbox, in one call: seven trips to the server become one.
--
-- The arrays are parallel, in the order of the request, and no key may appear twice. The answer has arrays of the same
-- length: `added` is the number of an event that is new, else null; `existing` and `existing_hashes` are number and
-- content hash of the event that had its key already. All three are null where the event lies too far in the future of
-- `received`.
CREATE OR REPLACE FUNCTION append_events(
  app_id int, keys bytea[], content_hashes bytea[], event_ids text[], types text[], players text[], shards smallint[],
  moments bigint[], payloads bytea[], profiles bytea[], tolerance interval,
  OUT received timestamptz, OUT added bigint[], OUT existing bigint[], OUT existing_hashes bytea[]
) LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
  today date;
  latest bigint;
  player_numbers bigint[];
BEGIN
  received := clock_timestamp();
  today := (received AT TIME ZONE 'UTC')::date;
  latest := extract(epoch FROM received + tolerance) * 1000000;

  -- Keys are taken in their order, then players in theirs, so that two requests, whatever they share, wait for each
  -- other instead of deadlocking.
  WITH numbered AS MATERIALIZED (
    SELECT place, key, content_hash,
      CASE WHEN moment IS NULL OR moment <= latest THEN nextval('entry_seq') END AS seq
    FROM unnest(keys, content_hashes, moments) WITH ORDINALITY AS event (key, content_hash, moment, place)
  ), won AS (
    INSERT INTO event_key (key, content_hash, seq, received_on)
    SELECT key, content_hash, seq, today FROM numbered WHERE seq IS NOT NULL ORDER BY key
    ON CONFLICT (key) DO NOTHING RETURNING event_key.seq
  )
  SELECT array_agg(won.seq ORDER BY place), array_agg(numbered.seq ORDER BY place)
  INTO added, existing FROM numbered LEFT JOIN won USING (seq);

  -- Each statement sees what was committed before it began (READ COMMITTED): the content under a key that another
  -- request has just won is read after that request has ended.
  IF array_position(added, NULL) IS NOT NULL THEN
    SELECT array_agg(event_key.seq ORDER BY place), array_agg(event_key.content_hash ORDER BY place)
    INTO existing, existing_hashes
    FROM unnest(keys, added, existing) WITH ORDINALITY AS event (key, won, seq, place)
    LEFT JOIN event_key ON event_key.key = event.key AND event.won IS NULL AND event.seq IS NOT NULL;
  END IF;

  -- The rows of the players stay locked until the transaction ends: an erasure waits for that, a drain does not.
  -- A player who is erased between the insert and the lock is made once more.
  LOOP
    INSERT INTO player (id, shard)
    SELECT DISTINCT event.player, event.shard FROM unnest(players, shards, added) AS event (player, shard, seq)
    WHERE seq IS NOT NULL AND NOT EXISTS (SELECT FROM player WHERE player.id = event.player) ORDER BY event.player
    ON CONFLICT (id) DO NOTHING;
    PERFORM FROM player WHERE id = ANY (ARRAY(
      SELECT DISTINCT event.player FROM unnest(players, added) AS event (player, seq) WHERE seq IS NOT NULL
    )) ORDER BY id FOR KEY SHARE;
    SELECT array_agg(player.number ORDER BY place) INTO player_numbers
    FROM unnest(players, added) WITH ORDINALITY AS event (player, seq, place)
    LEFT JOIN player ON player.id = event.player AND event.seq IS NOT NULL;
    EXIT WHEN NOT EXISTS (
      SELECT FROM unnest(added, player_numbers) AS event (seq, number) WHERE seq IS NOT NULL AND number IS NULL
    );
  END LOOP;

  INSERT INTO entry
    (seq, received_on, received_at, shard, player, app_id, type, event_id, occurred_at, payload, profile)
  SELECT seq, today, received, shard, player, append_events.app_id, type, event_id,
    coalesce('epoch'::timestamptz + moment * interval '1 microsecond', received), payload, profile
  FROM unnest(added, shards, player_numbers, types, event_ids, moments, payloads, profiles)
    AS event (seq, shard, player, type, event_id, moment, payload, profile)
  WHERE seq IS NOT NULL;
  INSERT INTO inbox (shard, seq, received_on, received_at, player)
  SELECT shard, seq, today, received, player FROM unnest(shards, added, player_numbers) AS event (shard, seq, player)
  WHERE seq IS NOT NULL;
END $$;
