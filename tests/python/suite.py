"""The real OpenAI client against a gateway: what its users do with it, and what they see when something fails.

Run by tests/it/openai_client.rs, which starts a gateway and a scripted service behind it:
  AIFD_URL      the gateway
  CONTROL_URL   answers once the service has seen what its path names (/left/1), or lets it go on (/pass, /break)
"""

import asyncio
import os
import unittest
import urllib.request

import openai
from openai import AsyncOpenAI, OpenAI

GATEWAY = os.environ["AIFD_URL"]
CONTROL = os.environ["CONTROL_URL"]
MESSAGES = [{"role": "user", "content": "Say hello in ten words, ünïcode included."}]
DIRECT = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def control(path):
    """Asks the service, past the gateway."""
    with DIRECT.open(CONTROL + path, timeout=60) as answer:
        return answer.read().decode()


def client(**options):
    return OpenAI(api_key="sk-test", base_url=GATEWAY + "/v1", **{"max_retries": 0, **options})


def async_client(**options):
    return AsyncOpenAI(api_key="sk-test", base_url=GATEWAY + "/v1", **{"max_retries": 0, **options})


class Chat(unittest.TestCase):
    def test_an_answer_at_once(self):
        answer = client().chat.completions.create(model="gpt-test", messages=MESSAGES)
        self.assertEqual(answer.choices[0].message.content, "hello ünï")
        self.assertEqual(answer.usage.total_tokens, 7)

    def test_the_headers_of_the_service(self):
        raw = client().chat.completions.with_raw_response.create(model="gpt-test", messages=MESSAGES)
        self.assertEqual(raw.headers["x-ratelimit-remaining-requests"], "99")
        self.assertEqual(raw.headers["openai-organization"], "org-1")
        self.assertEqual(raw.request_id, "req_service")
        self.assertEqual(raw.parse()._request_id, "req_service")

    def test_the_environment_variable_is_enough(self):
        os.environ["OPENAI_BASE_URL"] = GATEWAY + "/v1"
        os.environ["OPENAI_API_KEY"] = "sk-test"
        try:
            answer = OpenAI().chat.completions.create(model="gpt-test", messages=MESSAGES)
        finally:
            del os.environ["OPENAI_BASE_URL"], os.environ["OPENAI_API_KEY"]
        self.assertEqual(answer.choices[0].message.content, "hello ünï")

    def test_a_stream_brings_each_word_before_the_next_is_sent(self):
        words = []
        stream = client().chat.completions.create(model="gated", messages=MESSAGES, stream=True)
        control("/pass")
        for chunk in stream:
            words.append(chunk.choices[0].delta.content)
            control("/pass")
        self.assertEqual(words, ["one", "two", "three"])

    def test_a_stream_helper_with_usage(self):
        with client().chat.completions.stream(
            model="gpt-test", messages=MESSAGES, stream_options={"include_usage": True}
        ) as stream:
            kinds = [event.type for event in stream]
        self.assertIn("content.delta", kinds)
        self.assertEqual(stream.get_final_completion().choices[0].message.content, "one two")

    def test_a_stream_closed_early_stops_the_service(self):
        with client() as own:
            stream = own.chat.completions.create(model="endless", messages=MESSAGES, stream=True)
            self.assertEqual(next(iter(stream)).choices[0].delta.content, "tick")
            seen = int(control("/left"))
            stream.close()
            control(f"/left/{seen + 1}")

    def test_an_async_stream_that_is_cancelled_stops_the_service(self):
        async def run():
            async with async_client() as own:
                first = asyncio.Event()

                async def read():
                    stream = await own.chat.completions.create(model="endless", messages=MESSAGES, stream=True)
                    async for _ in stream:
                        first.set()

                task = asyncio.create_task(read())
                await first.wait()
                seen = int(await asyncio.to_thread(control, "/left"))
                task.cancel()
                with self.assertRaises(asyncio.CancelledError):
                    await task
                await asyncio.to_thread(control, f"/left/{seen + 1}")

        asyncio.run(run())

    def test_a_request_cancelled_before_its_answer_stops_the_service(self):
        async def run():
            async with async_client() as own:
                left, begun = int(control("/left")), int(control("/begun"))
                task = asyncio.create_task(own.chat.completions.create(model="silent", messages=MESSAGES))
                await asyncio.to_thread(control, f"/begun/{begun + 1}")
                task.cancel()
                with self.assertRaises(asyncio.CancelledError):
                    await task
                await asyncio.to_thread(control, f"/left/{left + 1}")

        asyncio.run(run())

    def test_many_at_once(self):
        async def run():
            async with async_client() as own:
                calls = [own.chat.completions.create(model="gpt-test", messages=MESSAGES) for _ in range(40)]
                answers = await asyncio.gather(*calls)
            self.assertEqual({answer.choices[0].message.content for answer in answers}, {"hello ünï"})

        asyncio.run(run())

    def test_a_stream_that_breaks_off_is_an_error_and_no_short_answer(self):
        words = []
        stream = client().chat.completions.create(model="broken", messages=MESSAGES, stream=True)
        control("/break")
        with self.assertRaises(openai.APIConnectionError):
            for chunk in stream:
                words.append(chunk.choices[0].delta.content)
                control("/break")
        self.assertEqual(words, ["one"])


