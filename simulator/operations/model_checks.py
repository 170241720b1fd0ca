"""Checks of a request against its model's capabilities, shared by chat and Responses."""

import re
from collections.abc import Mapping, Sequence

from simulator.catalogue.api_versions import older_than
from simulator.catalogue.capabilities import capabilities_of
from simulator.catalogue.models import Model
from simulator.errors import InvalidRequest, VersionNotSupported
from simulator.wire.body_places import either

# The greatest lengths of strings that name something (reported by users, with these figures).
_LONGEST = {"prompt_cache_key": 64, "safety_identifier": 64, "user": 64}
_PLAIN, _DOTTED = re.compile("[a-zA-Z0-9_-]+"), re.compile(r"[a-zA-Z0-9_\.-]+")
# The end of text: tokens behind it are refused (reported for cl100k_base; taken to hold for the other).
_LAST_TOKEN, _LAST_OF_CL100K = 199_999, 100_257
_LONGEST_TOKEN = 6
_LONGEST_NAME = 256
_MAX_PAIRS, _MAX_KEY, _MAX_VALUE = 16, 64, 512
_KINDS: Mapping[type[object], str] = {
    type(None): "null",
    bool: "a boolean",
    int: "an integer",
    float: "a decimal number",
    list: "an array",
}


def check_available(model: Model, version: str) -> None:
    """Refuses an api-version from before the model; the braces are the real service's own."""
    since = capabilities_of(model).since
    if since is not None and older_than(version, since):
        raise VersionNotSupported(
            f"Model {{modelName}} is enabled only for api versions {since} and later"
        )


def check_id(identifier: str, prefix: str, name: str) -> None:
    """Refuse what is no id of the kind that begins like this (reported by users of OpenAI's API)."""
    if not identifier.startswith(prefix):
        raise InvalidRequest(
            f"Invalid '{name}': '{identifier[:200]}'. Expected an ID that begins with '{prefix}'.",
            param=name,
            code="invalid_value",
        )


def unknown_parameter(name: str) -> InvalidRequest:
    """Responses, and the models that reason in chat, name one unknown parameter (reported by users of
    Azure for o1-mini, gpt-5-mini and gpt-5.1, 2025-02 to 2026-05)."""
    return InvalidRequest(f"Unknown parameter: '{name}'.", param=name, code="unknown_parameter")


def unsupported_parameter(name: str, advice: str = "") -> InvalidRequest:
    """Return the refusal of a parameter that the model does not take; `advice` is what to do instead."""
    return InvalidRequest(
        f"Unsupported parameter: '{name}' is not supported with this model.{advice and ' '}{advice}",
        param=name,
        code="unsupported_parameter",
    )


def check_streams(model: Model, *, stream: bool) -> None:
    if stream and not capabilities_of(model).streams:
        raise InvalidRequest(
            "Unsupported value: 'stream' does not support true with this model. Supported values "
            "are: false.",
            param="stream",
            code="unsupported_value",
        )


def check_stream_options(*, stream: bool, options: object) -> None:
    if options is not None and not stream:
        raise InvalidRequest(
            "The 'stream_options' parameter is only allowed when 'stream' is enabled.",
            param="stream_options",
        )


def refused_effort(effort: str | None, efforts: Sequence[str]) -> str | None:
    """The efforts that a model has, as refusals list them, if this is none of them; else None."""
    return listed(efforts) if effort is not None and efforts and effort not in efforts else None


def refused_verbosity(verbosity: str | None, model: Model) -> str | None:
    """The verbosities that a model has, as refusals list them, if this is none of them; else None."""
    taken = capabilities_of(model).verbosities
    if verbosity is None or verbosity in taken or model.maker != "OpenAI":
        return None
    return listed(taken)


def check_logit_bias(bias: Mapping[str, float] | None, encoding: str) -> None:
    """Refuses what is no token of the model's (reported by users with these words)."""
    last = _LAST_OF_CL100K if encoding == "cl100k_base" else _LAST_TOKEN
    for key in bias or ():
        if not (key.isascii() and key.isdecimal()):
            why = "You should only be submitting non-negative integers."
        elif len(key) > _LONGEST_TOKEN or int(key) > last:
            why = f"Maximum value is {last}."
        else:
            continue
        raise InvalidRequest(
            f"Invalid key in 'logit_bias': {key[:_MAX_KEY]}. {why}", param="logit_bias"
        )


def listed(values: Sequence[str]) -> str:
    """Values as the real service lists them: 'a', 'b', and 'c'."""
    return either(values, "and") if values else ""


def check_lengths(**values: str | None) -> None:
    """Refuses identifiers that are longer than they may be."""
    for name, value in values.items():
        if value is not None:
            check_length(name, value, _LONGEST[name])


def check_length(name: str, value: str, longest: int) -> None:
    if len(value) > longest:
        raise InvalidRequest(
            f"Invalid '{name}': string too long. Expected a string with maximum length {longest}, "
            f"but got a string with length {len(value)} instead.",
            param=name,
            code="string_above_max_length",
        )


def check_metadata(metadata: Mapping[str, object]) -> None:
    """Microsoft's page on the Responses API; chat takes the same."""
    if len(metadata) > _MAX_PAIRS:
        raise InvalidRequest(
            "Invalid 'metadata': too many properties. Expected an object with at most "
            f"{_MAX_PAIRS} properties, but got an object with {len(metadata)} properties instead.",
            param="metadata",
            code="object_above_max_properties",
        )
    for key, value in metadata.items():
        if len(key) > _MAX_KEY:
            # Measured by users of OpenAI's API (2026-08).
            raise InvalidRequest(
                f"Invalid property name in 'metadata': '{key[:3]}...{key[-3:]}' is too long. Expected "
                f"a string with maximum length {_MAX_KEY}, but got a string with length {len(key)} "
                "instead.",
                param=f"metadata.{key[:_LONGEST_NAME]}",
                code="property_name_above_max_length",
            )
        _check_value(f"metadata.{key}", value)


def _check_value(name: str, value: object) -> None:
    if not isinstance(value, str):
        got = _KINDS.get(type(value), "an object")
        raise InvalidRequest(
            f"Invalid type for '{name}': expected a string, but got {got} instead.",
            param=name,
            code="invalid_type",
        )
    check_length(name, value, _MAX_VALUE)


def check_image_address(url: str, place: str) -> str | None:
    """Refuse what is neither an http(s) address nor a data URL; return the type of what is no image."""
    if not url.startswith(("http://", "https://", "data:")):
        raise InvalidRequest(
            f"Invalid '{place}'. Expected a valid URL, but got a value with an invalid format.",
            param=place,
            code="invalid_value",
        )
    kind = url[5:].partition(";")[0].partition(",")[0] if url.startswith("data:") else ""
    return kind if "/" in kind and not kind.startswith("image/") else None


def check_name(name: str, place: str, *, dotted: bool) -> None:
    """Refuses a function's name with characters that it may not have."""
    if not (_DOTTED if dotted else _PLAIN).fullmatch(name):
        raise InvalidRequest(
            f"Invalid '{place}': string does not match pattern. Expected a string that matches the "
            f"pattern '^{(_DOTTED if dotted else _PLAIN).pattern}$'.",
            param=place,
            code="invalid_value",
        )
