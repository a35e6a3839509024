-- Makes the log's partitions from last month to so many months ahead, and gives how many were new. It runs as the owner
-- of the tables, because the run-time role may make none.
CREATE OR REPLACE FUNCTION make_log_partitions(months int) RETURNS int
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
DECLARE
  first date;
  made int := 0;
BEGIN
  -- Two callers at once would try to make the same table.
  PERFORM pg_advisory_xact_lock(421);
  FOR i IN -1..months LOOP
    first := (date_trunc('month', clock_timestamp() AT TIME ZONE 'UTC') + make_interval(months => i))::date;
    IF to_regclass('entry_' || to_char(first, 'YYYYMM')) IS NULL THEN
      EXECUTE format('CREATE TABLE %I PARTITION OF entry FOR VALUES FROM (%L) TO (%L)',
                     'entry_' || to_char(first, 'YYYYMM'), first, (first + interval '1 month')::date);
      made := made + 1;
    END IF;
  END LOOP;
  RETURN made;
END $$;
