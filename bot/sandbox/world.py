"""The world behind the local Bot API, with the people in it: what tests, the simulation and the page hold."""

from bot.sandbox.accounts import Account, Group
from bot.sandbox.core import Core
from bot.sandbox.groups import add_group, bot_moved, migrate
from bot.sandbox.person import Person

_FIRST_PERSON = 5_000_001


class World(Core):
    """Everything that Telegram would hold for one bot, and its people; see `Core` for the arguments."""

    def add_person(
        self,
        first_name: str,
        *,
        last_name: str = "",
        username: str = "",
        language_code: str = "zh-hans",
        phone: str = "",
        user_id: int | None = None,
    ) -> Person:
        """Give a person a phone; they have not pressed Start yet. Asking again for a known id returns it."""
        new_id = user_id or max([_FIRST_PERSON - 1, *self.accounts]) + 1
        if new_id not in self.accounts:
            account = Account(new_id, first_name, last_name, username, language_code, phone)
            self.accounts[new_id] = account
            self.save(account)
            self.emit("joined", new_id)
            self.store.commit()
        return self.person(new_id)

    def person(self, user_id: int) -> Person:
        """Return the person with that id; KeyError where there is none."""
        return Person(self, self.accounts[user_id])

    @property
    def people(self) -> list[Person]:
        """Return everyone who has a phone here, in the order of their ids."""
        return [self.person(user_id) for user_id in sorted(self.accounts)]

    def add_group(self, title: str, members: list[Person], *, kind: str = "supergroup") -> Group:
        """Make a group (`group` or `supergroup`) of these people and the bot; the first one owns it."""
        return add_group(self, title, [member.account for member in members], kind)

    def migrate(self, group: Group) -> Group:
        """Turn a group into a supergroup, and return it; calls to the old id are told the new one."""
        return migrate(self, group)

    def move_bot(self, group: Group, status: str) -> None:
        """Let a group's owner make the bot `member`, `administrator` or `kicked`; the bot is told."""
        bot_moved(self, group, status)
