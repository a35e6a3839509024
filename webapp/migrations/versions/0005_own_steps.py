"""Steps of a draft know what they took back, and who is at a rule is known before it has a draft.

`initial` gives this shape to new databases. Who was present is forgotten: it is known again two seconds later.
"""

from alembic import op

revision = "0005_own_steps"
down_revision = "0004_mark_awards"

SHAPE_OF_A_NEW_DATABASE = """
ALTER TABLE draft_step ADD COLUMN IF NOT EXISTS revision int NOT NULL DEFAULT 0,
  ADD COLUMN IF NOT EXISTS reverses int;
DELETE FROM draft_step USING draft WHERE draft_step.draft = draft.id AND draft_step.step > draft.step;
DO $$ BEGIN
  IF NOT EXISTS (SELECT FROM information_schema.columns
                 WHERE table_schema = 'public' AND table_name = 'draft_presence' AND column_name = 'key') THEN
    TRUNCATE draft_presence;
    ALTER TABLE draft_presence DROP COLUMN draft, ADD COLUMN key text NOT NULL, ADD PRIMARY KEY (key, operator);
  END IF;
END $$;
"""
"""Steps that were undone are forgotten: until now a draft went back to one of its steps, now all of them are past."""


def upgrade() -> None:
    op.execute(SHAPE_OF_A_NEW_DATABASE)
