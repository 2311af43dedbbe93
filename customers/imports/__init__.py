"""Import customers from a file: read it, recognise its columns, check each row, write it.

    table = open_table(path)                   # refuses a file that cannot be read
    mapping = recognise_columns(table)         # {"FirstName": "first_name", …}
    outcome = import_rows(table, mapping, actor=actor)

**Files.** CSV, XLSX, vCard and NDJSON. CSV and XLSX may have titles above the headings. Blank lines
and repeated headings are skipped; lines of totals are refused. A row that has lost fewer than half
of its cells at its end is read. In a workbook, the first sheet with customers is read, with its
cells as shown; a workbook that unpacks to more than 50 MB is refused unopened. `table.notices`
names the parts of a file that are not read.

**Columns.** Each heading maps to a field (`fields.py`, six more languages in
`foreign_headings.py`). Several columns may fill one of the fields in `MANY`. A column for an
account or an owner is not an id, and neither is a column whose values repeat for different people.
`left_out` names the columns that are not recognised.

**Cells.** A file with our own ids is one of our exports: its cells are not repaired, except long
numbers that a spreadsheet has rounded. In other files:

- Damage that a spreadsheet did to a number is repaired if no digit is lost: `2079460123.0`,
  `'0123`, `="02134"`, `4.47911123456E+11`. If digits are lost (`4.47911E+11`), a row with such an
  id is refused, and any other such value is skipped.
- `n/a`, `-`, `none`, `TBC` and `0000000000` are absent; a person may be called None or Null.
- The first filled e-mail address and phone number are the main ones. The others, also in the same
  cell, become contact points. An invalid one is skipped, and the row is still imported.
- An opt-out in any column wins. A row with a consent that cannot be read is refused. A column of
  opt-outs says nothing about the people who have not opted out.
- A whole name is split. The family name comes first in Chinese, Japanese, Korean and Hungarian.
  `Jr.` and `III` belong to the last name; titles and degrees are skipped.
- A whole name is an organisation's if a column or its ending (`GmbH`, `Ltd`, `B.V.`) says so.
- Of several addresses, the first of this order is the default: plain, home, billing, work, others.
- The order of day and month in a birthday such as `03/04/1990` comes from another row of the column
  (`25/12/1990`). If no row is clear, people choose; without a choice such birthdays are skipped.

`record.left` has a sentence for every recognised value in a row that is skipped.

**Matching.** The first of these rules that applies decides which customer a row matches:

1. `regulars_id`, which our own export writes, if this company has a customer with that id. In
   another company, it only says that rows are different customers. `regulars_customer` is the same
   id in a report of accepted rows with skipped values.
2. `external_id`: the live customer that has it, or a new one. The row is refused if neither name,
   e-mail nor phone agrees with that customer's, unless `overwrite` is given.
3. Neither: the live customer whose name agrees (each part of it is equal without case and accents,
   or absent on one side) and who has the same e-mail address ignoring case, or the same phone
   number and no other e-mail. A row without e-mail and phone matches a customer with exactly its
   name and no different value. E-mail alone decides nothing if the names differ: families share
   one, and the import must not turn a mother into her child.

A row that matches several customers is refused, unless its values are exactly those of one of them.
Two rows of a file never match the same customer: the second is refused, and its reason names the
line of the first. So a file can be imported again, even after a crash, and changes nothing: each
row finds the customer that it created. A row that matches an archived customer is refused until
somebody restores the customer; a row with `archived` set is stored as an archived customer.

**Writing.** Only columns in the file are written. An empty cell, or exactly `NULL` outside of a
person's name, is absent: the stored value stays, so a partial file erases nothing. Two other values
do not change the stored one: a number that a spreadsheet has damaged (`7` for `007`), and an opt-in
of a customer who has opted out, unless `overwrite` allows it. Further addresses and notes are added
if the customer does not have them. Every write uses the actions (`writing.py`), with a thousand
rows in a transaction: a process that dies loses its present batch, and the next run finishes the
job. A refused row is reported and affects no other row.

A row with a card number is refused, and the number is masked in reports and stored files. Ids and
phone numbers are not masked, because long numbers are ordinary there.
"""

from .batch import Outcome, Overwrite
from .importing import import_rows
from .mapping import choose_fields, guess_mapping, left_out, short
from .recognising import recognise_columns
from .refused import LeftFile, RefusedFile, place_beside
from .tables import open_table
