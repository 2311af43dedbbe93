"""The introduction of the OpenAPI document: the conventions that all operations share."""

CONVENTIONS = """\
One customer record behind four documented surfaces.

- **Ids** begin with a prefix that says what they identify: `cust_` identifies a customer. They \
never change. A request may send the bare UUID instead, in any case. The Credits surface answers \
with bare UUIDs.
- **Money** is a whole number in the smallest unit of the currency: 1050 is 10.50 GBP, or 1,050 JPY.
- **Moments** are RFC 3339 in UTC, `2026-01-31T09:30:00Z`. A body may send any offset; a moment \
without an offset is by the company's clock. In a query parameter, a moment without an offset is \
in UTC, and a day is its first moment in UTC.
- **Days** are written `2026-01-31` and are days of the company's calendar.
- **Absent values** are null in answers; on the M2M surface, absent text is `""`. In requests, \
null and `""` both remove a text that may be absent. A change leaves the fields that it does not \
send as they are.
- **Query parameters** that are empty count as absent. An object is listed if every filter fits it.
"""
