-- The audit trigger of one table: a template, from which the operation KeepChanges
-- (config/changes/operations.py) makes a function and three triggers for each recorded table. After a
-- change of this file, a migration runs KeepChanges for every recorded table again.
--
-- The function writes a row of changes_change for each row that a statement inserts, updates or
-- deletes. It runs as the owner (SECURITY DEFINER), because the runtime role may only read changes.
-- It runs once a statement, so that a bulk statement costs one INSERT, and it records COPY too.
CREATE OR REPLACE FUNCTION <table>_changes() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
-- If a column of the table has the name of a variable, the variable wins.
#variable_conflict use_variable
DECLARE
    hidden text[] := '{<hidden>}';
    secret text[] := '{<secret>}';
    who jsonb;
    asked text := COALESCE(current_setting('regulars.request', true), '');
    why text := COALESCE(current_setting('regulars.reason', true), '');
BEGIN
    -- A session of the owner may load rows without recording them.
    IF current_setting('regulars.unrecorded', true) = 'on' AND session_user = current_user THEN
        RETURN NULL;
    END IF;
    who := COALESCE(NULLIF(current_setting('regulars.actor', true), '')::jsonb,
                    jsonb_build_object('kind', 'database', 'name', session_user));
    IF TG_OP = 'INSERT' THEN
        PERFORM public.changes_hold(company) FROM (
            SELECT DISTINCT <company of n> AS company FROM new_rows n) touched;
        INSERT INTO public.changes_change (
            company_id, at, table_name, object_id, customer_id, operation, after,
            actor_kind, actor_name, credential_id, request_id, reason)
        SELECT <company of n>, clock_timestamp(), '<table>', n.id, <customer of n>, 'created',
               to_jsonb(n) - hidden - secret,
               who ->> 'kind', who ->> 'name', (who ->> 'credential')::uuid, asked, why
          FROM new_rows n WHERE <company of n> IS NOT NULL;
    ELSIF TG_OP = 'UPDATE' THEN
        PERFORM public.changes_hold(company) FROM (
            SELECT <company of o> AS company FROM old_rows o
             UNION SELECT <company of n> FROM new_rows n) touched;
        INSERT INTO public.changes_change (
            company_id, at, table_name, object_id, customer_id, operation, before, after,
            actor_kind, actor_name, credential_id, request_id, reason)
        SELECT COALESCE(<company of n>, <company of o>), clock_timestamp(), '<table>',
               COALESCE(n.id, o.id), COALESCE(<customer of n>, <customer of o>),
               CASE WHEN o.id IS NULL THEN 'created' WHEN n.id IS NULL THEN 'deleted'
                    ELSE 'changed' END,
               CASE WHEN o.id IS NOT NULL THEN told.before END,
               CASE WHEN n.id IS NOT NULL THEN told.after END,
               who ->> 'kind', who ->> 'name', (who ->> 'credential')::uuid, asked, why
          -- A row whose id was changed counts as one deleted and one created.
          FROM old_rows o FULL JOIN new_rows n ON n.id = o.id
          CROSS JOIN LATERAL (
              SELECT to_jsonb(o) - hidden AS was, to_jsonb(n) - hidden AS now OFFSET 0) whole
          CROSS JOIN LATERAL (
              SELECT jsonb_object_agg(key, CASE WHEN key = ANY (secret) THEN '"(hidden)"'
                                                ELSE was -> key END) AS before,
                     jsonb_object_agg(key, CASE WHEN key = ANY (secret) THEN '"(hidden, new)"'
                                                ELSE now -> key END) AS after
                FROM jsonb_object_keys(COALESCE(now, was)) AS key
               WHERE was -> key IS DISTINCT FROM now -> key) told
         WHERE told.after IS NOT NULL AND COALESCE(<company of n>, <company of o>) IS NOT NULL;
    ELSE
        PERFORM public.changes_hold(company) FROM (
            SELECT DISTINCT <company of o> AS company FROM old_rows o) touched;
        INSERT INTO public.changes_change (
            company_id, at, table_name, object_id, customer_id, operation, before,
            actor_kind, actor_name, credential_id, request_id, reason)
        SELECT <company of o>, clock_timestamp(), '<table>', o.id, <customer of o>, 'deleted',
               to_jsonb(o) - hidden - secret,
               who ->> 'kind', who ->> 'name', (who ->> 'credential')::uuid, asked, why
          FROM old_rows o WHERE <company of o> IS NOT NULL;
    END IF;
    RETURN NULL;
END $$;

CREATE OR REPLACE TRIGGER changes_created AFTER INSERT ON <table>
    REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION <table>_changes();
CREATE OR REPLACE TRIGGER changes_changed AFTER UPDATE ON <table>
    REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION <table>_changes();
CREATE OR REPLACE TRIGGER changes_deleted AFTER DELETE ON <table>
    REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION <table>_changes();
