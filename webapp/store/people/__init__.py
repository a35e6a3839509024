"""SQL of people and programs: operators, sessions, apps, keys, audit."""
