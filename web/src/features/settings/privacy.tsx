import { createSignal } from 'solid-js';
import { sentence, useEngine } from '../../engine/solid/context.tsx';
import { useObservable } from '../../engine/solid/observable.ts';
import type { Preferences } from '../../engine/types.ts';
import { m } from '../../language/index.ts';
import { Switch } from '../../ui/switch.tsx';
import { Note, Section } from './section.tsx';

/** What others are told of what one does here. */
export function PrivacySection() {
  const engine = useEngine();
  const preferences = useObservable(() => engine.preferences);
  const [problem, setProblem] = createSignal<string>();
  const prefer = (change: Partial<Preferences>) => {
    setProblem(undefined);
    engine.prefer(change).catch((error) => setProblem(sentence(error)));
  };
  return (
    <Section title={m.settings_privacy()} text={m.settings_privacyText()}>
      <Switch
        label={m.settings_typing()}
        hint={m.settings_typingText()}
        on={preferences().typing}
        onChange={(typing) => prefer({ typing })}
        data-testid="typing-switch"
      />
      <div class="mt-3">
        <Switch
          label={m.settings_presence()}
          hint={m.settings_presenceText()}
          on={preferences().presence}
          onChange={(presence) => prefer({ presence })}
          data-testid="presence-switch"
        />
      </div>
      <div class="mt-3">
        <Switch
          label={m.settings_reads()}
          hint={m.settings_readsText()}
          on={preferences().reads}
          onChange={(reads) => prefer({ reads })}
          data-testid="reads-switch"
        />
      </div>
      <Note bad={problem()} />
    </Section>
  );
}
