"""One API call from name and raw parameters to result: schema, faults, the handler, the log."""

import inspect
from typing import Any

# Each of these modules registers its methods when it is imported.
from bot.sandbox import methods_bot, methods_edit, methods_send
from bot.sandbox.accounts import Call, Json
from bot.sandbox.api_schema import Upload, schema
from bot.sandbox.core import Core
from bot.sandbox.refusals import Refusal, not_found, not_served
from bot.sandbox.registry import HANDLERS

SERVED_BY = (methods_bot, methods_edit, methods_send)


def method_called(name: str) -> str:
    """Return the method as the schema spells it; a 404 or 501 for what is not served."""
    method = schema().method_name(name)
    if method is None:
        raise not_found()
    if method not in HANDLERS:
        raise not_served(method)
    return method


async def carry_out(core: Core, method: str, given: Json) -> Any:
    """Check the parameters, do what the method does, and return its result; raises `Refusal`."""
    try:
        result = HANDLERS[method](core, _read(method, given))
        if inspect.isawaitable(result):
            result = await result
    except Refusal as refusal:
        log(core, Call(method, given, False, refusal.code, refusal.description))
        raise
    finally:
        core.store.commit()
    if core.strict_answers:
        problem = schema().answer_problem(method, result)
        assert problem is None, f"the sandbox answered {method} wrongly: {problem}"
    log(core, Call(method, given, True, result=result))
    return result


def _read(method: str, given: Json) -> Json:
    # Parts that a media object names by attach:// are not parameters themselves.
    fields = schema().methods[method]["fields"]
    attached = {name for name, value in given.items() if isinstance(value, Upload) and name not in fields}
    plain = {name: value for name, value in given.items() if name not in attached}
    return schema().parameters(method, plain) | {"_uploads": {name: given[name] for name in attached}}


def log(core: Core, call: Call) -> None:
    """Remember a call, and tell those who listen."""
    core.calls.append(call)
    core.emit("call", None, call=call)
