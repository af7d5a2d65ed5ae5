import { useEngine } from '../../engine/solid/context.tsx';
import { useObservable } from '../../engine/solid/observable.ts';
import { Switch } from '../../ui/switch.tsx';
import { Section } from './section.tsx';
import { strings } from './strings.ts';

/** What the people in one's rooms are told beside messages. */
export function PrivacySection() {
  const engine = useEngine();
  const preferences = useObservable(() => engine.preferences);
  return (
    <Section title={strings.privacy} text={strings.privacyText}>
      <Switch
        label={strings.tellTyping}
        hint={strings.tellTypingHint}
        on={preferences().typing}
        onChange={(typing) => void engine.prefer({ typing })}
        testId="tell-typing"
      />
      <Switch
        label={strings.tellPresence}
        hint={strings.tellPresenceHint}
        on={preferences().presence}
        onChange={(presence) => void engine.prefer({ presence })}
        testId="tell-presence"
      />
    </Section>
  );
}
