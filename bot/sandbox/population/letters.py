"""What people of the model write unasked: small talk, a picture, and how they say that they are ill."""

from collections.abc import Mapping
from random import Random

from bot.domain.people import Language

_SMALL_TALK: Mapping[str, tuple[str, ...]] = {
    "zh_CN": (
        "今天挺好的，谢谢您",
        "下次什么时候去医院？",
        "我儿子感冒了",
        "昨天没发烧，睡得也好",
        "能吃海鲜吗",
        "天气冷了",
    ),
    "en": (
        "All fine today, thank you",
        "When is my next visit?",
        "My son has a cold",
        "No fever, slept well",
        "May I eat shellfish?",
        "It got cold outside",
    ),
}
_COMPLAINTS: Mapping[str, Mapping[str, str]] = {
    "zh_CN": {
        "infusion_reaction": "打完针发冷得直抖",
        "crs_like": "烧到39度，发冷",
        "infection": "发烧38.5，浑身没劲",
        "late_neutropenia": "又发烧了，嘴里还起泡",
        "sepsis_without_fever": "感觉很不好，心慌，站不住",
        "infection_without_fever": "这两天尿痛，人不舒服",
        "shingles": "腰上起了一片水疱，很疼",
        "flare_joints": "关节痛得厉害",
        "flare_rash": "脸上又起疹子了",
        "flare_kidney": "尿里有泡沫，脚肿",
        "gut_severe": "一直拉肚子，药也吐了",
    },
    "en": {
        "infusion_reaction": "I have been shaking with chills since the drip",
        "crs_like": "Temperature 39 and chills",
        "infection": "I have a fever of 38.5 and feel awful",
        "late_neutropenia": "Fever again, and mouth sores",
        "sepsis_without_fever": "I feel terrible, my heart is racing, I can hardly stand",
        "infection_without_fever": "It has been burning when I pee for two days",
        "shingles": "There are painful blisters on my side",
        "flare_joints": "Bad joint pain today",
        "flare_rash": "The rash on my face is back",
        "flare_kidney": "Foamy urine and swollen legs",
        "gut_severe": "Diarrhea all day, can't keep anything down",
    },
}
# One pixel, as small as a PNG can be.
_PICTURE = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108000000003a7e9b55"
    "0000000a49444154789c6360000000020001e221bc330000000049454e44ae426082"
)


def small_talk(language: Language, rng: Random) -> str:
    """Return a message of somebody who wants nothing much."""
    return rng.choice(_SMALL_TALK[_reads(language)])


def complaint(kind: str, language: Language) -> str:
    """Return how somebody says that they are ill."""
    return _COMPLAINTS[_reads(language)][kind]


def picture() -> bytes:
    """Return a picture that shows nothing."""
    return _PICTURE


def _reads(language: Language) -> str:
    return "en" if language == "en" else "zh_CN"