class Responses(unittest.TestCase):
    def test_a_response(self):
        answer = client().responses.create(model="gpt-test", input="hi")
        self.assertEqual(answer.output_text, "hello")

    def test_a_stream_of_events(self):
        stream = client().responses.create(model="gpt-test", input="hi", stream=True)
        events = [(event.type, getattr(event, "delta", None)) for event in stream]
        kinds = [kind for kind, _ in events]
        self.assertEqual(kinds[0], "response.created")
        self.assertEqual(kinds[-1], "response.completed")
        self.assertEqual([delta for _, delta in events if delta], ["hel", "lo"])


class Others(unittest.TestCase):
    def test_embeddings(self):
        answer = client().embeddings.create(model="embed-test", input=["a", "b"])
        self.assertEqual([list(item.embedding) for item in answer.data], [[0.5, -1.0], [0.5, -1.0]])

    def test_models_and_their_names_with_slashes(self):
        self.assertEqual([model.id for model in client().models.list()], ["gpt-test"])
        self.assertEqual(client().models.retrieve("org/gpt:test").id, "org%2Fgpt:test")

    def test_a_file_goes_up_and_comes_down_byte_for_byte(self):
        content = bytes(range(256)) * 4096
        uploaded = client().files.create(file=("data.bin", content), purpose="user_data")
        self.assertGreater(uploaded.bytes, len(content))
        self.assertIn(content, client().files.content(uploaded.id).read())

    def test_speech(self):
        audio = client().audio.speech.create(model="tts-test", voice="alloy", input="hi").read()
        self.assertEqual(audio, bytes(range(256)) * 100)
        with client().audio.speech.with_streaming_response.create(
            model="tts-test", voice="alloy", input="hi"
        ) as answer:
            self.assertEqual(b"".join(answer.iter_bytes()), audio)

    def test_a_transcription(self):
        answer = client().audio.transcriptions.create(model="whisper-test", file=("a.wav", b"RIFF" * 1000))
        self.assertEqual(answer.text, "heard")

    def test_a_realtime_session(self):
        own = client(websocket_base_url=GATEWAY.replace("http", "ws", 1) + "/v1")
        with own.realtime.connect(model="gpt-realtime") as session:
            self.assertEqual(session.recv().type, "session.created")
            session.conversation.item.create(
                item={"type": "message", "role": "user", "content": [{"type": "input_text", "text": "hi"}]}
            )
            self.assertEqual(session.recv().type, "conversation.item.added")


class Errors(unittest.TestCase):
    def test_each_status_is_its_exception_with_message_code_and_id(self):
        for status, kind in [
            (400, openai.BadRequestError),
            (401, openai.AuthenticationError),
            (403, openai.PermissionDeniedError),
            (404, openai.NotFoundError),
            (409, openai.ConflictError),
            (422, openai.UnprocessableEntityError),
            (429, openai.RateLimitError),
            (500, openai.InternalServerError),
            (503, openai.InternalServerError),
        ]:
            with self.subTest(status=status), self.assertRaises(kind) as raised:
                client().chat.completions.create(model=f"fails-{status}", messages=MESSAGES)
            error = raised.exception
            self.assertEqual((error.status_code, error.code, error.type), (status, "because", "test_error"))
            self.assertIn("it was asked to", error.message)
            self.assertEqual(error.request_id, "req_service")
            self.assertEqual(error.response.headers["retry-after"], "0")

    def test_an_error_of_the_gateway_reads_like_one_of_the_service(self):
        own = OpenAI(api_key="sk-test", base_url=GATEWAY + "/refused/v1", max_retries=0)
        with self.assertRaises(openai.InternalServerError) as raised:
            own.chat.completions.create(model="gpt-test", messages=MESSAGES)
        error = raised.exception
        self.assertEqual((error.status_code, error.code, error.type), (502, "provider_connect_failed", "api_error"))
        self.assertIn("connection refused", error.message)
        self.assertTrue(error.request_id)

        own = OpenAI(api_key="sk-test", base_url=GATEWAY + "/nowhere", max_retries=0)
        with self.assertRaises(openai.NotFoundError) as raised:
            own.chat.completions.create(model="gpt-test", messages=MESSAGES)
        self.assertEqual(raised.exception.code, "caller_route_unknown")
        self.assertIn("/refused", raised.exception.message)

    def test_the_clients_own_retries_arrive(self):
        answer = client(max_retries=2).chat.completions.create(model="busy-once", messages=MESSAGES)
        self.assertEqual(answer.choices[0].message.content, "retry 1")

    def test_a_timeout_of_the_client_stops_the_service(self):
        seen = int(control("/left"))
        with client(timeout=0.3) as own, self.assertRaises(openai.APITimeoutError):
            own.chat.completions.create(model="silent", messages=MESSAGES)
        control(f"/left/{seen + 1}")

    def test_a_timeout_within_a_stream(self):
        with client(timeout=0.3) as own:
            stream = own.chat.completions.create(model="endless", messages=MESSAGES, stream=True)
            with self.assertRaises(openai.APITimeoutError):
                for _ in stream:
                    pass


if __name__ == "__main__":
    unittest.main(verbosity=2)
