-- What the role that Laurel runs under may do: it can neither change a table nor rewrite history.

-- The embedded server makes the role beforehand. Elsewhere the owner may not be allowed to make roles, and whoever runs
-- Laurel under the owner's own role needs no other.
DO $$ BEGIN
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'laurel_app') THEN
    CREATE ROLE laurel_app LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE;
  END IF;
EXCEPTION WHEN insufficient_privilege OR duplicate_object OR unique_violation THEN NULL;
END $$;

DO $$ BEGIN
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'laurel_app') THEN
    RETURN;
  END IF;
  GRANT USAGE ON SCHEMA public TO laurel_app;
  GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO laurel_app;
  GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO laurel_app;

  -- Append-only: what happened stays as it was written.
  REVOKE UPDATE, DELETE ON applied, audit_entry, badge_picture, entry, game_log, ledger, mission_completion,
    rule_version, rulebook FROM laurel_app;

  -- Which revision the tables have is for their owner to say.
  REVOKE INSERT, UPDATE, DELETE ON alembic_version FROM laurel_app;

  -- These change, but none of them ever goes away.
  REVOKE DELETE ON campaign, game, coupon_pool, coupon, coupon_upload, play, claim, reward_stock, redemption,
    webhook_delivery, submission, version_note, scheduled_publication FROM laurel_app;
END $$;
