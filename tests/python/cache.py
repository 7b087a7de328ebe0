"""The real OpenAI client with the cache: openai-forward's documented example, in every pair of forms.

Run by tests/it/cache.rs before and after a restart. The service behind the gateway numbers its answers.
  AIFD_URL    the gateway
  AIFD_ROUND  "first": nothing is cached yet; "again": all of it is
"""

import os
import unittest

import openai
from openai import OpenAI

AGAIN = os.environ["AIFD_ROUND"] == "again"
CLIENT = OpenAI(api_key="sk-own", base_url=os.environ["AIFD_URL"] + "/v1", max_retries=0)


def ask(seed, stream, **options):
    """The text, the usage and where it came from."""
    raw = CLIENT.chat.completions.with_raw_response.create(
        model="gpt-4o-mini",
        messages=[{"role": "user", "content": "hi"}],
        seed=seed,
        stream=stream,
        extra_body={"caching": True},
        **({"stream_options": {"include_usage": True}} if stream else {}),
        **options,
    )
    answer = raw.parse()
    if not stream:
        return answer.choices[0].message.content, answer.usage.total_tokens, raw.headers["x-cache"], answer.id
    chunks = list(answer)
    text = "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices)
    return text, chunks[-1].usage.total_tokens, raw.headers["x-cache"], chunks[0].id


class Documented(unittest.TestCase):
    def test_the_second_call_hits_in_all_pairs_of_forms(self):
        for seed, (first, second) in enumerate([(False, False), (False, True), (True, False), (True, True)]):
            with self.subTest(first=first, second=second):
                stored = ask(seed, first)
                served = ask(seed, second)
                self.assertEqual(stored[2], "HIT" if AGAIN else "MISS")
                self.assertEqual(served[2], "HIT")
                self.assertEqual((served[0], served[1], served[3]), (stored[0], stored[1], stored[3]))
                self.assertRegex(served[0], r"^answer \d, with words$")

    def test_a_request_that_does_not_want_it_gets_none(self):
        raw = CLIENT.chat.completions.with_raw_response.create(
            model="gpt-4o-mini", messages=[{"role": "user", "content": "hi"}], seed=0, extra_body={"caching": False}
        )
        self.assertEqual(raw.headers["x-cache"], "BYPASS")

    def test_only_if_cached_is_an_error_that_is_not_tried_again(self):
        patient = CLIENT.with_options(max_retries=3)
        with self.assertRaises(openai.InternalServerError) as refused:
            patient.chat.completions.create(
                model="gpt-4o-mini",
                messages=[{"role": "user", "content": "never asked"}],
                extra_body={"caching": True},
                extra_headers={"cache-control": "only-if-cached"},
            )
        self.assertEqual(refused.exception.code, "policy_cache_only")


if __name__ == "__main__":
    unittest.main()
