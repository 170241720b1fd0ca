"""Images: made from prompts and from images, and fetched by their addresses."""

import asyncio
import base64
import io
import json
from collections.abc import Iterator
from typing import Any

import httpx2
import openai
import pytest
from PIL import Image

from simulator.messages import Request
from simulator.operations.images import edits
from simulator.operations.images.picture import open_picture
from simulator.tokens.image_inputs import input_tokens
from tests.conftest import API_VERSION, KEY, MakeSimulator
from tests.support.asking import error_of

# Names that are not in the list of deployments have no limits.
DALLE, GPT_IMAGE, MINI = "my-dall-e-3", "my-gpt-image-1", "my-gpt-image-1-mini"
NEW_VERSION = "2025-04-01-preview"
PROMPT = "A cute baby sea otter"


@pytest.fixture
def newest(server: str) -> Iterator[openai.AzureOpenAI]:
    with openai.AzureOpenAI(
        azure_endpoint=server, api_key=KEY, api_version=NEW_VERSION, max_retries=0
    ) as client:
        yield client


def _post(
    http: httpx2.Client, deployment: str = DALLE, *, version: str = NEW_VERSION, **parameters: Any
) -> httpx2.Response:
    return http.post(
        f"/openai/deployments/{deployment}/images/generations",
        params={"api-version": version},
        json={"prompt": PROMPT, **parameters},
    )


def _opened(encoded: str | None) -> Image.Image:
    return Image.open(io.BytesIO(base64.b64decode(encoded or "")))


def _png(size: tuple[int, int] = (64, 48), colour: Any = (200, 30, 30), mode: str = "RGB") -> bytes:
    file = io.BytesIO()
    Image.new(mode, size, colour).save(file, "PNG")
    return file.getvalue()


# --- DALL-E 3 ---


@pytest.mark.parametrize("size", ["1024x1024", "1792x1024", "1024x1792"])
def test_an_image_has_the_asked_size(client: openai.AzureOpenAI, size: Any) -> None:
    answer = client.images.generate(
        model=DALLE, prompt=PROMPT, size=size, response_format="b64_json"
    )
    assert answer.data is not None
    picture = _opened(answer.data[0].b64_json)
    assert picture.format == "PNG"
    assert f"{picture.width}x{picture.height}" == size


def test_an_image_is_fetched_from_its_url_without_a_key(
    client: openai.AzureOpenAI, server: str
) -> None:
    answer = client.images.generate(model=DALLE, prompt=PROMPT)
    assert answer.data is not None
    url = answer.data[0].url or ""
    assert url.startswith(f"{server}/private/images/")
    assert KEY not in url
    fetched = httpx2.get(url)
    assert fetched.headers["content-type"] == "image/png"
    assert Image.open(io.BytesIO(fetched.content)).size == (1024, 1024)


def test_an_answer_has_the_documented_members(http: httpx2.Client) -> None:
    body = _post(http, version=API_VERSION).json()
    assert list(body) == ["created", "data"]
    (data,) = body["data"]
    assert list(data) == [
        "content_filter_results",
        "prompt_filter_results",
        "revised_prompt",
        "url",
    ]
    assert set(data["content_filter_results"]) == {"hate", "self_harm", "sexual", "violence"}
    # Recorded 2024-03 and 2024-12: no jailbreak.
    harms = ["hate", "profanity", "self_harm", "sexual", "violence"]
    assert list(data["prompt_filter_results"]) == harms
    assert data["revised_prompt"].startswith(PROMPT)


def test_the_style_shows_in_the_picture_and_the_prompt(http: httpx2.Client) -> None:
    vivid, natural = (
        _post(http, style=style, response_format="b64_json").json()["data"][0]
        for style in ("vivid", "natural")
    )
    assert vivid["revised_prompt"] != natural["revised_prompt"]
    assert vivid["b64_json"] != natural["b64_json"]


