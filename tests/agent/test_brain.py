"""The port between Bob and whoever runs him."""

from shipanion.agent.brain import Brain, Context, ToolAnswer
from shipanion.agent.scripted import ScriptedBob
from tests.support.bob_context import Conversation


async def test_scripted_bob_is_a_brain_and_needs_nothing_but_a_context() -> None:
    brain: Brain = ScriptedBob()
    context: Context = Conversation()
    assert [piece async for piece in brain.turn(context, "thanks")] == ["You ", "are ", "welcome."]


def test_a_tools_answer_is_what_it_gave_and_whether_it_failed() -> None:
    answer = ToolAnswer({"price": 1}, is_error=True)
    assert (answer.result, answer.is_error) == ({"price": 1}, True)
