"""Customers from a file: read it, recognise its columns, hold each row to the rules, write it.

    table = open_table(path)                   # refuses a file that cannot be read
    mapping = recognise_columns(table)         # {"FirstName": "first_name", …}
    outcome = import_rows(table, mapping, actor=actor)

**Files.** CSV, XLSX, vCard and NDJSON. In CSV and XLSX titles may stand above the headings; lines
that repeat the headings or are blank are passed over, lines of totals are refused. A row that has
lost fewer than half of its cells at its end is read. Of a workbook the first sheet with customers
is read, its cells as they are shown; one that unpacks to more than 50 MB is refused unopened.
`table.notices` says what of a file is not read.

**Columns.** A heading stands for a field (`fields.py`, six more languages in
`foreign_headings.py`). Several columns may fill one of the fields in `MANY`. An account's or an
owner's column is no id, nor is one whose values repeat for different people. Columns that are not
recognised are named (`left_out`).

**Cells.** A file with our own ids is one of our exports and is taken as it stands, but for long
numbers that a spreadsheet has rounded. In others:

- What a spreadsheet did to a number is undone where no digit is lost: `2079460123.0`, `'0123`,
  `="02134"`, `4.47911123456E+11`. Where digits are lost (`4.47911E+11`) an id refuses its row,
  and another value is left out.
- `n/a`, `-`, `none`, `TBC` and `0000000000` are absent; a person may be called None or Null.
- The first filled e-mail address and phone number are the main ones. The others, also of the same
  cell, are further ways to reach the customer. A bad one is left out and does not cost the row.
- Whoever declines offers in any column has declined. A consent that cannot be read refuses its
  row. A column of those who declined says nothing of the others.
- A whole name is split. The family name comes first in Chinese, Japanese, Korean and Hungarian.
  `Jr.` and `III` belong to the last name; titles and degrees are left out.
- A whole name is an organisation's where a column or its ending (`GmbH`, `Ltd`, `B.V.`) says so.
- The first of several addresses is the default one: a plain one, home, billing, work, then others.
- Of a birthday such as `03/04/1990` another row of the column says whether the day or the month
  comes first (`25/12/1990`). Where none does, people choose; without that it is left out.

`record.left` holds a sentence for everything in a row that is recognised and not taken.

**Which customer a row is.** The first of these that applies:

1. `regulars_id`, which our own export writes, where this company has a customer of that id.
   Elsewhere (an export fed to another company) it only says that rows are different customers.
   `regulars_customer` is the same in a report of rows that were taken but for something.
2. `external_id`: the live customer that has it, or a new one. A row of which neither name, e-mail
   nor phone agrees with that customer's is refused unless `overwrite` is given.
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
a person's name, is absent: it leaves a stored value as it is, so a partial file erases nothing. A
number that differs from the stored one only as a spreadsheet changes it (`7` for `007`) leaves it
too, and so does an opt-in of a customer who has opted out, unless `overwrite` says so. Further
addresses and notes are added where the customer has not got them. Every write goes through the
actions (`writing.py`), a thousand rows to a transaction: a process that dies loses the batch that
it was in, whole, and the next run finishes the job. A refused row is reported and undoes no other.

A card number refuses its row, and is masked in the report and wherever a file is stored. Ids and
phone numbers are left as they are, since long numbers are ordinary there.
"""

from .batch import Outcome, Overwrite
from .importing import import_rows
from .mapping import choose_fields, guess_mapping, left_out, short
from .recognising import recognise_columns
from .refused import LeftFile, RefusedFile, place_beside
from .tables import open_table
