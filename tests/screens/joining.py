"""Joining: the stranger, the link, the notice, both consents, the refusal, a caregiver, and leaving."""

from datetime import timedelta

from bot.services.participation import enrolment
from bot.services.trail import SYSTEM
from tests.screens.book import Book, keyboard
from tests.screens.play import NAMES, PNG, TODAY, play

P, C, S, K = "participant", "coordinator", "stranger", "caregiver"


async def stranger(book: Book) -> None:
    """Somebody without an invitation, and links that do not work."""
    async with play(book) as house:
        house.part(S, "没有受邀的人 | Somebody who was not invited")
        song = house.stage.world.add_person("Song", language_code="en")
        await house.say(song, "hello")
        house.see((song, S, "没有链接，写来一句话 | Writes without a link"))
        song.start("AAAAAAAAAAAAAAAAAAAAAA")
        await house.stage.settle()
        house.see((song, S, "链接不对、用过了或过期了 | The link is wrong, used or too old"))
        song.send_photo(PNG)
        await house.stage.settle()
        house.see((song, S, "发来照片 | Sends a photo"))


async def joins(book: Book) -> None:
    """From the link to the plan, with every page of both consents."""
    async with play(book) as house:
        lin = await house.coordinator()
        enrolled = await house.enrol("001", TODAY + timedelta(days=3), house.locale)
        invitation = await enrolment.invite(house.stage.study, SYSTEM, enrolled)
        wang = house.stage.world.add_person(NAMES[house.locale][0])
        house.part(P, "加入 | Joining")
        house.part(C, "有人加入 | Somebody joins")
        wang.start(invitation.code)
        await house.stage.settle()
        house.see(
            (wang, P, "打开链接，按“开始” | Opens the link and presses Start"),
            (lin, C, "参与者打开了链接 | A participant has opened the link"),
        )
        await house.tap(wang, f"data:lang:{house.locale}")
        house.see((wang, P, "选了语言 | Has chosen a language"))
        await house.tap(wang, "about.button_more")
        house.see((wang, P, "想多看一点 | Wants to know more"))
        await house.tap(wang, "join.button_onward")
        house.see((wang, P, "下一步：第一项同意 | Onward: the first consent"))
        await house.tap(wang, "consent.button_more")
        house.see((wang, P, "详细内容 | The details"))
        await house.tap(wang, "consent.button_rights")
        house.see((wang, P, "权利 | The rights"))
        await house.tap(wang, "join.button_back", "join.button_back", "consent.refuse")
        house.see(
            (wang, P, "不同意 | Refuses"),
            (lin, C, "参与者不同意 | A participant refuses"),
        )
        await house.tap(wang, "consent.button_change_mind", "consent.agree")
        house.see((wang, P, "改变主意，同意第一项 | Thinks again, and agrees to the first"))
        await house.tap(wang, "consent.button_more")
        house.see((wang, P, "第二项：详细内容 | The second: the details"))
        await house.tap(wang, "data:join:abroad2")
        house.see((wang, P, "第二项：手机和权利 | The second: the phone and the rights"))
        await house.say(wang, "您好 hello")
        house.see((wang, P, "还没同意就写来一句话 | Writes before agreeing"))
        await house.tap(wang, "join.button_back", "join.button_back", "consent.agree")
        house.see(
            (wang, P, "同意第二项：回执、计划、收信测试 | Agrees to the second: receipt, plan, a test"),
            (lin, C, "参与者同意了 | A participant has agreed"),
        )
        await house.tap(wang, "arrival.button")
        house.see((wang, P, "点“收到了” | Taps the button of the test"))
        book.plain(
            P,
            "输入框下面的按键和菜单 | The keys below the input field, and the menu",
            [keyboard(wang), *menu(wang)],
        )
        book.plain(C, "菜单 | The menu", menu(lin))
        await house.tap(lin, "link.button_not_theirs")
        house.see((lin, C, "“不是本人” | “Not them”"))
        await house.tap(lin, "link.button_end")
        house.see(
            (lin, C, "马上断开 | Ends it"),
            (wang, P, "账号不是本人，被断开 | The account was not theirs and is cut off"),
        )


def menu(person) -> list[str]:
    """Return the commands of somebody's menu."""
    return [f"/{name}  {words}" for name, words in person.menu]


async def unseen(book: Book) -> None:
    """The test message is not answered, and the account is confirmed."""
    async with play(book) as house:
        lin = await house.coordinator()
        enrolled = await house.enrol("001", TODAY + timedelta(days=3), house.locale)
        invitation = await enrolment.invite(house.stage.study, SYSTEM, enrolled)
        wang = house.stage.world.add_person(NAMES[house.locale][0])
        wang.start(invitation.code)
        await house.stage.settle()
        await house.tap(
            wang, f"data:lang:{house.locale}", "join.button_onward", "consent.agree", "consent.agree"
        )
        await house.tap(lin, "link.button_theirs")
        house.see((lin, C, "“是本人” | “It is them”"))
        await house.wait(minutes=31)
        house.see((lin, C, "半小时没有点“收到了” | The test was not answered within half an hour"))
        await house.tap(wang, "arrival.button")
        house.see((lin, C, "后来点了 | Answered after all"))
        again = await enrolment.invite(house.stage.study, SYSTEM, enrolled)
        second = house.stage.world.add_person(NAMES[house.locale][0] + "2")
        second.start(again.code)
        await house.stage.settle()
        house.see(
            (
                wang,
                P,
                "在另一部手机上用新链接加入 | Joins anew on another phone: the old one",
            ),
            (lin, C, "用新链接再次加入 | Somebody joins again with a new link"),
        )


