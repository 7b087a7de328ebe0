"""The logs that chats.py left, as Python and openai-forward's own converter read them: told.json says what is in them.

Run by tests/it/the_original_reads_our_logs.rs after the gateway ended, where its logs are. What the original's converter
makes of Log/<route>/chat is written to original_<route>.json.
"""

import ast
import importlib.metadata
import importlib.util
import json
import pathlib
import unittest


def original():
    """The module of the converter: importing its package would start more than that."""
    files = importlib.metadata.files("openai-forward")
    path = next(file for file in files if file.as_posix() == "openai_forward/helper.py").locate()
    spec = importlib.util.spec_from_file_location("openai_forward_helper", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def lines(file):
    with open(file, encoding="utf-8") as log:
        return [ast.literal_eval(line) for line in log]


def pairs(file):
    """Requests with their answers."""
    read = lines(file)
    asked = {line["uid"]: line for line in read if "datetime" in line}
    answered = {line["uid"]: line for line in read if "datetime" not in line}
    assert len(read) == 2 * len(asked) and asked.keys() == answered.keys(), file
    return [(asked[uid], answered[uid]) for uid in asked]


def told(**which):
    with open("told.json") as file:
        return [one for one in json.load(file) if all(one.get(name) == value for name, value in which.items())]


def by_messages(found, messages):
    matching = [one for one in found if messages(one)]
    assert len(matching) == 1, matching
    return matching[0]


class Lines(unittest.TestCase):
    def test_every_line_is_a_literal_and_says_what_the_client_was_told(self):
        for route in ["plain", "rich"]:
            found = pairs(f"Log/{route}/chat/chat.log")
            expected = told(route=route, file=None)
            self.assertEqual(len(found), len(expected))
            for one in expected:
                asked, answered = by_messages(found, lambda pair: pair[0]["messages"] == one["asked"]["messages"])
                for name, value in one["asked"].items():
                    self.assertEqual(asked[name], value, name)
                if one.get("failed"):
                    self.assertNotIn("assistant", answered)
                    self.assertGreaterEqual(answered["status"], 400)
                    self.assertEqual(answered["error"]["code"], "c")
                    continue
                self.assertEqual(answered["is_tool_calls"], bool(one.get("calls")))
                self.assertEqual(self.assistant(answered["assistant"], one), one["assistant"])
                others = [choice["message"]["content"] for choice in answered.get("choices", [])]
                self.assertEqual(others, one.get("choices", []))

    def assistant(self, logged, one):
        """Calls of a stream are told by what the client put together of them."""
        if one.get("calls") and "name" in one["assistant"][0]:
            return [call["function"] for call in logged]
        return logged

    def test_other_files(self):
        for one in told(route="plain"):
            if "file" not in one:
                continue
            name = "prompt" if "prompt" in one["asked"] else "input"
            found = pairs(f"Log/plain/{one['file']}")
            asked, answered = by_messages(found, lambda pair: pair[0][name] == one["asked"][name])
            for name, value in one["asked"].items():
                self.assertEqual(asked[name], value, name)
            for name, value in one["assistant"].items():
                self.assertEqual(answered[name], value, name)


class Converted(unittest.TestCase):
    def convert(self, route):
        target = pathlib.Path(f"original_{route}.json")
        original().convert_folder_to_jsonl(f"Log/{route}/chat", str(target))
        found = json.loads(target.read_text(encoding="utf-8"))
        self.assertEqual(len(found), len(told(route=route, file=None)))
        return found

    def test_plain_chats_lose_nothing(self):
        found = self.convert("plain")
        for one in told(route="plain", file=None):
            messages = [{message["role"]: message["content"]} for message in one["asked"]["messages"]]
            line = by_messages(found, lambda line: line["messages"] == messages)
            expected = {
                "datetime": line["datetime"],
                "ip": "127.0.0.1",
                "model": one["asked"]["model"],
                "temperature": one["asked"].get("temperature", 1),
                "messages": messages,
                "tools": one["asked"].get("tools"),
                "is_tool_calls": False,
                "assistant": one["assistant"],
            }
            self.assertEqual(list(line.items()), list(expected.items()))

    def test_others_are_told_as_the_text_of_a_literal(self):
        found = self.convert("rich")
        for one in told(route="rich", file=None):
            messages = [{message["role"]: str(message.get("content"))} for message in one["asked"]["messages"]]
            line = by_messages(found, lambda line: line["messages"] == messages)
            if one.get("failed"):
                self.assertEqual((line["is_tool_calls"], line["assistant"]), (None, None))
            elif one.get("calls"):
                functions = [call.get("function", call) for call in one["assistant"]]
                self.assertEqual([call["function"] for call in ast.literal_eval(line["assistant"])], functions)
            else:
                self.assertEqual(line["assistant"], str(one["assistant"]).encode("utf-8", "ignore").decode())


if __name__ == "__main__":
    unittest.main(verbosity=2)
