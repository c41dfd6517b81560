"""Mistakes that type checkers have to find: see tests/project/test_types.py."""

from __future__ import annotations

from langchain_mara_minimax import ChatMARA, ChatMiniMax
from llama_index_mara_minimax import MARA, MiniMax

ChatMiniMax(temprature=1)  # expect: call-arg
ChatMiniMax(endpoint="chinaa")  # expect: arg-type
ChatMiniMax(api_key=5)  # expect: arg-type
ChatMiniMax(do_sample=True)  # expect: call-arg
ChatMiniMax("MiniMax-M2", model="MiniMax-M3")  # expect: misc
ChatMARA(endpoint="china")  # expect: call-arg
ChatMARA(top_k="many")  # expect: arg-type
ChatMARA(api_key=lambda account: "sk-1")  # expect: arg-type, misc
MiniMax(context_windows=1000)  # expect: call-arg
MiniMax(streaming=True)  # expect: call-arg
MiniMax(parameter_policy="refuse")  # expect: arg-type
MARA(temperature="hot")  # expect: arg-type
MARA("MiniMax-M2.5", "sk-1")  # expect: arg-type, call-arg
