"""Completions, the API before chat: `POST …/completions`."""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from simulator.catalogue.capabilities import capabilities_of
from simulator.catalogue.models import Model
from simulator.concurrency import off_loop
from simulator.errors import InvalidRequest, VersionNotSupported
from simulator.latency import Tempo
from simulator.limits.estimate import COMPLETION_MAX_TOKENS
from simulator.messages import Answer, Usage, materialised
from simulator.operations.answer_size import check_answer_size, check_echo, work_of
from simulator.operations.base import EMPTY_SUMMARY, Call, Cost, Operation, RequestSummary, Target
from simulator.operations.completions.parameters import CompletionParameters
from simulator.operations.completions.wire import CompletionIdentity, Text, answer_body, chunks_of
from simulator.operations.model_checks import check_lengths, check_logit_bias, check_stream_options
from simulator.operations.routes import model_routes
from simulator.operations.text_input import BadInput, Input, inputs_of
from simulator.synthesis.drafts import Draft, DraftRequest
from simulator.wire import ids
from simulator.wire.body import Body

_BODY = Body(CompletionParameters)

# Where no prompt is given, the model starts as from a new document (OpenAPI document 2024-10-21).
_NO_PROMPT = Input("<|endoftext|>", 1)


@dataclass(frozen=True, slots=True)
class Completion:
    """A completions request that has passed all checks."""

    parameters: CompletionParameters
    model: Model
    prompts: Sequence[Input]
    window: int
    """Tokens of a prompt and its answer together."""

    @property
    def prompt_tokens(self) -> int:
        return sum(prompt.tokens for prompt in self.prompts)

    @property
    def listed_tokens(self) -> int:
        """The tokens of the longest prompt that is echoed with its log probabilities."""
        if self.parameters.logprobs is None or not self.parameters.echo:
            return 0
        return max(prompt.tokens for prompt in self.prompts)

    @property
    def candidates(self) -> int:
        """The number of texts that are written for each prompt; the first `choices` are
        answered.
        """
        return max(self.parameters.best_of or 1, self.parameters.choices)


class Completions(Operation[Completion]):
    name = "completions"
    routes = model_routes("completions")
    capability = "completion"
    scripted = frozenset(("reply",))
    limit_name = "Completions_Create"
    filter_shape = "text"

    def parse(self, target: Target) -> Completion:
        model = target.model
        parameters = _BODY.decode(target.request.body)
        if parameters.prompt is None:
            prompts: Sequence[Input] = [_NO_PROMPT]
        else:
            try:
                prompts = inputs_of(parameters.prompt, model.encoding, self._resources.tokenizer)
            except BadInput:
                raise InvalidRequest(
                    "'prompt' must be a string, an array of strings, an array of tokens or an array "
                    "of token arrays.",
                    param="prompt",
                    code="invalid_type",
                ) from None
        completion = Completion(parameters, model, prompts, target.context_window)
        check_stream_options(stream=bool(parameters.stream), options=parameters.stream_options)
        check_lengths(user=parameters.user)
        check_logit_bias(parameters.logit_bias, model.encoding)
        _check(completion)
        return completion

    def cost(self, call: Call[Completion]) -> Cost | None:
        completion = call.parameters
        if completion is None:
            return None
        characters = sum(len(prompt.text) for prompt in completion.prompts)
        return Cost(
            characters,
            completion.prompt_tokens,
            completion.parameters.asked_tokens,
            completion.candidates * len(completion.prompts),
            COMPLETION_MAX_TOKENS,
        )

    async def generate(self, call: Call[Completion], tempo: Tempo) -> Answer:
        completion = call.parsed
        texts = len(completion.prompts) * completion.candidates
        parameters = completion.parameters
        expected = call.shape.expected(parameters.asked_tokens) + completion.listed_tokens
        size = work_of(texts, expected, logprobs=parameters.logprobs)
        return await off_loop(size, lambda: self._answer(call, tempo))

    async def summary(self, call: Call[Completion]) -> RequestSummary:
        completion = call.parameters
        if completion is None:
            return EMPTY_SUMMARY
        texts = tuple(prompt.text for prompt in completion.prompts)
        return RequestSummary(texts[-1], texts, streamed=bool(completion.parameters.stream))

    def _answer(self, call: Call[Completion], tempo: Tempo) -> Answer:
        completion = call.parsed
        parameters, model = completion.parameters, completion.model
        rng = self._rng(completion)
        written = self._drafts(call, rng)
        usage = Usage(
            prompt=completion.prompt_tokens,
            completion=sum(draft.tokens for drafts in written for draft in drafts),
        )
        texts = list(self._chosen(completion, written))
        identity = CompletionIdentity(
            ids.completion(self._resources.rng),
            int(self._resources.now()),
            model.wire_name,
            len(completion.prompts),
        )
        if parameters.stream:
            options = parameters.stream_options
            shown = usage if options and options.include_usage else None
            events = chunks_of(identity, texts, parameters.logprobs, rng, shown, tempo)
            chunks = materialised(events, sum(text.draft.tokens for text in texts))
            return Answer.stream(chunks, usage=usage)
        due = tempo.at(max(text.draft.tokens for text in texts))
        body = answer_body(identity, texts, parameters.logprobs, rng, usage)
        return Answer.plain(body, usage=usage, due=due)

    def _drafts(self, call: Call[Completion], rng: random.Random) -> list[list[Draft]]:
        """Return the candidates for each prompt."""
        completion = call.parsed
        return [
            [
                self._resources.writer.draft(_order(call, prompt), rng)
                for _ in range(completion.candidates)
            ]
            for prompt in completion.prompts
        ]

    def _chosen(self, completion: Completion, written: Sequence[Sequence[Draft]]) -> Iterator[Text]:
        """The texts that are answered, prompt by prompt; `echo` puts the prompt before each."""
        parameters, encoding = completion.parameters, completion.model.encoding
        for prompt, drafts in zip(completion.prompts, written, strict=True):
            echoed: Sequence[str] = ()
            if parameters.echo and parameters.logprobs is not None:
                echoed = self._resources.tokenizer.split(prompt.text, encoding)
            elif parameters.echo and prompt.text:
                echoed = [prompt.text]
            for draft in drafts[: parameters.choices]:
                yield Text(echoed, draft)

    def _rng(self, completion: Completion) -> random.Random:
        """Return the same generator for the same request if it sets a seed, or leaves nothing to
        chance.
        """
        parameters = completion.parameters
        if parameters.seed is None and parameters.temperature != 0:
            return self._resources.rng
        return random.Random(f"{parameters.seed}{completion.prompts}")


