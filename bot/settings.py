"""Settings from the environment or `.env`: a wrong one is one clear line, a secret is never shown."""

from pathlib import Path
from typing import Annotated, Literal, Self, get_args

from pydantic import Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from bot.errors import SettingsError

SHIPPED_PROTOCOL = Path(__file__).resolve().parent / "protocols" / "nct06676631.toml"

Guard = Literal["second_channel", "heartbeat", "signed_protocol"]
GUARDS: tuple[Guard, ...] = get_args(Guard)


class Settings(BaseSettings):
    """What the operator chooses; names as in `.env.example`."""

    model_config = SettingsConfigDict(env_file=".env", env_file_encoding="utf-8", extra="ignore")

    telegram_bot_token: SecretStr = SecretStr("")
    telegram_bot_token_file: Path | None = None
    telegram_api_url: str = "https://api.telegram.org"
    telegram_proxy_url: SecretStr | None = None
    database_url: str = "sqlite+aiosqlite:///data/suifang.db"
    protocol_file: Path = SHIPPED_PROTOCOL
    site_file: Path | None = None
    secret_key: SecretStr = SecretStr("")
    secret_key_file: Path | None = None
    second_channel_urls: SecretStr | None = None
    heartbeat_url: SecretStr | None = None
    without: Annotated[tuple[Guard, ...], NoDecode] = ()
    backup_dir: Path | None = None
    backup_keep: int = Field(default=14, ge=2)
    webhook_url: str | None = None
    webhook_secret: SecretStr | None = None
    http_host: str = "127.0.0.1"
    http_port: int = Field(default=8080, ge=1, le=65535)
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    log_format: Literal["text", "json"] = "text"

    @field_validator("site_file", "secret_key_file", "telegram_bot_token_file", "backup_dir", mode="before")
    @classmethod
    def _empty_is_unset(cls, value: object) -> object:
        return None if value == "" else value

    @field_validator(
        "telegram_proxy_url", "second_channel_urls", "heartbeat_url", "webhook_url", "webhook_secret"
    )
    @classmethod
    def _blank_is_unset(cls, value: SecretStr | str | None) -> SecretStr | str | None:
        shown = value.get_secret_value() if isinstance(value, SecretStr) else value
        return value if shown else None

    @field_validator("without", mode="before")
    @classmethod
    def _names_between_commas(cls, value: object) -> object:
        if not isinstance(value, str):
            return value
        return tuple(name for part in value.split(",") if (name := part.strip()))

    @field_validator("heartbeat_url")
    @classmethod
    def _heartbeat_is_a_url(cls, value: SecretStr | None) -> SecretStr | None:
        if value and not value.get_secret_value().startswith(("http://", "https://")):
            raise ValueError("must start with http:// or https://")
        return value

    @field_validator("telegram_api_url")
    @classmethod
    def _is_a_url(cls, value: str) -> str:
        if not value.startswith(("http://", "https://")):
            raise ValueError("must start with http:// or https://")
        return value.rstrip("/")

    @model_validator(mode="after")
    def _read_secret_files(self) -> Self:
        if self.telegram_bot_token_file:
            self.telegram_bot_token = _secret_from(self.telegram_bot_token_file)
        if self.secret_key_file:
            self.secret_key = _secret_from(self.secret_key_file)
        return self

    @model_validator(mode="after")
    def _webhook_has_a_secret(self) -> Self:
        if self.webhook_url and not self.webhook_secret:
            raise ValueError("WEBHOOK_URL needs WEBHOOK_SECRET")
        return self

    def is_set(self, name: str) -> bool:
        """Tell whether a setting has a value that is not empty."""
        value = getattr(self, name)
        return bool(value.get_secret_value() if isinstance(value, SecretStr) else value)

    def require(self, *names: str) -> None:
        """Raise SettingsError with one line that names every one of `names` that is not set."""
        missing = [name.upper() for name in names if not self.is_set(name)]
        if missing:
            raise SettingsError(f"not set: {', '.join(missing)} (environment or .env; see .env.example)")


def load_settings(**chosen: str) -> Settings:
    """Read the settings, `chosen` above all; SettingsError with one line that names all that is wrong."""
    try:
        return Settings(**chosen)  # type: ignore[arg-type]
    except ValidationError as error:
        raise SettingsError("; ".join(_in_words(problem) for problem in error.errors())) from None


def _in_words(problem: object) -> str:
    # Neither the value nor the input is shown: it may be a secret.
    assert isinstance(problem, dict)
    name = "_".join(str(part) for part in problem["loc"]).upper()
    reason = str(problem["msg"]).removeprefix("Value error, ")
    return f"{name}: {reason}" if name else reason


def _secret_from(path: Path) -> SecretStr:
    try:
        return SecretStr(path.read_text(encoding="utf-8").strip())
    except OSError as error:
        raise ValueError(f"cannot read {path}: {error.strerror}") from error
