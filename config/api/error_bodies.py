"""The error bodies that surfaces declare. Each is a shape for the documentation and a writer."""

from typing import Any, ClassVar, Protocol

from django.conf import settings
from rest_framework import serializers

from .problems import Problem


class ErrorBody(Protocol):
    """A surface's way to word a problem."""

    @property
    def document(self) -> type[serializers.Serializer]: ...

    def __call__(self, problem: Problem) -> dict[str, Any]: ...


class MessageError(serializers.Serializer):
    """An error in one sentence."""

    message = serializers.CharField()


class FieldErrors(serializers.Serializer):
    """An error with a code, a sentence, and a sentence for each field that caused it."""

    code = serializers.CharField()
    message = serializers.CharField()
    validation_errors = serializers.DictField(child=serializers.CharField())


class ListedErrors(serializers.Serializer):
    """An error in one sentence and, for a 422, what is wrong with each field."""

    message = serializers.CharField()
    errors = serializers.DictField(  # type: ignore[assignment]
        child=serializers.ListField(child=serializers.CharField()), required=False
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
        ]
    )
    code = serializers.CharField()
    message = serializers.CharField()
    param = serializers.CharField(required=False, allow_blank=True)
    doc_url = serializers.URLField()


class TypedError(serializers.Serializer):
    """An error with its type, code and documentation."""

    error = ErrorFacts()


class OAuthError(serializers.Serializer):
    """An error in the words of RFC 6749, section 5.2."""

    error = serializers.CharField()
    error_description = serializers.CharField(required=False)


class InOneSentence:
    document = MessageError

    def __call__(self, problem: Problem) -> dict[str, Any]:
        return {"message": problem.message}


class WithFieldLists:
    """A sentence and, only where the request was understood and is not valid, lists by field."""

    document = ListedErrors

    def __call__(self, problem: Problem) -> dict[str, Any]:
        if problem.status != 422:
            return {"message": problem.message}
        return {
            "message": problem.message,
            "errors": {name: [text] for name, text in problem.fields.items()},
        }


class WithFields:
    document = FieldErrors

    def __call__(self, problem: Problem) -> dict[str, Any]:
        return {
            "code": problem.code,
            "message": problem.message,
            "validation_errors": dict(problem.fields),
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
        param = {"param": next(iter(problem.fields))} if problem.fields else {}
        return {
            "error": {
                "type": self.types.get(problem.status, fallback),
                "code": problem.code,
                "message": problem.message,
                **param,
                "doc_url": f"{settings.PUBLIC_URL}/docs/errors/{problem.code}",
            }
        }


class InOAuthsWords:
    document = OAuthError

    def __call__(self, problem: Problem) -> dict[str, Any]:
        error = "temporarily_unavailable" if problem.status in (429, 503) else "invalid_request"
        return {"error": error, "error_description": problem.message}
