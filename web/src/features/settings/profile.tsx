import { createSignal } from 'solid-js';
import { sentence, useEngine } from '../../engine/solid/context.tsx';
import { pictureUrl } from '../../engine/solid/picture.ts';
import type { Me } from '../../engine/types.ts';
import { m } from '../../language/index.ts';
import { createAttempt } from '../../ui/attempt.tsx';
import { Avatar } from '../../ui/avatar.tsx';
import { Button } from '../../ui/button.tsx';
import { PicturePicker } from '../../ui/picture-picker.tsx';
import { TextField } from '../../ui/text-field.tsx';
import { Note } from './section.tsx';

/** What the person is called and looks like, for everybody in their rooms. */
export function Profile(props: { me: Me }) {
  const engine = useEngine();
  const [name, setName] = createSignal(props.me.name);
  const attempt = createAttempt(sentence);
  const [good, setGood] = createSignal<string>();

  const change = async (what: Parameters<typeof engine.setProfile>[0], done: string) => {
    if (attempt.busy()) return false;
    setGood(undefined);
    const changed = await attempt.run(() => engine.setProfile(what));
    if (changed) setGood(done);
    return changed;
  };
  const save = (event: SubmitEvent) => {
    event.preventDefault();
    const words = name().trim();
    if (!words) return attempt.say(m.settings_yourNameMissing());
    if (words !== props.me.name) void change({ name: words }, m.settings_nameSaved());
  };
  return (
    <section class="py-6" aria-label={m.settings_profile()} data-testid="profile">
      <div class="flex items-center gap-4">
        <Avatar
          id={props.me.id}
          name={props.me.name}
          class="size-20 text-2xl"
          picture={pictureUrl(props.me.picture)}
        />
        <div class="min-w-0">
          <p class="truncate text-lg/6 font-semibold">{props.me.name}</p>
          <p class="truncate text-[0.9375rem]/6 text-muted">
            {props.me.guest ? m.settings_guest() : props.me.email}
          </p>
        </div>
      </div>
      <form class="mt-5 flex max-w-md items-end gap-2" onSubmit={save} novalidate>
        <TextField
          class="min-w-0 flex-1"
          label={m.settings_yourName()}
          autocomplete="name"
          maxlength={80}
          value={name()}
          onInput={setName}
          data-testid="profile-name"
        />
        <Button type="submit" class="min-h-12" disabled={attempt.busy()} data-testid="profile-save">
          {m.settings_saveName()}
        </Button>
      </form>
      <div class="mt-3">
        <PicturePicker
          has={Boolean(props.me.picture)}
          chooseLabel={m.settings_chooseFace()}
          otherLabel={m.settings_otherFace()}
          removeLabel={m.settings_removeFace()}
          disabled={attempt.busy()}
          onPick={(jpeg) =>
            jpeg
              ? change({ picture: jpeg }, m.settings_pictureSaved())
              : attempt.say(m.settings_notAPicture())
          }
          onRemove={() => change({ picture: null }, m.settings_pictureRemoved())}
          data-testid="profile-picture"
        />
      </div>
      <p class="mt-3 max-w-prose text-sm/5 text-pretty text-muted">{m.settings_profileText()}</p>
      <Note good={good()} bad={attempt.problem()} />
    </section>
  );
}