async def caregiver(book: Book) -> None:
    """A daughter is invited, joins, helps, and stops."""
    async with play(book) as house:
        lin = await house.coordinator()
        wang = await house.participant()
        house.part(P, "请家人帮忙 | A caregiver")
        house.part(K, "家人 | A caregiver")
        await house.say(wang, "/caregiver")
        house.see((wang, P, "/caregiver，首页也有按钮 | /caregiver, or its button at the start"))
        await house.tap(wang, "carer.button_invite")
        house.see((wang, P, "邀请一位 | Invites somebody"))
        await house.tap(wang, "carer.child")
        house.see((wang, P, "选了“子女” | Has chosen"))
        code = wang.last.text.split("start=")[1].split()[0]
        child = house.stage.world.add_person("小王")
        child.start(code)
        await house.stage.settle()
        house.see((child, K, "打开链接 | Opens the link"))
        await house.tap(child, f"data:lang:{house.locale}")
        house.see((child, K, "选了语言 | Has chosen a language"))
        await house.tap(child, "join.button_onward")
        house.see((child, K, "下一步：第一项同意 | Onward: the first consent"))
        await house.tap(child, "consent.button_more")
        house.see((child, K, "详细内容 | The details"))
        await house.tap(child, "join.button_back", "consent.agree")
        house.see((child, K, "同意第一项 | Agrees to the first"))
        await house.tap(child, "consent.agree")
        house.see(
            (child, K, "同意第二项 | Agrees to the second"),
            (lin, C, "参与者的家人加入了 | A caregiver has joined"),
        )
        book.plain(K, "菜单 | The menu", menu(child))
        await house.say(child, "/help")
        house.see((child, K, "/help"))
        await house.say(child, "/visits")
        house.see((child, K, "/visits"))
        await house.say(child, "她今天胃口好 She eats well today")
        house.see((child, K, "写来一句话 | Writes"))
        await house.tap(child, "data:report")
        house.see((child, K, "替对方报告 | Reports for them"))
        await house.say(wang, "/caregiver")
        house.see((wang, P, "/caregiver：已有一位 | /caregiver: there is one"))
        await house.tap(wang, "carer.button_end")
        house.see((wang, P, "取消 | Removes them"))
        await house.tap(wang, "join.button_back")
        await house.say(child, "/stop")
        house.see((child, K, "/stop"))
        await house.tap(child, "carer.button_stop_sure")
        house.see(
            (child, K, "不再帮忙 | Stops helping"),
            (lin, C, "家人不再帮忙 | A caregiver no longer helps"),
        )


async def leaving(book: Book) -> None:
    """/privacy, stopping the bot, and leaving the study."""
    async with play(book) as house:
        lin = await house.coordinator()
        wang = await house.participant()
        house.part(P, "我的资料、停用和退出 | My data, stopping and leaving")
        await house.say(wang, "/privacy")
        house.see((wang, P, "/privacy"))
        await house.tap(wang, "privacy.button_file")
        house.see((wang, P, "要一份文件 | Asks for the file"))
        await house.tap(wang, "privacy.button_sensitive")
        house.see((wang, P, "再看第一项同意 | Reads the first consent again"))
        await house.say(wang, "/withdraw")
        house.see((wang, P, "/withdraw"))
        await house.tap(wang, "leave.button_study")
        house.see((wang, P, "退出研究：再想一想 | Leave the study: a second thought"))
        await house.tap(wang, "leave.button_sure_study")
        house.see(
            (wang, P, "想退出 | Wishes to leave"),
            (lin, C, "参与者想退出 | A participant wishes to leave"),
        )
        await house.say(lin, "/today")
        await house.tap(lin, "byphone.button")
        house.see((lin, C, "/today › 电话名单 | /today › the phone list"))
        await house.tap(lin, "byphone.button_called")
        house.see((lin, C, "打过电话 | Has called"))
        await house.tap(lin, "byphone.button_left")
        house.see((lin, C, "“已退出” | “Has left”"))
        await house.tap(lin, "byphone.button_left_sure")
        house.see((lin, C, "确认已退出 | Confirms it"))
    async with play(book) as house:
        lin = await house.coordinator()
        wang = await house.participant()
        await house.say(wang, "/withdraw")
        await house.tap(wang, "leave.button_bot")
        house.see((wang, P, "只停用机器人：再想一想 | Stop the bot only: a second thought"))
        await house.tap(wang, "leave.button_sure_bot")
        house.see(
            (wang, P, "停用了：回执 | Stopped: the receipt"),
            (lin, C, "参与者停用了机器人 | A participant has stopped the bot"),
        )
        await house.say(wang, "/start")
        house.see((wang, P, "停用以后再写来 | Writes after having stopped"))


SCENES = (stranger, joins, unseen, caregiver, leaving)
