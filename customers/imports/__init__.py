"""Customers from a file: read it, recognise its columns, hold each row to the rules, write it.

    table = open_table(path)                   # refuses a file that cannot be read
    mapping = guess_mapping(table.headings)    # {"FirstName": "first_name", …}
    shown = preview(table, mapping)            # the first rows, as they would be stored
    outcome = import_rows(table, mapping, actor=actor)

**Which customer a row is.** The first of these that applies:

1. `regulars_id`, which our own export writes, where this company has a customer of that id.
   Elsewhere (an export fed to another company) it only says that rows are different customers.
2. `external_id`: the live customer that has it, or a new one.
3. Neither: the live customer whose name agrees (each part of it is the same without case and
   accents, or absent on one side) and who has the same e-mail address without case, or the same
   phone number and no other e-mail. A row with neither is a customer of exactly its name with whom
   it disagrees in nothing. E-mail alone decides nothing where the names differ: families share
   one, and a mother must not become her child.

A row that could be several customers is refused, unless it is exactly what one of them holds. Two
rows of a file are never the same customer: the second is refused and names the first's line. So a
file can be imported again, after a crash too, and changes nothing: each row finds the customer
that it made. A row whose customer is archived is refused until somebody restores them; a row with
`archived` set is stored as an archived customer.

**What a row writes.** Only columns that the file has. An empty cell, or exactly `NULL` outside of
a person's name, is absent: it leaves a stored value as it is, so a partial file erases nothing.
Address columns are the default address. Every write goes through the actions, a thousand rows to
a transaction: a process that dies loses the batch that it was in, whole, and the next run finishes
the job. A refused row is reported and undoes no other.

A card number refuses its row, and is masked in the report and wherever a file is stored. Ids and
phone numbers are left as they are, since long numbers are ordinary there.
"""

from .importing import Outcome, import_rows, preview
from .mapping import choose_fields, guess_mapping, left_out
from .refused import RefusedFile, place_beside
from .tables import open_table