def test_the_url_is_that_of_the_proxy_in_front(http: httpx2.Client) -> None:
    answer = http.post(
        f"/openai/deployments/{DALLE}/images/generations",
        params={"api-version": API_VERSION},
        json={"prompt": PROMPT},
        headers={"x-forwarded-host": "sim.example.com", "x-forwarded-proto": "https"},
    )
    url = answer.json()["data"][0]["url"]
    assert url.startswith("https://sim.example.com/private/images/")


def test_v1_makes_images(v1: openai.OpenAI) -> None:
    answer = v1.images.generate(model=DALLE, prompt=PROMPT)
    assert answer.data is not None
    assert httpx2.get(answer.data[0].url or "").status_code == 200


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        (
            {"size": "512x512"},
            "'512x512' is not one of ['1024x1024', '1792x1024', '1024x1792'] - 'size'",
        ),
        ({"n": 2}, "2 is greater than the maximum of 1 - 'n'"),
        ({"n": 0}, "0 is less than the minimum of 1 - 'n'"),
        ({"quality": "low"}, "'low' is not one of ['standard', 'hd'] - 'quality'"),
        ({"style": "bold"}, "'bold' is not one of ['vivid', 'natural'] - 'style'"),
        ({"prompt": "x" * 4001}, f"'{'x' * 4001}' is too long - 'prompt'"),
        ({"prompt": ""}, "'' is too short - 'prompt'"),
        ({"prompt": None}, "'prompt' is a required property"),
        (
            {"background": "opaque"},
            "Additional properties are not allowed ('background' was unexpected)",
        ),
    ],
)
def test_dalle_refuses_in_the_words_of_its_schema(
    http: httpx2.Client, parameters: dict[str, Any], message: str
) -> None:
    assert error_of(_post(http, **parameters)) == {
        "message": message,
        "type": "invalid_request_error",
        "param": None,
        "code": "invalidPayload",
    }


# --- GPT image models ---


@pytest.mark.parametrize(
    ("size", "quality", "tokens"),
    [
        ("1024x1024", "low", 272),
        ("1024x1536", "medium", 1584),
        ("1536x1024", "high", 6208),
        ("auto", "auto", 4160),
    ],
)
def test_usage_follows_quality_and_size(
    newest: openai.AzureOpenAI, size: Any, quality: Any, tokens: int
) -> None:
    answer = newest.images.generate(model=GPT_IMAGE, prompt=PROMPT, size=size, quality=quality)
    assert answer.usage is not None
    assert answer.usage.output_tokens == tokens
    assert answer.usage.input_tokens_details.text_tokens == answer.usage.input_tokens == 6
    assert answer.usage.total_tokens == tokens + 6


def test_the_answer_says_what_was_chosen(newest: openai.AzureOpenAI) -> None:
    answer = newest.images.generate(model=MINI, prompt=PROMPT)
    assert (answer.size, answer.quality) == ("1024x1024", "high")
    assert (answer.background, answer.output_format) == ("opaque", "png")
    assert answer.data is not None
    assert answer.data[0].url is None
    assert _opened(answer.data[0].b64_json).size == (1024, 1024)


def test_several_images_differ(newest: openai.AzureOpenAI) -> None:
    answer = newest.images.generate(model=GPT_IMAGE, prompt=PROMPT, n=2, quality="low")
    assert answer.data is not None
    assert len({image.b64_json for image in answer.data}) == 2
    assert answer.usage is not None
    assert answer.usage.output_tokens == 544


@pytest.mark.parametrize("form", ["png", "jpeg", "webp"])
def test_an_image_is_of_the_asked_format(newest: openai.AzureOpenAI, form: Any) -> None:
    answer = newest.images.generate(model=GPT_IMAGE, prompt=PROMPT, output_format=form)
    assert answer.data is not None
    assert _opened(answer.data[0].b64_json).format == form.upper()
    assert answer.output_format == form


def test_compression_makes_it_smaller(http: httpx2.Client) -> None:
    small, large = (
        len(_post(http, GPT_IMAGE, output_format="jpeg", output_compression=share).content)
        for share in (20, 95)
    )
    assert small < large / 2


