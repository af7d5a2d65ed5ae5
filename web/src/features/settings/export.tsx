import { createSignal, Show } from 'solid-js';
import { reasonOf, sentence, useEngine } from '../../engine/solid/context.tsx';
import { createKeyWork } from '../../engine/solid/key-work.ts';
import type { Restored } from '../../engine/types.ts';
import { m } from '../../language/index.ts';
import { createAttempt } from '../../ui/attempt.tsx';
import { Button } from '../../ui/button.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { download } from '../../ui/download.ts';
import { formatList } from '../../ui/format.ts';
import { TextField } from '../../ui/text-field.tsx';
import { PasswordStrength } from '../auth/index.ts';
import { KeyForm } from './key-form.tsx';
import { Note, Section } from './section.tsx';

const shortest = 8;
const nameOf = (kind: string, ending: string) =>
  `stream-chat-${kind}-${new Date().toISOString().slice(0, 10)}.${ending}`;

/**
 * All that one has said and read here, to take along; and the way back, but for a guest: the account that an archive belongs to goes with
 * the browser that the archive is to outlive.
 */
export function ExportSection(props: { guest: boolean }) {
  const engine = useEngine();
  const [open, setOpen] = createSignal<'archive' | 'restore'>();
  const attempt = createAttempt(sentence);
  const [good, setGood] = createSignal<string>();
  const say = (sentenceOf: string) => {
    setOpen(undefined);
    attempt.say(undefined);
    setGood(sentenceOf);
  };

  const save = (as: 'html' | 'json') =>
    attempt.run(async () => {
      download(await engine.exportReadable(as), nameOf('export', as));
      say(m.settings_exported());
    });

  return (
    <Section
      title={m.settings_export()}
      text={props.guest ? m.settings_exportGuestText() : m.settings_exportText()}
    >
      <div class="flex flex-wrap gap-2.5">
        <Button busy={attempt.busy()} onClick={() => void save('html')} data-testid="export-html">
          {m.settings_exportPage()}
        </Button>
        <Button busy={attempt.busy()} onClick={() => void save('json')} data-testid="export-json">
          {m.settings_exportData()}
        </Button>
        <Show when={!props.guest}>
          <Button onClick={() => setOpen('archive')} data-testid="export-archive">
            {m.settings_exportArchive()}
          </Button>
          <Button onClick={() => setOpen('restore')} data-testid="restore">
            {m.settings_restore()}
          </Button>
        </Show>
      </div>
      <Note good={good()} bad={attempt.problem()} />
      <Dialog
        open={open() !== undefined}
        onOpenChange={() => setOpen(undefined)}
        title={open() === 'restore' ? m.settings_restoreTitle() : m.settings_archiveTitle()}
        description={open() === 'restore' ? m.settings_restoreText() : m.settings_archiveText()}
        closeLabel={m.settings_close()}
      >
        <Show
          when={open() === 'restore'}
          fallback={
            <ArchiveForm onCancel={() => setOpen(undefined)} onDone={() => say(m.settings_archived())} />
          }
        >
          <RestoreForm
            onCancel={() => setOpen(undefined)}
            onDone={(restored) => say(restoredText(restored))}
          />
        </Show>
      </Dialog>
    </Section>
  );
}

function ArchiveForm(props: { onCancel: () => void; onDone: () => void }) {
  const engine = useEngine();
  const work = createKeyWork();
  const [passphrase, setPassphrase] = createSignal('');
  const [problems, setProblems] = createSignal<{ passphrase?: string; form?: string }>({});

  const save = async () => {
    if ([...passphrase()].length < shortest) return setProblems({ passphrase: m.settings_passwordShort() });
    setProblems({});
    try {
      const done = await work.run(async (each) =>
        download(await engine.exportArchive(passphrase(), each), nameOf('archive', 'scarchive')),
      );
      if (done) props.onDone();
    } catch (error) {
      setProblems({ form: sentence(error) });
    }
  };

  return (
    <KeyForm
      work={work}
      problem={problems().form}
      submitLabel={m.settings_saveArchive()}
      onSubmit={() => void save()}
      onCancel={props.onCancel}
    >
      <div>
        <TextField
          label={m.settings_passphrase()}
          hint={m.settings_passphraseHint()}
          type="password"
          autocomplete="new-password"
          data-testid="passphrase"
          value={passphrase()}
          problem={problems().passphrase}
          onInput={setPassphrase}
        />
        <PasswordStrength password={passphrase()} about={[]} />
      </div>
    </KeyForm>
  );
}

function RestoreForm(props: { onCancel: () => void; onDone: (restored: Restored) => void }) {
  const engine = useEngine();
  const work = createKeyWork();
  const [file, setFile] = createSignal<File>();
  const [passphrase, setPassphrase] = createSignal('');
  const [problems, setProblems] = createSignal<{ passphrase?: string; form?: string }>({});

  const restore = async () => {
    const picked = file();
    if (!picked) return setProblems({ form: m.settings_noFile() });
    if (!passphrase()) return setProblems({ passphrase: m.settings_passphraseMissing() });
    setProblems({});
    try {
      await work.run(async (each) =>
        props.onDone(await engine.restoreArchive({ file: picked, passphrase: passphrase() }, each)),
      );
    } catch (error) {
      const wrong = reasonOf(error) === 'wrong-passphrase';
      setProblems(wrong ? { passphrase: sentence(error) } : { form: sentence(error) });
    }
  };

  return (
    <KeyForm
      work={work}
      problem={problems().form}
      submitLabel={m.settings_restoreNow()}
      onSubmit={() => void restore()}
      onCancel={props.onCancel}
    >
      <label class="block">
        <span class="mb-1.5 block text-[0.9375rem] font-semibold">{m.settings_archiveFile()}</span>
        <input
          type="file"
          accept=".scarchive"
          class="block w-full text-[0.9375rem] text-muted file:me-3 file:min-h-11 file:cursor-pointer file:rounded-lg file:border file:border-solid file:border-line file:bg-raised file:px-4 file:font-semibold file:text-ink"
          data-testid="archive-file"
          onChange={(event) => setFile(event.currentTarget.files?.[0])}
        />
      </label>
      <TextField
        label={m.settings_passphrase()}
        type="password"
        autocomplete="off"
        data-testid="passphrase"
        value={passphrase()}
        problem={problems().passphrase}
        onInput={setPassphrase}
      />
    </KeyForm>
  );
}

function restoredText({ messages, rooms, missing }: Restored): string {
  const back = messages === 0 ? m.settings_restoredNothing() : m.settings_restored({ messages, rooms });
  return missing.length > 0 ? m.settings_restoredMissing({ back, rooms: formatList(missing) }) : back;
}
