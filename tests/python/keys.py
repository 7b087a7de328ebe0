"""The real OpenAI client with forward keys: levels, models, limits and quotas as its users meet them.

Run by tests/it/openai_keys.rs, which starts a gateway with openai-forward's documented levels and a service behind it
that tells the key it was asked with as the answer's text:
  AIFD_URL   the gateway
"""

import os
import unittest

import openai
from openai import AzureOpenAI, OpenAI

GATEWAY = os.environ["AIFD_URL"]
MESSAGES = [{"role": "user", "content": "hi"}]


def client(key, **options):
    return OpenAI(api_key=key, base_url=GATEWAY + "/v1", **{"max_retries": 0, **options})


def ask(key, model="gpt-4o-mini", **options):
    answer = client(key).chat.completions.create(model=model, messages=MESSAGES, **options)
    return answer.choices[0].message.content


class Levels(unittest.TestCase):
    def test_the_keys_of_a_level_serve_in_turn(self):
        self.assertEqual(sorted(ask("fk-1") for _ in range(4)), ["sk-b", "sk-b", "sk-c", "sk-c"])
        self.assertEqual(ask("fk-0"), "sk-a")

    def test_a_key_of_the_users_own_passes(self):
        self.assertEqual(ask("sk-own", model="gpt-4"), "sk-own")

    def test_a_model_that_the_level_may_not_use(self):
        for stream in [False, True]:
            with self.assertRaises(openai.PermissionDeniedError) as refused:
                client("fk-1").chat.completions.create(model="gpt-4", messages=MESSAGES, stream=stream)
            self.assertEqual(refused.exception.status_code, 403)
            self.assertEqual(refused.exception.code, "policy_model_forbidden")
            self.assertEqual(refused.exception.param, "model")
            self.assertIn("model: gpt-4 is not allowed", str(refused.exception))

    def test_every_endpoint_checks_the_model(self):
        own = client("fk-1")
        for call in [
            lambda: own.completions.create(model="gpt-4", prompt="x"),
            lambda: own.responses.create(model="gpt-4", input="x"),
            lambda: own.embeddings.create(model="text-embedding-3-small", input="x"),
            lambda: own.images.generate(model="dall-e-3", prompt="x"),
            lambda: own.audio.speech.create(model="tts-1", voice="alloy", input="x"),
            lambda: own.audio.transcriptions.create(model="whisper-1", file=("a.wav", b"RIFF")),
            lambda: own.models.retrieve("gpt-4"),
        ]:
            with self.assertRaises(openai.PermissionDeniedError):
                call()

    def test_the_list_of_models_is_that_of_the_level(self):
        self.assertEqual([model.id for model in client("fk-1").models.list()], ["gpt-4o-mini"])
        self.assertEqual(len([model.id for model in client("fk-0").models.list()]), 3)

    def test_azures_client_sends_its_key_elsewhere(self):
        azure = AzureOpenAI(
            api_key="fk-0", azure_endpoint=GATEWAY, api_version="2024-10-21", max_retries=0
        )
        answer = azure.chat.completions.create(model="gpt-4", messages=MESSAGES)
        self.assertEqual(answer.choices[0].message.content, "sk-a")


class Refused(unittest.TestCase):
    def test_a_key_that_is_not_known_where_one_is_required(self):
        strict = OpenAI(api_key="sk-own", base_url=GATEWAY + "/strict/v1", max_retries=0)
        with self.assertRaises(openai.AuthenticationError) as refused:
            strict.chat.completions.create(model="gpt-4", messages=MESSAGES)
        self.assertEqual(refused.exception.code, "caller_key_unknown")


class Limits(unittest.TestCase):
    def test_a_limit_of_requests(self):
        own = client("fk-limited")
        raw = own.chat.completions.with_raw_response.create(model="gpt-4", messages=MESSAGES)
        self.assertEqual(raw.headers["x-ratelimit-limit-requests"], "2")
        self.assertEqual(raw.headers["x-ratelimit-remaining-requests"], "1")
        own.chat.completions.create(model="gpt-4", messages=MESSAGES)
        with self.assertRaises(openai.RateLimitError) as refused:
            own.chat.completions.create(model="gpt-4", messages=MESSAGES)
        self.assertEqual(refused.exception.code, "policy_request_limit_exceeded")
        self.assertIn("2 per 1 hour", str(refused.exception))
        self.assertGreater(int(refused.exception.response.headers["retry-after"]), 3000)

    def test_the_clients_own_retry_waits_as_it_is_told(self):
        patient = client("fk-patient", max_retries=5)
        for _ in range(3):
            patient.chat.completions.create(model="gpt-4", messages=MESSAGES)

    def test_a_quota_of_tokens_counts_streams_and_shows_no_usage_that_was_not_asked_for(self):
        own = client("fk-tokens")
        stream = own.chat.completions.create(model="gpt-4", messages=MESSAGES, stream=True, max_tokens=50)
        chunks = list(stream)
        self.assertTrue(all(chunk.choices for chunk in chunks), chunks)
        self.assertEqual("".join(chunk.choices[0].delta.content or "" for chunk in chunks), "sk-a")
        with self.assertRaises(openai.RateLimitError) as refused:
            own.chat.completions.create(model="gpt-4", messages=MESSAGES, max_tokens=50)
        self.assertEqual(refused.exception.code, "policy_token_quota_exceeded")
        stream = own.chat.completions.create(
            model="gpt-4", messages=MESSAGES, stream=True, max_tokens=1, stream_options={"include_usage": True}
        )
        self.assertEqual(list(stream)[-1].usage.total_tokens, 40)


if __name__ == "__main__":
    unittest.main(verbosity=2)
