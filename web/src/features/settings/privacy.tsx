import { createSignal } from 'solid-js';
import { sentence, useEngine } from '../../engine/solid/context.tsx';
import { useObservable } from '../../engine/solid/observable.ts';
import { Switch } from '../../ui/switch.tsx';
import { Note, Section } from './section.tsx';
import { strings } from './strings.ts';

/** What others are told of what one does here. */
export function PrivacySection() {
  const engine = useEngine();
  const preferences = useObservable(() => engine.preferences);
  const [problem, setProblem] = createSignal<string>();
  const prefer = (typing: boolean) => {
    setProblem(undefined);
    engine.prefer({ typing }).catch((error) => setProblem(sentence(error)));
  };
  return (
    <Section title={strings.privacy} text={strings.privacyText}>
      <Switch
        label={strings.typing}
        hint={strings.typingText}
        on={preferences().typing}
        onChange={prefer}
        data-testid="typing-switch"
      />
      <Note bad={problem()} />
    </Section>
  );
}
