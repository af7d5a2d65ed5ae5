import type { NoticeItem } from '../../engine/types.ts';
import { m } from '../../language/index.ts';
import { formatLife } from '../../ui/format.ts';

/** What happened in a room, in a sentence. Languages differ in how they say it of oneself, so each way is a sentence of its own. */
export function noticeText({ event, mine, authorName: name }: NoticeItem): string {
  switch (event.what) {
    case 'removed':
      if (event.whom === undefined) return m.chat_noticeRemovedYou({ name });
      return mine
        ? m.chat_noticeYouRemoved({ whom: event.whom })
        : m.chat_noticeRemoved({ name, whom: event.whom });
    case 'role': {
      const { role, whom } = event;
      if (whom === undefined) return m.chat_noticeRoleYours({ role, name });
      return mine ? m.chat_noticeYouGaveRole({ role, whom }) : m.chat_noticeRole({ role, name, whom });
    }
    case 'own-role':
      return mine
        ? m.chat_noticeYourRole({ role: event.role })
        : m.chat_noticeOwnRole({ role: event.role, name });
    case 'named':
      return mine
        ? m.chat_noticeYouNamed({ room: event.name })
        : m.chat_noticeNamed({ name, room: event.name });
    case 'renamed': {
      const { first, name: now } = event;
      if (mine) return m.chat_noticeYouRenamed({ name: now });
      return now === first
        ? m.chat_noticeNameAgain({ name: now })
        : m.chat_noticeRenamed({ first, name: now });
    }
    case 'timer': {
      if (event.lasts === 0) return mine ? m.chat_noticeYouTimerOff() : m.chat_noticeTimerOff({ name });
      const life = formatLife(event.lasts);
      return mine ? m.chat_noticeYouTimer({ life }) : m.chat_noticeTimer({ name, life });
    }
    case 'before':
      return m.chat_noticeBefore();
    default:
      return mine ? m.chat_noticeYouDid({ what: event.what }) : m.chat_noticeDid({ what: event.what, name });
  }
}
