"""Chats of the real OpenAI client that are logged: each says what it expects to find in the logs.

Run by tests/it/the_original_reads_our_logs.rs. The service behind the gateway says what a request's field `say` has:
`json` at once, `events` as a stream that stays open if `stall` is set. What was asked and what the client was told is
written to told.json, by the route that it went through:
  AIFD_URL   the gateway
"""

import asyncio
import json
import os
import unittest

import openai
from openai import AsyncOpenAI, OpenAI

GATEWAY = os.environ["AIFD_URL"]
TOLD = []

ODD_TEXTS = [
    "it's",
    'she said "no"',
    "it's \"both\" \\ and \\\\n \\'",
    "tabs\tand\nlines\r\nand \x00\x01\x1b[0m\x7f\x85\xa0",
    "ünïcode 你好 \u2028\u2029\u200d\ufeff 👩\u200d👩 \U000e0001 \U0010ffff \u1d7c\u0378",
    "{'messages': None} # [/b] [bold]",
    "\\x41\\101\\N{DASH} b'x' '''\"\"\"",
    " ",
]


def base(route):
    return {"api_key": "sk-test", "base_url": f"{GATEWAY}/{route}/v1", "max_retries": 0}


# One for all chats of a route: making one takes longer than a chat.
CLIENTS = {route: OpenAI(**base(route)) for route in ["plain", "rich"]}


def completion(*messages, finish="stop"):
    choices = [
        {"index": index, "message": {"role": "assistant", **message}, "finish_reason": finish}
        for index, message in enumerate(messages)
    ]
    usage = {"prompt_tokens": 9, "completion_tokens": 3, "total_tokens": 12}
    return {"id": "c", "object": "chat.completion", "created": 1, "model": "m-1", "choices": choices, "usage": usage}


def chunk(delta, index=0, finish=None):
    choice = {"index": index, "delta": delta, "finish_reason": finish}
    return json.dumps({"id": "c", "object": "chat.completion.chunk", "created": 1, "model": "m-1", "choices": [choice]})


def words(text, size=3):
    pieces = [text[at : at + size] for at in range(0, len(text), size)]
    first = chunk({"role": "assistant", "content": pieces[0]})
    return [first, *(chunk({"content": piece}) for piece in pieces[1:]), chunk({}, finish="stop"), "[DONE]"]


def user(text):
    return [{"role": "user", "content": text}]


def tell(route, asked, assistant, **more):
    """Notes an exchange; `assistant` is what the client was told by the first choice."""
    TOLD.append({"route": route, "asked": asked, "assistant": assistant, **more})


def ask(route, messages, say, **options):
    """One chat; gives back what the client made of the answer."""
    asked = {"model": "gpt-test", "messages": messages, **options}
    answer = CLIENTS[route].chat.completions.create(**asked, extra_body={"say": say})
    if options.get("stream"):
        return asked, [choice for piece in answer for choice in piece.choices]
    return asked, answer.choices


def plain(messages, text, **options):
    if options.get("stream"):
        asked, choices = ask("plain", messages, {"events": words(text)}, **options)
        told = "".join(choice.delta.content or "" for choice in choices)
    else:
        asked, choices = ask("plain", messages, {"json": completion({"content": text})}, **options)
        told = choices[0].message.content
    assert told == text, (told, text)
    tell("plain", asked, told)


CALL = {"id": "call_1", "type": "function", "function": {"name": "weather", "arguments": '{"city":"Zürich"}'}}
TOOL = {
    "type": "function",
    "function": {"name": "weather", "parameters": {"type": "object", "properties": {"city": {"minimum": 0.00001}}}},
}


class Plain(unittest.TestCase):
    """What the original's converter loses nothing of."""

    def test_texts_of_every_sort_there_and_back(self):
        for stream in [False, True]:
            for number, text in enumerate(ODD_TEXTS):
                plain(user(f"{stream} {number}: {text}"), text, stream=stream)

    def test_numbers(self):
        for number in [0, 1, 0.7, 1e-5, 1e-7, 0.1 + 0.2, 1e16, 1.0, 2]:
            plain(user(f"temperature {number!r}"), "x", temperature=number, top_p=number)

    def test_a_growing_conversation(self):
        messages = [{"role": "system", "content": "Be brief."}]
        for turn in range(4):
            messages = [*messages, {"role": "user", "content": f"turn {turn}"}]
            plain(messages, f"answer {turn}")
            messages = [*messages, {"role": "assistant", "content": f"answer {turn}"}]

    def test_tools_that_are_not_called(self):
        plain(user("with tools"), "none needed", tools=[TOOL], tool_choice="auto", seed=7, stop=["\n", "'"])

    def test_many_at_once(self):
        async def run():
            async with AsyncOpenAI(**base("plain")) as own:
                asked = [{"model": "gpt-test", "messages": user(f"at once {n}"), "stream": False} for n in range(30)]
                calls = [
                    own.chat.completions.create(**one, extra_body={"say": {"json": completion({"content": f"got {n}"})}})
                    for n, one in enumerate(asked)
                ]
                for one, answer in zip(asked, await asyncio.gather(*calls)):
                    tell("plain", one, answer.choices[0].message.content)

        asyncio.run(run())


