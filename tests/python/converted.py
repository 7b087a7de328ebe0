"""Files that `aifd convert` wrote, read by the programs that they are for.

Called with the binary and the folder of the golden cases, in an empty folder.
"""

import contextlib
import io
import json
import os
import subprocess
import sys
import typing
import unittest
from pathlib import Path

os.environ.update(HF_HUB_OFFLINE="1", HF_DATASETS_OFFLINE="1", HF_HOME=str(Path("hf").resolve()))

import datasets
import pandas
import pyarrow.parquet
from original import original
from openai.types.chat import ChatCompletionMessageParam, ChatCompletionToolParam
from pydantic import ConfigDict, TypeAdapter, with_config

AIFD = sys.argv[1]
GOLDEN = Path(sys.argv[2])

datasets.disable_progress_bars()


def convert(*arguments):
    result = subprocess.run([AIFD, "convert", *map(str, arguments)], capture_output=True, text=True)
    if result.returncode:
        raise AssertionError(result.stderr)
    return result


def logs():
    """All golden cases that a conversion does not have to skip something of."""
    return sorted(str(log) for log in GOLDEN.glob("*/logs") if (log.parent / "expected.json").exists())


def straight():
    """What all golden logs say, in the default format."""
    convert(*logs(), "-o", "straight.json")
    return [row for row in json.loads(Path("straight.json").read_text()) if row["assistant"] is not None]


class Parquet(unittest.TestCase):
    """Parquet files and their card."""

    @classmethod
    def setUpClass(cls):
        convert(*logs(), "-f", "parquet", "-o", "set", "--split", "train=0.8,test=0.2")
        cls.file = next(Path("set/data").glob("train-00000-of-00001.parquet"))

    def test_pyarrow_finds_lists_of_structs_packed_with_zstd(self):
        file = pyarrow.parquet.ParquetFile(self.file)
        group = file.metadata.row_group(0)
        self.assertEqual({group.column(at).compression for at in range(group.num_columns)}, {"ZSTD"})
        messages = file.schema_arrow.field("messages").type
        self.assertTrue(pyarrow.types.is_list(messages) and pyarrow.types.is_struct(messages.value_type))

    def test_pandas_reads_conversations(self):
        frame = pandas.read_parquet(self.file)
        self.assertGreater(len(frame), 50)
        for messages in frame["messages"]:
            self.assertEqual(messages[-1]["role"], "assistant")
            self.assertTrue(any(message["role"] for message in messages))
        self.assertEqual(str(frame["status"].dtype).lower().rstrip("0123456789"), "float", "no log tells it")

    def test_datasets_loads_the_folder_by_its_card_and_checks_its_counts(self):
        loaded = datasets.load_dataset("set", verification_mode="all_checks")
        self.assertEqual(set(loaded), {"train", "test"})
        card = Path("set/README.md").read_text()
        for name, part in loaded.items():
            self.assertIn(f"- name: {name}\n    num_bytes", card)
            self.assertIn(f"num_examples: {part.num_rows}", card)
        call = next(
            message["tool_calls"][0]
            for row in loaded["train"]
            for message in row["messages"]
            if message["tool_calls"]
        )
        self.assertIn("arguments", call["function"])
        stream = datasets.load_dataset("set", split="test", streaming=True)
        self.assertEqual(sum(1 for _ in stream), loaded["test"].num_rows)

    def test_what_pyarrow_wrote_is_read_back(self):
        convert("set/data/test-00000-of-00001.parquet", "-o", "first.jsonl", "-f", "jsonl")
        table = pyarrow.parquet.read_table("set/data/test-00000-of-00001.parquet")
        pyarrow.parquet.write_table(table, "again.parquet", compression="zstd")
        convert("again.parquet", "-o", "second.jsonl", "-f", "jsonl")
        self.assertEqual(Path("first.jsonl").read_text(), Path("second.jsonl").read_text())


def strict(kind):
    """A type of the openai package that takes no other fields than its own."""
    if typing.get_origin(kind) is typing.Union:
        return typing.Union[tuple(strict(each) for each in typing.get_args(kind))]
    return with_config(ConfigDict(extra="forbid"))(kind)