def test_a_background_may_be_transparent(newest: openai.AzureOpenAI) -> None:
    answer = newest.images.generate(model=GPT_IMAGE, prompt=PROMPT, background="transparent")
    assert answer.data is not None
    assert _opened(answer.data[0].b64_json).getchannel("A").getextrema() == (0, 255)
    assert answer.background == "transparent"


@pytest.mark.parametrize("partial", [0, 1, 3])
def test_partial_images_are_streamed(newest: openai.AzureOpenAI, partial: int) -> None:
    stream = newest.images.generate(
        model=GPT_IMAGE, prompt=PROMPT, quality="low", stream=True, partial_images=partial
    )
    *before, last = stream
    indexes = [
        event.partial_image_index
        for event in before
        if event.type == "image_generation.partial_image"
    ]
    assert indexes == list(range(partial))
    assert all(_opened(event.b64_json).size == (1024, 1024) for event in (*before, last))
    assert last.type == "image_generation.completed"
    assert last.usage.output_tokens == 272 + 100 * partial


def test_stream_events_have_their_names(http: httpx2.Client) -> None:
    answer = _post(http, GPT_IMAGE, stream=True, partial_images=1)
    assert answer.headers["content-type"] == "text/event-stream; charset=utf-8"
    first, second = answer.text.rstrip().split("\n\n")
    assert first.startswith("event: image_generation.partial_image\ndata: {")
    name, data = second.split("\n")
    assert name == "event: image_generation.completed"
    assert set(json.loads(data.removeprefix("data: "))) == {
        "type", "b64_json", "created_at", "size", "quality", "background", "output_format", "usage",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("parameters", "message", "param"),
    [
        (
            {"size": "1254x836"},
            (
                "Invalid value: '1254x836'. Supported values are: '1024x1024', '1024x1536', "
                "'1536x1024', and 'auto'."
            ),
            "size",
        ),
        (
            {"response_format": "url"},
            "Unknown parameter: 'response_format'.",
            "response_format",
        ),
        ({"style": "vivid"}, "Unknown parameter: 'style'.", "style"),
        (
            {"n": 11},
            "Invalid 'n': integer above maximum value. Expected a value <= 10, but got 11 instead.",
            "n",
        ),
        (
            {"background": "transparent", "output_format": "jpeg"},
            "Transparent background is not supported for output format 'jpeg'. Use 'png' or 'webp'.",
            "background",
        ),
        (
            {"output_compression": 50},
            "Compression less than 100 is not supported for PNG output format",
            "output_compression",
        ),
        (
            {"partial_images": 2},
            "The 'partial_images' parameter is only supported when 'stream' is true.",
            "partial_images",
        ),
        (
            {"prompt": "x" * 32_001},
            (
                "Invalid 'prompt': string too long. Expected a string with maximum length 32000, but "
                "got a string with length 32001 instead."
            ),
            "prompt",
        ),
    ],
)
def test_gpt_image_refuses_by_name(
    http: httpx2.Client, parameters: dict[str, Any], message: str, param: str
) -> None:
    error = error_of(_post(http, GPT_IMAGE, **parameters))
    assert (error["message"], error["param"]) == (message, param)


def test_gpt_image_needs_a_new_api_version(http: httpx2.Client) -> None:
    assert error_of(_post(http, GPT_IMAGE, version=API_VERSION)) == {
        "code": "BadRequest",
        "message": "Model {modelName} is enabled only for api versions 2025-04-01-preview and later",
    }


def test_a_chat_model_makes_no_images(http: httpx2.Client) -> None:
    assert error_of(_post(http, "my-gpt-4o"))["code"] == "OperationNotSupported"


# --- Edits ---


def _edit(
    http: httpx2.Client,
    files: list[tuple[str, tuple[str, bytes, str]]] | None = None,
    *,
    deployment: str = GPT_IMAGE,
    version: str = NEW_VERSION,
    **fields: str,
) -> httpx2.Response:
    return http.post(
        f"/openai/deployments/{deployment}/images/edits",
        params={"api-version": version},
        data={"prompt": "42", "quality": "low", **fields},
        files=files if files is not None else [("image", ("a.png", _png(), "image/png"))],
    )


