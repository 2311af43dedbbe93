"""The descriptions of response statuses in the OpenAPI document."""

# Error and 304 responses, which many operations share.
REFUSALS = {
    304: "The object still has the ETag that you sent; the answer has no body.",
    400: "The request cannot be read or is not allowed; the message says why.",
    401: "The credential is missing, wrong, expired, suspended or revoked.",
    403: "The credential lacks the scope that the operation needs; the message names it.",
    404: "The path is unknown, or your company has no object with this id.",
    405: "The path does not take this method.",
    408: "The body did not arrive in time; send the request again.",
    409: "The state of the object does not allow the change, or another request changes it now.",
    412: "The object has changed since you read the ETag; nothing was changed.",
    413: "The body is larger than 1 MiB, or a file is larger than 50 MiB.",
    415: "The body is not JSON, or the file is of a type that is not accepted.",
    422: "A field is not valid, or the Idempotency-Key was used for a different request.",
    428: "Staff require If-Match on changes by this credential; send the ETag that you read.",
    429: "Too many requests, in a minute or at once; try again after `Retry-After` seconds.",
    503: "The server cannot answer now; try again after `Retry-After` seconds.",
}


# Responses of operations that succeed.
DONE = {
    "200": "The request succeeded; the body has the result.",
    "201": "The object was created; the body shows it.",
    "202": "The work was accepted and is done in the background; the body shows how far it is.",
}
