import { language, m } from '../../language/index.ts';
import { languages, setLanguage } from '../../language/page.ts';
import { motion, setMotion, setTextSize, setTheme, textSize, theme } from '../../ui/appearance.ts';
import { Choices } from '../../ui/choices.tsx';
import { Switch } from '../../ui/switch.tsx';
import { Section } from './section.tsx';

/** How it looks in this browser. */
export function AppearanceSection() {
  return (
    <Section title={m.settings_appearance()} text={m.settings_appearanceText()}>
      <Choices
        label={m.app_colours()}
        value={theme()}
        choices={[
          ['system', m.app_automatic()],
          ['light', m.app_light()],
          ['dark', m.app_dark()],
        ]}
        onChange={setTheme}
        testId="theme"
      />
      <Choices
        label={m.settings_textSize()}
        value={textSize()}
        choices={[
          ['small', m.settings_textSmall()],
          ['normal', m.settings_textNormal()],
          ['large', m.settings_textLarge()],
          ['larger', m.settings_textLarger()],
        ]}
        onChange={setTextSize}
        testId="text-size"
      />
      <Choices
        label={m.settings_language()}
        value={language()}
        choices={[['system', m.app_automatic()], ...languages()]}
        onChange={setLanguage}
        testId="language"
      />
      <div class="mt-2">
        <Switch
          label={m.settings_still()}
          hint={m.settings_stillHint()}
          on={motion() === 'reduced'}
          onChange={(on) => setMotion(on ? 'reduced' : 'system')}
          data-testid="still"
        />
      </div>
    </Section>
  );
}