def test_an_edit_shows_the_image_that_was_put_in(newest: openai.AzureOpenAI) -> None:
    answer = newest.images.edit(
        model=GPT_IMAGE, image=("a.png", _png(), "image/png"), prompt=PROMPT, size="1536x1024"
    )
    assert answer.data is not None
    picture = _opened(answer.data[0].b64_json)
    assert picture.size == (1536, 1024)
    assert picture.getpixel((700, 20)) == (200, 30, 30)
    assert answer.usage is not None
    assert answer.usage.input_tokens_details.image_tokens == input_tokens(
        (64, 48), high_fidelity=False
    )


def test_a_mask_says_what_is_painted_over(newest: openai.AzureOpenAI) -> None:
    answer = newest.images.edit(
        model=GPT_IMAGE,
        image=("a.png", _png(), "image/png"),
        mask=("m.png", _png(colour=(0, 0, 0, 0), mode="RGBA"), "image/png"),
        prompt=PROMPT,
    )
    assert answer.data is not None
    assert _opened(answer.data[0].b64_json).getpixel((500, 20)) != (200, 30, 30)


def test_several_images_are_put_in(v1: openai.OpenAI) -> None:
    answer = v1.images.edit(
        model=GPT_IMAGE,
        image=[("a.png", _png(), "image/png"), ("b.png", _png((512, 512)), "image/png")],
        prompt=PROMPT,
        input_fidelity="high",
    )
    assert answer.usage is not None
    assert answer.usage.input_tokens_details.image_tokens == 323 + 6240 + 194 + 4160


def test_an_edit_is_streamed_under_its_own_names(newest: openai.AzureOpenAI) -> None:
    stream = newest.images.edit(
        model=GPT_IMAGE,
        image=("a.png", _png(), "image/png"),
        prompt=PROMPT,
        stream=True,
        partial_images=1,
    )
    assert [event.type for event in stream] == ["image_edit.partial_image", "image_edit.completed"]


PNG = ("image", ("a.png", _png(), "image/png"))


@pytest.mark.parametrize(
    ("files", "message", "code"),
    [
        (
            [("mask", ("m.png", _png(), "image/png"))],
            "Missing required parameter: 'image'.",
            "missing_required_parameter",
        ),
        (
            [("image", ("a.bin", _png(), "application/octet-stream"))],
            (
                "Invalid file 'image': unsupported mimetype ('application/octet-stream'). Supported "
                "file formats are 'image/jpeg', 'image/png', and 'image/webp'."
            ),
            "unsupported_file_mimetype",
        ),
        (
            [PNG, ("image[]", ("b.png", b"no image", "image/png"))],
            "Invalid image file or mode for image 2, please check your image file.",
            "invalid_image_file",
        ),
        (
            [PNG, ("mask", ("m.png", _png((10, 10)), "image/png"))],
            "Invalid mask image format - mask size does not match image size",
            "invalid_mask_image_format",
        ),
        (
            [PNG] * 17,
            (
                "Invalid 'image': array too long. Expected an array with maximum length 16, but got an "
                "array with length 17 instead."
            ),
            "array_above_max_length",
        ),
    ],
)
def test_a_bad_upload_is_refused(
    http: httpx2.Client, files: list[Any], message: str, code: str
) -> None:
    error = error_of(_edit(http, files))
    assert (error["message"], error["code"]) == (message, code)


def test_an_image_over_50_mb_is_refused(http: httpx2.Client) -> None:
    large = ("a.png", _png() + bytes(50 * 2**20), "image/png")
    assert _edit(http, [("image", large)]).status_code == 413


def test_an_unknown_field_is_refused(http: httpx2.Client) -> None:
    assert error_of(_edit(http, style="vivid"))["message"] == "Unknown parameter: 'style'."


