"""The error bodies of the surfaces: a serializer for the document, and a renderer."""

from typing import Any, ClassVar, Protocol

from django.conf import settings
from rest_framework import serializers

from .problems import MOST_TOLD, Problem


class ErrorBody(Protocol):
    """The error format of a surface: renders a Problem as JSON."""

    @property
    def document(self) -> type[serializers.Serializer]: ...

    def __call__(self, problem: Problem) -> dict[str, Any]: ...


class MessageError(serializers.Serializer):
    """An error in words."""

    message = serializers.CharField(
        help_text="A sentence for people; where several fields are wrong, one for each."
    )


class FieldErrors(serializers.Serializer):
    """An error with a code, a sentence, and a sentence for each field that caused it."""

    code = serializers.CharField(
        help_text="The code of the error, which never changes. The first of several."
    )
    message = serializers.CharField(
        help_text="A sentence for people, of the first of several errors."
    )
    validation_errors = serializers.DictField(
        child=serializers.CharField(),
        help_text="A sentence for each field or parameter that is wrong, by its name.",
    )


class ListedErrors(serializers.Serializer):
    """An error in one sentence and, for a 422, what is wrong with each field."""

    message = serializers.CharField(
        help_text="A sentence for people. With `errors`, the first field's; else all of them."
    )
    errors = serializers.DictField(  # type: ignore[assignment]
        child=serializers.ListField(child=serializers.CharField()),
        required=False,
        help_text="The sentences for each field that is wrong, by its name. Only with a 422.",
    )


class ParamError(serializers.Serializer):
    """An error in one field or parameter."""

    param = serializers.CharField(
        allow_blank=True,
        help_text="The field, as a dotted path such as `line_items.0.quantity`, the query "
        'parameter or the header; "" for the body as a whole.',
    )
    code = serializers.CharField(
        help_text="What is wrong, as a word that never changes: `missing_field`, `invalid`, …"
    )
    message = serializers.CharField(
        help_text="A sentence for people: what is allowed, and what the request sent."
    )


class Candidate(serializers.Serializer):
    """A customer who is likely the same person as one that was to be created."""

    id = serializers.CharField(help_text="The id of the customer.")
    score = serializers.IntegerField(
        help_text="How likely it is that they are one person, from 0 to 100."
    )
    reasons = serializers.ListField(
        child=serializers.CharField(),
        help_text="What the two have in common or differ in: `same_phone`, `name_misspelt`, …",
    )


class ErrorFacts(serializers.Serializer):
    """An error; `doc_url` opens a page about it."""

    type = serializers.ChoiceField(
        [
            "authentication_error",
            "authorization_error",
            "invalid_request",
            "conflict",
            "rate_limit_exceeded",
            "api_error",
        ],
        help_text="The kind of the error, for a first decision.",
    )
    code = serializers.CharField(
        help_text="The code of the error, which never changes. Of several faults, the first one's."
    )
    message = serializers.CharField(
        help_text="A sentence for people. Of several faults, the first one's."
    )
    param = serializers.CharField(
        required=False, help_text="The field or parameter that `message` is about."
    )
    doc_url = serializers.URLField(help_text="A page about the code, and what to do about it.")
    errors = ParamError(  # type: ignore[assignment]
        many=True,
        required=False,
        help_text="Everything that is wrong with the fields and parameters of the request, up to "
        f"{MOST_TOLD} entries, the first one included. Present if a field or parameter is named.",
    )
    candidates = Candidate(
        many=True,
        required=False,
        help_text="Only with the code `possible_duplicate`: the customers who may be the same "
        "person, the most likely first, at most ten.",
    )


class TypedError(serializers.Serializer):
    """An error with its type, code and documentation."""

    error = ErrorFacts(help_text="What went wrong, and what to do about it.")


class OAuthError(serializers.Serializer):
    """An error in the words of RFC 6749, section 5.2."""

    error = serializers.CharField(
        help_text="The code of the error: `invalid_request`, `invalid_client`, `invalid_scope`, "
        "`unsupported_grant_type` or `temporarily_unavailable`."
    )
    error_description = serializers.CharField(
        required=False, help_text="A sentence for people: what is wrong, and what to do."
    )


class InOneSentence:
    document = MessageError

    def __call__(self, problem: Problem) -> dict[str, Any]:
        return {"message": problem.whole_message}


class WithFieldLists:
    """A message and, only for a 422, lists of messages by field."""

    document = ListedErrors

    def __call__(self, problem: Problem) -> dict[str, Any]:
        if problem.status != 422:
            return {"message": problem.whole_message}
        return {"message": problem.message, "errors": problem.sentences}


class WithFields:
    document = FieldErrors

    def __call__(self, problem: Problem) -> dict[str, Any]:
        return {
            "code": problem.code,
            "message": problem.message,
            "validation_errors": {
                name: " ".join(texts) for name, texts in problem.sentences.items()
            },
        }


class WithType:
    document = TypedError
    types: ClassVar[dict[int, str]] = {
        401: "authentication_error",
        403: "authorization_error",
        409: "conflict",
        429: "rate_limit_exceeded",
    }

    def __call__(self, problem: Problem) -> dict[str, Any]:
        fallback = "api_error" if problem.status >= 500 else "invalid_request"
        error: dict[str, Any] = {
            "type": self.types.get(problem.status, fallback),
            "code": problem.code,
            "message": problem.message,
        }
        if problem.faults and problem.faults[0].param:
            error["param"] = problem.faults[0].param
        error["doc_url"] = f"{settings.PUBLIC_URL}/docs/errors/{problem.code}"
        error |= problem.details
        if problem.sentences:
            error["errors"] = [fault._asdict() for fault in problem.faults]
        return {"error": error}


class InOAuthsWords:
    document = OAuthError

    def __call__(self, problem: Problem) -> dict[str, Any]:
        error = "temporarily_unavailable" if problem.status in (429, 503) else "invalid_request"
        return {"error": error, "error_description": problem.whole_message}