class FineTuning(unittest.TestCase):
    """Fine-tuning files against the openai package's own types, and the checks of OpenAI's guide."""

    @classmethod
    def setUpClass(cls):
        convert(*logs(), "-f", "openai", "-o", "tune.jsonl")
        cls.rows = [json.loads(line) for line in Path("tune.jsonl").read_text().split("\n") if line]

    def test_every_message_and_tool_is_what_the_openai_package_takes(self):
        message_type = TypeAdapter(strict(ChatCompletionMessageParam))
        tool_type = TypeAdapter(strict(ChatCompletionToolParam))
        self.assertGreater(len(self.rows), 100)
        for row in self.rows:
            self.assertLessEqual(set(row), {"messages", "tools", "parallel_tool_calls"})
            for tool in row.get("tools", []):
                tool_type.validate_python(tool)
            for message in row["messages"]:
                message = dict(message)
                # The one field that only fine-tuning knows.
                if message["role"] == "assistant":
                    self.assertIn(message.pop("weight", 0), (0, 1))
                validated = message_type.validate_python(message)
                for field in ("content", "tool_calls"):
                    # Lists are validated when they are read.
                    if not isinstance(validated.get(field), (str, type(None))):
                        list(validated[field])

    def test_every_conversation_passes_the_checks_of_the_guide(self):
        for row in self.rows:
            messages = row["messages"]
            self.assertTrue(messages)
            self.assertEqual(messages[-1]["role"], "assistant")
            self.assertNotIn("weight", messages[-1])
            for message in messages:
                self.assertIn(message["role"], ("system", "developer", "user", "assistant", "tool", "function"))
                self.assertTrue(message.get("content") is not None or message.get("tool_calls"))
                for call in message.get("tool_calls", []):
                    self.assertEqual(set(call), {"id", "type", "function"})

    def test_datasets_loads_it_and_the_other_texts(self):
        for name in ("sharegpt", "alpaca"):
            convert(*logs(), "-f", name, "-o", f"{name}.json")
        for file in ("sharegpt.json", "alpaca.json"):
            loaded = datasets.load_dataset("json", data_files=file, split="train")
            self.assertEqual(loaded.num_rows, len(json.loads(Path(file).read_text())))

    def test_csv_is_a_table_to_pandas(self):
        convert(*logs(), "-f", "csv", "-o", "table.csv")
        frame = pandas.read_csv("table.csv", keep_default_na=False)
        self.assertGreater(len(frame), 100)
        for messages in frame["messages"]:
            self.assertIsInstance(json.loads(messages), list)


class Sharegpt(unittest.TestCase):
    """The rules that LLaMA-Factory leaves rows out by."""

    def test_the_sides_speak_in_turn(self):
        convert(*logs(), "-f", "sharegpt", "-o", "turns.json")
        rows = json.loads(Path("turns.json").read_text())
        self.assertGreater(len(rows), 100)
        for row in rows:
            said = row["conversations"]
            self.assertTrue(said and len(said) % 2 == 0)
            for at, one in enumerate(said):
                sides = ("gpt", "function_call") if at % 2 else ("human", "observation")
                self.assertIn(one["from"], sides)
                if one["from"] == "function_call":
                    calls = json.loads(one["value"])
                    for call in calls if isinstance(calls, list) else [calls]:
                        self.assertIn("name", call)
                        self.assertIn("arguments", call)
            self.assertIsInstance(json.loads(row["tools"] or "[]"), list)


def converter():
    """openai-forward's converter, with files in the order of their lines: it takes them as the folder lists them."""
    helper = original()
    listed = helper.get_log_files_from_folder
    helper.get_log_files_from_folder = lambda folder: sorted(
        listed(folder), key=lambda path: (path.endswith("chat.log"), path)
    )
    return helper


class Compat(unittest.TestCase):
    """`--compat` against openai-forward itself."""

    def test_the_bytes_are_those_of_openai_forward(self):
        helper = converter()
        compared = died = 0
        for log in sorted(GOLDEN.glob("*/logs")):
            with self.subTest(case=log.parent.name):
                ours = subprocess.run([AIFD, "convert", str(log), "ours.json", "--compat"], capture_output=True, text=True)
                try:
                    with contextlib.redirect_stdout(io.StringIO()):
                        helper.convert_folder_to_jsonl(str(log), "theirs.json")
                except Exception:
                    died += 1
                    self.assertEqual(ours.returncode, 1, ours.stderr)
                    continue
                self.assertEqual(ours.returncode, 0, ours.stderr)
                self.assertEqual(Path("ours.json").read_bytes(), Path("theirs.json").read_bytes())
                compared += 1
        self.assertGreaterEqual(compared, 29)
        self.assertGreaterEqual(died, 6)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