@pytest.mark.parametrize("deployment", [DALLE, GPT_IMAGE])
@pytest.mark.parametrize("value", [b"1e400", b"9" * 5000, b'"\xff"', b"[" * 3000 + b"]" * 3000])
def test_an_unknown_parameter_may_have_any_value(
    http: httpx2.Client, deployment: str, value: bytes
) -> None:
    answer = http.post(
        f"/openai/deployments/{deployment}/images/generations",
        params={"api-version": NEW_VERSION},
        headers={"content-type": "application/json"},
        content=b'{"prompt":"a","surplus":' + value + b"}",
    )
    assert answer.status_code == 400
    assert error_of(answer)["type"] == "invalid_request_error"


def test_dalle_does_not_edit(http: httpx2.Client) -> None:
    assert error_of(_edit(http, deployment=DALLE))["code"] == "OperationNotSupported"


def test_an_old_api_version_does_not_know_edits(http: httpx2.Client) -> None:
    assert _edit(http, version=API_VERSION).status_code == 404


@pytest.mark.parametrize(
    ("size", "high", "tokens"),
    [
        ((512, 512), False, 194),
        ((1024, 1024), False, 194),
        ((1024, 1536), False, 323),
        ((64, 64), True, 4354),
        ((1024, 1536), True, 6563),
        ((1, 1), False, 194),
    ],
)
def test_an_image_costs_its_tiles(size: tuple[int, int], high: bool, tokens: int) -> None:
    assert input_tokens(size, high_fidelity=high) == tokens


# --- Fetching ---


async def test_a_url_expires(make_simulator: MakeSimulator) -> None:
    simulator = make_simulator()
    now = [1_800_000_000.0]
    for _, operation in simulator._routes._routes:
        one: Any = operation
        if hasattr(one, "_images"):
            one._images = type(one._images)(one._images._container, lambda: now[0])
    made = await simulator(
        Request(
            "POST",
            f"/openai/deployments/{DALLE}/images/generations",
            f"api-version={API_VERSION}",
            {"api-key": KEY, "host": "sim"},
            json.dumps({"prompt": PROMPT}).encode(),
        )
    )
    assert isinstance(made.body, bytes)
    url = json.loads(made.body)["data"][0]["url"]
    path, _, query = url.removeprefix("http://sim").partition("?")
    assert (await simulator(Request("GET", path, query))).status == 200
    now[0] += 86_400
    late = await simulator(Request("GET", path, query))
    assert late.status == 403
    assert isinstance(late.body, bytes)
    assert b"<Code>AuthenticationFailed</Code>" in late.body
    assert late.headers["content-type"] == "application/xml"


def test_an_address_that_never_was_is_not_found(server: str) -> None:
    answer = httpx2.get(
        f"{server}/private/images/00000000-0000-4000-8000-000000000000/generated_00.png",
        params={"se": "2099-01-01T00:00:00Z"},
    )
    assert answer.status_code == 404
    assert answer.headers["x-ms-error-code"] == "BlobNotFound"


def test_an_address_without_its_signature_is_refused(server: str) -> None:
    url = f"{server}/private/images/00000000-0000-4000-8000-000000000000/generated_00.png"
    assert httpx2.get(url).status_code == 403


def test_images_have_a_largest_number_of_pixels_together(
    http: httpx2.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(edits, "MAX_PIXELS_IN_ALL", 1_000)
    small: Any = ("image", ("a.png", _png((20, 20)), "image/png"))
    assert _edit(http, [small] * 2).status_code == 200
    assert _edit(http, [small] * 3).status_code == 413


def test_a_small_file_that_unpacks_to_much_is_looked_at_on_a_thread(
    http: httpx2.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    loops: list[object] = []

    def noted(data: bytes) -> Image.Image:
        loops.append(asyncio._get_running_loop())
        return open_picture(data)

    monkeypatch.setattr(edits, "open_picture", noted)
    assert _edit(http, [PNG]).status_code == 200
    assert loops == [None]
