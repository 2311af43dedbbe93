-- Ranges of ids. An exclusion constraint compares them with &&, which GiST has for every range in
-- every PostgreSQL, where = on a bare id would need an extension.
CREATE TYPE bookings_uuidrange AS RANGE (SUBTYPE = uuid);
