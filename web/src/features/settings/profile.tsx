import { createSignal, Show } from 'solid-js';
import { sentence, useEngine } from '../../engine/solid/context.tsx';
import { pictureUrl } from '../../engine/solid/picture.ts';
import type { Me } from '../../engine/types.ts';
import { m } from '../../language/index.ts';
import { Avatar } from '../../ui/avatar.tsx';
import { Button } from '../../ui/button.tsx';
import { smallPicture } from '../../ui/small-picture.ts';
import { TextField } from '../../ui/text-field.tsx';
import { Note } from './section.tsx';

/** What the person is called and looks like, for everybody in their rooms. */
export function Profile(props: { me: Me }) {
  const engine = useEngine();
  const [name, setName] = createSignal(props.me.name);
  const [busy, setBusy] = createSignal(false);
  const [good, setGood] = createSignal<string>();
  const [bad, setBad] = createSignal<string>();
  let picker!: HTMLInputElement;
  let choose!: HTMLButtonElement;

  const change = async (what: Parameters<typeof engine.setProfile>[0], done: string) => {
    if (busy()) return;
    setBusy(true);
    setGood(undefined);
    setBad(undefined);
    try {
      await engine.setProfile(what);
      setGood(done);
    } catch (error) {
      setBad(sentence(error));
    } finally {
      setBusy(false);
    }
  };
  const save = (event: SubmitEvent) => {
    event.preventDefault();
    const words = name().trim();
    if (!words) return setBad(m.settings_yourNameMissing());
    if (words !== props.me.name) void change({ name: words }, m.settings_nameSaved());
  };
  const pick = async () => {
    const file = picker.files?.[0];
    picker.value = '';
    if (!file) return;
    const jpeg = await smallPicture(file);
    if (!jpeg) return setBad(m.settings_notAPicture());
    await change({ picture: jpeg }, m.settings_pictureSaved());
  };
  const drop = async () => {
    await change({ picture: null }, m.settings_pictureRemoved());
    choose.focus();
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
          <p class="truncate text-[0.9375rem]/6 text-muted">{props.me.email}</p>
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
        <Button type="submit" class="min-h-12" disabled={busy()} data-testid="profile-save">
          {m.settings_saveName()}
        </Button>
      </form>
      <div class="mt-3 flex flex-wrap gap-2">
        <input
          ref={picker}
          type="file"
          accept="image/*"
          class="hidden"
          data-testid="profile-picture"
          onChange={() => void pick()}
        />
        <Button ref={choose} disabled={busy()} onClick={() => picker.click()}>
          {props.me.picture ? m.settings_otherFace() : m.settings_chooseFace()}
        </Button>
        <Show when={props.me.picture}>
          <Button variant="quiet" disabled={busy()} onClick={() => void drop()}>
            {m.settings_removeFace()}
          </Button>
        </Show>
      </div>
      <p class="mt-3 max-w-prose text-sm/5 text-pretty text-muted">{m.settings_profileText()}</p>
      <Note good={good()} bad={bad()} />
    </section>
  );
}
