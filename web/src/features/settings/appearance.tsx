import { motion, setMotion, setTextSize, setTheme, textSize, theme } from '../../ui/appearance.ts';
import { Choices } from '../../ui/choices.tsx';
import { Switch } from '../../ui/switch.tsx';
import { Section } from './section.tsx';
import { strings } from './strings.ts';

/** How it looks in this browser. */
export function AppearanceSection() {
  return (
    <Section title={strings.appearance} text={strings.appearanceText}>
      <Choices
        label={strings.theme}
        value={theme()}
        choices={[
          ['system', strings.themeSystem],
          ['light', strings.themeLight],
          ['dark', strings.themeDark],
        ]}
        onChange={setTheme}
        testId="theme"
      />
      <Choices
        label={strings.textSize}
        value={textSize()}
        choices={[
          ['small', strings.textSmall],
          ['normal', strings.textNormal],
          ['large', strings.textLarge],
          ['larger', strings.textLarger],
        ]}
        onChange={setTextSize}
        testId="text-size"
      />
      <div class="mt-2">
        <Switch
          label={strings.still}
          hint={strings.stillHint}
          on={motion() === 'reduced'}
          onChange={(on) => setMotion(on ? 'reduced' : 'system')}
          data-testid="still"
        />
      </div>
    </Section>
  );
}
