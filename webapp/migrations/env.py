"""How Alembic reaches the database: one connection of its own; `upgrade` holds the lock that keeps others away."""

from alembic import context
from sqlalchemy import create_engine
from sqlalchemy.pool import NullPool

from webapp.store.system.connection import sqlalchemy_url


def run() -> None:
    """Run what is missing in one transaction each."""
    engine = create_engine(sqlalchemy_url(context.config.attributes["database_url"]), poolclass=NullPool)
    with engine.connect() as connection:
        context.configure(connection=connection, target_metadata=None, transaction_per_migration=True)
        with context.begin_transaction():
            context.run_migrations()


run()