def _order(call: Call[Completion], prompt: Input) -> DraftRequest:
    completion = call.parsed
    parameters, model = completion.parameters, completion.model
    room = min(completion.window - prompt.tokens, model.max_output)
    return DraftRequest(
        model.encoding,
        room,
        parameters.asked_tokens,
        parameters.stops,
        shape=call.shape,
        echo=prompt.text,
        script=call.script,
    )


def _check(completion: Completion) -> None:
    parameters, model = completion.parameters, completion.model
    extras = (parameters.logprobs, parameters.best_of, parameters.echo or None)
    if extras != (None, None, None) and not capabilities_of(model).log_probabilities:
        raise VersionNotSupported(
            f"logprobs, best_of and echo parameters are not available on {model.name} model. Please "
            "remove the parameter and try again. For more details, see "
            "https://go.microsoft.com/fwlink/?linkid=2227346."
        )
    if parameters.echo and parameters.logprobs is not None and model.name.endswith("-instruct"):
        # In OpenAI's words (users, 2023-10 and 2024-07).
        raise InvalidRequest(
            "Setting 'echo' and 'logprobs' at the same time is not supported for this model."
        )
    if parameters.best_of is not None and parameters.best_of < parameters.choices:
        raise InvalidRequest(
            "You requested that the server return more choices than it will generate (HINT: must "
            "set 'n' < 'best_of', or omit either parameter, if 'best_of' is greater than 1.)"
        )
    if parameters.stream and (parameters.best_of or 1) > parameters.choices:
        raise InvalidRequest("Results with 'best_of' greater than 'n' cannot be streamed.")
    if parameters.suffix is not None and not model.name.endswith("-instruct"):
        raise InvalidRequest("The 'suffix' parameter is not supported with this model.")
    texts = completion.candidates * len(completion.prompts)
    asked = min(parameters.asked_tokens, model.max_output) + completion.listed_tokens
    check_answer_size(texts, asked, logprobs=parameters.logprobs, param="n")
    if parameters.echo:
        characters = sum(len(prompt.text) for prompt in completion.prompts)
        check_echo(characters * parameters.choices)
    _check_window(completion)


def _check_window(completion: Completion) -> None:
    asked = completion.parameters.asked_tokens
    for prompt in completion.prompts:
        requested = prompt.tokens + asked
        if requested > completion.window:
            raise InvalidRequest(
                f"This model's maximum context length is {completion.window} tokens, however you "
                f"requested {requested} tokens ({prompt.tokens} in your prompt; {asked} for the "
                "completion). Please reduce your prompt; or completion length."
            )
