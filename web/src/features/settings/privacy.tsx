import { createSignal } from 'solid-js';
import { sentence, useEngine } from '../../engine/solid/context.tsx';
import { useObservable } from '../../engine/solid/observable.ts';
import type { Preferences } from '../../engine/types.ts';
import { Switch } from '../../ui/switch.tsx';
import { Note, Section } from './section.tsx';
import { strings } from './strings.ts';

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
    <Section title={strings.privacy} text={strings.privacyText}>
      <Switch
        label={strings.typing}
        hint={strings.typingText}
        on={preferences().typing}
        onChange={(typing) => prefer({ typing })}
        data-testid="typing-switch"
      />
      <div class="mt-3">
        <Switch
          label={strings.presence}
          hint={strings.presenceText}
          on={preferences().presence}
          onChange={(presence) => prefer({ presence })}
          data-testid="presence-switch"
        />
      </div>
      <div class="mt-3">
        <Switch
          label={strings.reads}
          hint={strings.readsText}
          on={preferences().reads}
          onChange={(reads) => prefer({ reads })}
          data-testid="reads-switch"
        />
      </div>
      <Note bad={problem()} />
    </Section>
  );
}
