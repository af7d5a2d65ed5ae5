import { createSignal, For, Show } from 'solid-js';
import type { NotifyLevel } from '../../../../protocol/stored.ts';
import { sentence, useEngine } from '../../engine/solid/context.tsx';
import { useObservable } from '../../engine/solid/observable.ts';
import { m } from '../../language/index.ts';
import { wantsHomeScreen } from '../../ui/install-offer.ts';
import { Switch } from '../../ui/switch.tsx';
import { endNotices, offersNotices, playTone, startNotices } from '../notify/index.ts';
import { Note, Section } from './section.tsx';

const usual = { from: 22 * 60, to: 7 * 60 };
const levels: readonly (readonly [NotifyLevel, string])[] = [
  ['all', m.settings_levelAll()],
  ['mentions', m.settings_levelMentions()],
  ['nothing', m.settings_levelNothing()],
];

/** What one is told of while one doesn't look, and when not. */
export function NotificationsSection() {
  const engine = useEngine();
  const preferences = useObservable(() => engine.preferences);
  const [problem, setProblem] = createSignal<string>();

  const setNotices = async (notices: boolean) => {
    setProblem(undefined);
    try {
      await (notices ? startNotices(engine) : endNotices(engine));
    } catch (error) {
      // Off is off here, whether the service has heard of it or not.
      setProblem(sentence(error));
      if (notices) return engine.prefer({ notices: false });
    }
    await engine.prefer({ notices });
  };

  return (
    <Section title={m.settings_notifications()} text={m.settings_notificationsText()}>
      <div class="flex flex-col gap-3">
        <Show
          when={offersNotices()}
          fallback={
            <p class="text-[0.9375rem]/6 text-pretty text-muted">
              {wantsHomeScreen() ? m.settings_noticesHomeScreen() : m.settings_noNotices()}
            </p>
          }
        >
          <Switch
            label={m.settings_notices()}
            hint={m.settings_noticesHint()}
            on={preferences().notices}
            onChange={(on) => void setNotices(on)}
            data-testid="notices"
          />
        </Show>
        <Note bad={problem()} />
        <Switch
          label={m.settings_sounds()}
          hint={m.settings_soundsHint()}
          on={preferences().sounds}
          onChange={(sounds) => {
            if (sounds) playTone();
            void engine.prefer({ sounds });
          }}
          data-testid="sounds"
        />
        <Switch
          label={m.settings_quiet()}
          hint={m.settings_quietHint()}
          on={preferences().quiet !== undefined}
          onChange={(on) => void engine.prefer({ quiet: on ? usual : undefined })}
          data-testid="quiet"
        />
        <Show when={preferences().quiet}>
          {(quiet) => (
            <div class="flex flex-wrap items-center gap-3 text-[0.9375rem]">
              <Time
                label={m.settings_from()}
                minute={quiet().from}
                onChange={(from) => void engine.prefer({ quiet: { ...quiet(), from } })}
              />
              <Time
                label={m.settings_to()}
                minute={quiet().to}
                onChange={(to) => void engine.prefer({ quiet: { ...quiet(), to } })}
              />
            </div>
          )}
        </Show>
      </div>
      <RoomLevels />
    </Section>
  );
}

/** How much of each room one wants to hear. */
function RoomLevels() {
  const engine = useEngine();
  const preferences = useObservable(() => engine.preferences);
  const rooms = useObservable(() => engine.rooms);
  const choose = (room: string, level: NotifyLevel) => {
    const { [room]: _, ...others } = preferences().rooms;
    // What everybody has who never chose is not kept.
    void engine.prefer({ rooms: level === 'all' ? others : { ...others, [room]: level } });
  };
  return (
    <Show when={rooms().length}>
      <h3 class="mt-5 mb-1 text-[0.9375rem]/6 font-semibold">{m.settings_perRoom()}</h3>
      <ul data-testid="room-levels">
        <For each={rooms()}>
          {(room) => (
            <li>
              <label class="flex min-h-12 items-center gap-4">
                <span class="min-w-0 flex-1 truncate text-[0.9375rem]/6">{room.name}</span>
                <select
                  class="h-11 rounded-lg border border-line bg-raised px-3 text-[0.9375rem] text-ink"
                  value={preferences().rooms[room.id] ?? 'all'}
                  onChange={(event) => choose(room.id, event.currentTarget.value as NotifyLevel)}
                >
                  <For each={levels}>{([level, label]) => <option value={level}>{label}</option>}</For>
                </select>
              </label>
            </li>
          )}
        </For>
      </ul>
    </Show>
  );
}

function Time(props: { label: string; minute: number; onChange: (minute: number) => void }) {
  const text = () =>
    [Math.floor(props.minute / 60), props.minute % 60].map((part) => String(part).padStart(2, '0')).join(':');
  const change = (value: string) => {
    const [hour, minute] = value.split(':').map(Number);
    if (hour !== undefined && minute !== undefined) props.onChange(hour * 60 + minute);
  };
  return (
    <label class="flex items-center gap-2.5">
      <span class="text-muted">{props.label}</span>
      <input
        type="time"
        class="h-11 rounded-lg border border-edge bg-raised px-2 text-[0.9375rem] text-ink"
        value={text()}
        onChange={(event) => change(event.currentTarget.value)}
      />
    </label>
  );
}
