import { For } from 'solid-js';
import { pictureUrl } from '../../engine/solid/picture.ts';
import type { Member } from '../../engine/types.ts';
import { m } from '../../language/index.ts';
import { Avatar } from '../../ui/avatar.tsx';

export const mentionOption = (listId: string, member: Member | undefined) =>
  member && `${listId}-${member.id}`;

/** Whom the `@` that is being typed may mean. The focus stays where one types. */
export function MentionList(props: {
  id: string;
  members: readonly Member[];
  chosen: number;
  onChoose: (member: Member) => void;
}) {
  return (
    <div
      id={props.id}
      role="listbox"
      aria-label={m.chat_mention()}
      class="float-in absolute inset-x-3 bottom-full z-10 mb-1.5 max-w-sm rounded-xl border border-line bg-raised p-1.5 shadow-float sm:inset-x-6"
      data-testid="mentions"
    >
      <For each={props.members}>
        {(member, i) => (
          // biome-ignore lint/a11y/useKeyWithClickEvents: the keys are the composer's, which has the focus
          <div
            id={mentionOption(props.id, member)}
            role="option"
            tabIndex={-1}
            aria-selected={i() === props.chosen}
            class="flex min-h-11 cursor-pointer items-center gap-3 rounded-md px-2.5"
            classList={{ 'bg-hover': i() === props.chosen, 'hover:bg-hover': true }}
            // The composer keeps the focus.
            onPointerDown={(event) => event.preventDefault()}
            onClick={() => props.onChoose(member)}
          >
            <Avatar
              id={member.id}
              name={member.name}
              picture={pictureUrl(member.picture)}
              class="size-7 text-[0.6875rem]"
            />
            <span class="truncate text-[0.9375rem]">{member.name}</span>
          </div>
        )}
      </For>
    </div>
  );
}
