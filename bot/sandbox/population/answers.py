"""What a truthful person answers to a question of the protocol, by its item and part."""

from bot.sandbox.population.bodies import Body

_YES_NO = {
    "Q2": "chills",
    "Q3": "fever_medicine",
    "Q7": "hives",
    "Q10": "confused",
    "Q16": "jaundice",
}
_FIXED = {"Q1.place": "axillary", "Q10.by": "self"}
_SEVERAL = {
    "Q4": ("cough", "sore_throat", "painful_urination", "red_hot_skin", "painful_blisters", "mouth_sores"),
    "Q6": ("chest_pain", "fainting", "racing_heart"),
    "Q18": ("bleeding_wont_stop", "black_stool", "new_bruises", "red_spots"),
    "Q20": ("foamy", "red", "much_less"),
    "Q22": ("feel_worse", "new_medicine", "vaccine", "care_outside"),
}
_SCREEN = {
    "new_infection": frozenset(_SEVERAL["Q4"]),
    "fever_medicine": frozenset({"fever_medicine"}),
    "vaccine": frozenset({"vaccine"}),
}


def typed(body: Body, step: str) -> str:
    """Return what is typed for a reading: the temperature, the pressure with the pulse, a number."""
    match step:
        case "Q8.pressure":
            return f"{body.sbp}/{body.dbp} {body.pulse}"
        case "Q9.value":
            return str(body.spo2)
        case "Q14.value":
            return str(body.stools)
        case "Q19.weight_kg":
            return f"{body.weight:.1f}"
        case "Q3.hours_ago":
            return "3"
        case _:
            return f"{body.celsius:.1f}"


def tapped(body: Body, step: str) -> str:
    """Return the raw answer of the button to press: `yes`, `no`, a severity, a place."""
    item, _, part = step.partition(".")
    if step in _FIXED:
        return _FIXED[step]
    if item == "screen":
        return _yes(_SCREEN.get(part, frozenset()) & body.signs)
    if part in ("value", "severity") and item in body.scores:
        return str(body.scores[item])
    if step == "Q14.value":
        return str(body.stools)
    return _yes(_is_so(body, step))


def _is_so(body: Body, step: str) -> bool:
    item, _, part = step.partition(".")
    if step == "Q15.keeps_medicines_down":
        return "vomits_medicines" not in body.signs
    if step == "Q22.value":
        return bool(ticked(body, item))
    return part == "value" and _YES_NO.get(item) in body.signs


def ticked(body: Body, item: str) -> frozenset[str]:
    """Return what is ticked where several may be."""
    return body.signs.intersection(_SEVERAL.get(item, ()))


def _yes(it_is: object) -> str:
    return "yes" if it_is else "no"