class Rich(unittest.TestCase):
    """What the original's converter keeps a part of, or as the text of a Python literal."""

    def test_tool_calls(self):
        message = {"content": None, "tool_calls": [CALL, {**CALL, "id": "call_2"}]}
        asked, choices = ask("rich", user("call"), {"json": completion(message, finish="tool_calls")}, tools=[TOOL])
        calls = [call.to_dict() for call in choices[0].message.tool_calls]
        tell("rich", asked, calls, calls=True)
        history = [*user("call"), {"role": "assistant", **message}, {"role": "tool", "tool_call_id": "call_1", "content": "7°"}]
        asked, choices = ask("rich", history, {"json": completion({"content": "It is 7°."})}, tools=[TOOL])
        tell("rich", asked, choices[0].message.content)

    def test_parallel_tool_calls_of_a_stream(self):
        def more(index, arguments):
            return {"index": index, "function": {"arguments": arguments}}

        def begin(index):
            function = {"name": f"tool_{index}", "arguments": ""}
            return {"index": index, "id": f"call_{index}", "type": "function", "function": function}

        events = [chunk({"role": "assistant", "content": None, "tool_calls": [begin(0)]})]
        events += [chunk({"tool_calls": [more(0, piece)]}) for piece in ['{"a"', ':"it\'s"}']]
        events += [chunk({"tool_calls": [begin(1)]}), chunk({"tool_calls": [more(1, "{}")]})]
        events += [chunk({}, finish="tool_calls"), "[DONE]"]
        asked, choices = ask("rich", user("call both"), {"events": events}, stream=True, tools=[TOOL])
        calls = {}
        for piece in [piece for choice in choices for piece in choice.delta.tool_calls or []]:
            name, arguments = calls.get(piece.index, ("", ""))
            calls[piece.index] = (name + (piece.function.name or ""), arguments + (piece.function.arguments or ""))
        assert calls == {0: ("tool_0", '{"a":"it\'s"}'), 1: ("tool_1", "{}")}, calls
        tell("rich", asked, [{"name": name, "arguments": arguments} for name, arguments in calls.values()], calls=True)

    def test_two_choices(self):
        two = completion({"content": "one"}, {"content": "other"})
        asked, choices = ask("rich", user("two"), {"json": two}, n=2)
        tell("rich", asked, choices[0].message.content, choices=[choices[1].message.content])
        events = [chunk({"role": "assistant", "content": f"c{index}"}, index) for index in [0, 1]]
        events += [chunk({"content": "!"}, index) for index in [1, 0]] + ["[DONE]"]
        asked, choices = ask("rich", user("two streamed"), {"events": events}, stream=True, n=2)
        texts = ["".join(c.delta.content for c in choices if c.index == index) for index in [0, 1]]
        tell("rich", asked, texts[0], choices=texts[1:])

    def test_parts_instead_of_a_text(self):
        parts = [{"type": "text", "text": "What's this?"}, {"type": "image_url", "image_url": {"url": "data:image/png;base64,iVBORw0KGgo="}}]
        asked, choices = ask("rich", [{"role": "user", "content": parts}], {"json": completion({"content": "A dot."})})
        tell("rich", asked, choices[0].message.content)

    def test_a_refusal_and_reasoning(self):
        message = {"content": None, "refusal": "I can't.", "reasoning_content": "hm"}
        asked, choices = ask("rich", user("refuse"), {"json": completion(message)})
        tell("rich", asked, choices[0].message.content)

    def test_half_a_surrogate_pair(self):
        events = [chunk({"role": "assistant", "content": "a\ud83d"}), chunk({"content": "b"}), "[DONE]"]
        asked, choices = ask("rich", user("half"), {"events": events}, stream=True)
        tell("rich", asked, "".join(choice.delta.content for choice in choices))

    def test_a_request_that_fails(self):
        error = {"error": {"message": "it's \"too\" much", "type": "t", "param": None, "code": "c"}}
        for status, raised in [(400, openai.BadRequestError), (429, openai.RateLimitError), (500, openai.InternalServerError)]:
            with self.assertRaises(raised):
                ask("rich", user(f"fail with {status}"), {"json": error, "status": status})
            tell("rich", {"messages": user(f"fail with {status}")}, None, failed=True)

    def test_a_stream_that_is_left(self):
        with OpenAI(**base("rich")) as own:
            asked = {"model": "gpt-test", "messages": user("leave"), "stream": True}
            say = {"events": [chunk({"role": "assistant", "content": "tick"}), "[DONE]"], "stall": True}
            stream = own.chat.completions.create(**asked, extra_body={"say": say})
            told = next(iter(stream)).choices[0].delta.content
            stream.close()
        tell("rich", asked, told)


class Others(unittest.TestCase):
    def test_embeddings(self):
        item = {"object": "embedding", "index": 0, "embedding": [0.5, -1.0]}
        usage = {"prompt_tokens": 2, "total_tokens": 2}
        say = {"json": {"object": "list", "data": [item], "model": "e-1", "usage": usage}}
        asked = {"model": "embed-test", "input": ["it's", "\u2028"], "encoding_format": "float"}
        answer = CLIENTS["plain"].embeddings.create(**asked, extra_body={"say": say})
        tell("plain", asked, {"model": answer.model, "usage": answer.usage.to_dict()}, file="embedding/embedding.log")

    def test_completions(self):
        for stream in [False, True]:
            body = {"id": "c", "object": "text_completion", "created": 1, "model": "m-1"}
            pieces = [{**body, "choices": [{"index": 0, "text": text, "finish_reason": None}]} for text in [" it's", " \"blue\""]]
            whole = {**body, "choices": [{"index": 0, "text": " it's \"blue\"", "finish_reason": "stop"}]}
            say = {"events": [*map(json.dumps, pieces), "[DONE]"]} if stream else {"json": whole}
            asked = {"model": "instruct", "prompt": f"The sky {stream}", "stream": stream}
            answer = CLIENTS["plain"].completions.create(**asked, extra_body={"say": say})
            text = "".join(piece.choices[0].text for piece in answer) if stream else answer.choices[0].text
            tell("plain", asked, {"text": text}, file="completion/completion.log")


if __name__ == "__main__":
    unittest.main(verbosity=2, exit=False)
    with open("told.json", "w") as told:
        json.dump(TOLD, told)
