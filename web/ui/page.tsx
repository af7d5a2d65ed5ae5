/** `/ui/` under `npm run dev`: each primitive of `web/src/ui` in each state. It is no part of what is built. */
import '../src/ui/base.css';
import Bell from 'lucide-solid/icons/bell';
import Ellipsis from 'lucide-solid/icons/ellipsis';
import Eye from 'lucide-solid/icons/eye';
import Trash from 'lucide-solid/icons/trash';
import { createSignal, For, type JSX } from 'solid-js';
import { render } from 'solid-js/web';
import {
  applyAppearance,
  setTextSize,
  setTheme,
  type TextSize,
  type Theme,
  textSize,
  theme,
} from '../src/ui/appearance.ts';
import { AttemptProblem, createAttempt } from '../src/ui/attempt.tsx';
import { Avatar } from '../src/ui/avatar.tsx';
import { Button, IconButton, iconButton } from '../src/ui/button.tsx';
import { Choices } from '../src/ui/choices.tsx';
import { Confirm } from '../src/ui/confirm.tsx';
import { CopyButton } from '../src/ui/copy.tsx';
import { Dialog, DialogActions } from '../src/ui/dialog.tsx';
import { Empty } from '../src/ui/empty.tsx';
import { Mark } from '../src/ui/mark.tsx';
import { Menu, MenuChoice, MenuChoices, MenuItem, MenuLine, MenuRow, MenuRowItem } from '../src/ui/menu.tsx';
import { Ongoing } from '../src/ui/ongoing.tsx';
import { OpaqueFrame } from '../src/ui/opaque-frame.tsx';
import { Palette } from '../src/ui/palette.tsx';
import { PicturePicker } from '../src/ui/picture-picker.tsx';
import { Progress } from '../src/ui/progress.tsx';
import { Spinner } from '../src/ui/spinner.tsx';
import { Switch } from '../src/ui/switch.tsx';
import { TextArea } from '../src/ui/text-area.tsx';
import { TextField } from '../src/ui/text-field.tsx';
import { VerifiedMark } from '../src/ui/verified.tsx';

const tokens = [
  'canvas',
  'surface',
  'raised',
  'hover',
  'line',
  'edge',
  'ink',
  'muted',
  'accent',
  'accent-soft',
  'danger',
  'danger-soft',
];
const people = ['Ana', 'Ben Okri', 'Carla de Souza', '陳大文', '🎬'];

function Group(props: { title: string; children: JSX.Element }) {
  return (
    <section class="border-t border-line py-6">
      <h2 class="mb-4 text-sm font-semibold text-muted">{props.title}</h2>
      <div class="flex flex-wrap items-center gap-3">{props.children}</div>
    </section>
  );
}

function Page() {
  const [on, setOn] = createSignal(true);
  const [said, setSaid] = createSignal('');
  const failed = createAttempt(() => 'It could not be saved. Check your connection and try again.');
  void failed.run(() => Promise.reject(new Error('as an example')));
  const [open, setOpen] = createSignal<'dialog' | 'confirm' | 'palette'>();
  const close = () => setOpen(undefined);
  return (
    <main class="h-full overflow-y-auto bg-canvas text-ink">
      <div class="mx-auto max-w-3xl px-6 py-10">
        <h1 class="text-2xl/8 font-semibold tracking-tight">Primitives</h1>
        <div class="grid gap-x-6 sm:grid-cols-2">
          <Choices
            label="Colours"
            value={theme()}
            choices={(['system', 'light', 'dark'] satisfies Theme[]).map((each) => [each, each] as const)}
            onChange={setTheme}
          />
          <Choices
            label="Text"
            value={textSize()}
            choices={(['small', 'normal', 'large', 'larger'] satisfies TextSize[]).map(
              (each) => [each, each] as const,
            )}
            onChange={setTextSize}
          />
        </div>
        <Group title="tokens.css">
          <For each={tokens}>
            {(token) => (
              <figure class="w-20">
                <div class="h-12 rounded-lg border border-line" style={{ background: `var(--${token})` }} />
                <figcaption class="mt-1 text-xs text-muted">{token}</figcaption>
              </figure>
            )}
          </For>
        </Group>
        <Group title="Button">
          <For each={['primary', 'outline', 'quiet', 'danger'] as const}>
            {(variant) => (
              <>
                <Button variant={variant}>{variant}</Button>
                <Button variant={variant} busy>
                  busy
                </Button>
                <Button variant={variant} disabled>
                  disabled
                </Button>
              </>
            )}
          </For>
        </Group>
        <Group title="IconButton">
          <IconButton label="Tip below">
            <Bell class="size-5" />
          </IconButton>
          <IconButton label="Tip above" tip="above">
            <Bell class="size-5" />
          </IconButton>
          <IconButton label="Disabled" disabled>
            <Bell class="size-5" />
          </IconButton>
        </Group>
        <Group title="Menu">
          <Menu label="Actions" class={iconButton('none')} trigger={<Ellipsis class="size-5" />}>
            <MenuRow label="React">
              <MenuRowItem label="Thumb up" pressed onSelect={() => {}}>
                👍
              </MenuRowItem>
              <MenuRowItem label="Heart" pressed={false} onSelect={() => {}}>
                ❤️
              </MenuRowItem>
            </MenuRow>
            <MenuLine />
            <MenuItem onSelect={() => {}} icon={<Eye class="size-4.5" />}>
              An item
            </MenuItem>
            <MenuItem onSelect={() => {}} danger icon={<Trash class="size-4.5" />}>
              A danger
            </MenuItem>
            <MenuLine />
            <MenuChoices label="Choices" value="one" onChange={() => {}}>
              <MenuChoice value="one">Chosen</MenuChoice>
              <MenuChoice value="two">Not chosen</MenuChoice>
            </MenuChoices>
          </Menu>
        </Group>
        <Group title="Dialog, Confirm, Palette">
          <Button onClick={() => setOpen('dialog')}>Dialog</Button>
          <Button onClick={() => setOpen('confirm')}>Confirm, which fails</Button>
          <Button onClick={() => setOpen('palette')}>Palette</Button>
        </Group>
        <Group title="TextField">
          <div class="grid w-full gap-5 sm:grid-cols-2">
            <TextField label="Empty" hint="With a hint below it." />
            <TextField label="Filled" value="Friday film" />
            <TextField
              label="Wrong"
              value="Friday"
              problem="This is not an address. An example is ana@example.org."
            />
            <TextField
              label="With a button"
              value="secret"
              type="password"
              end={
                <IconButton label="Show" tip="none">
                  <Eye class="size-5" />
                </IconButton>
              }
            />
            <TextField label="Disabled" value="Cannot be changed" disabled />
          </div>
        </Group>
        <Group title="TextArea, AttemptProblem">
          <TextArea
            label="A few sentences"
            value={said()}
            maxLength={200}
            onInput={setSaid}
            class="w-full max-w-md"
          />
          <AttemptProblem attempt={failed} />
        </Group>
        <Group title="Ongoing">
          <div class="w-full">
            <Ongoing label="A call" text="Ana and Ben are in a call." testId="ongoing">
              <Button variant="primary">Join</Button>
            </Ongoing>
          </div>
        </Group>
        <Group title="OpaqueFrame">
          <OpaqueFrame
            blob={new Blob(['What somebody sent.\n<b>It is text.</b>'])}
            showing="text"
            title="A file"
            class="h-40 w-full rounded-lg border border-edge"
            onFail={() => {}}
          />
        </Group>
        <Group title="CopyButton">
          <CopyButton
            text="What is copied."
            label="Copy"
            done="Copied"
            refused="The browser refused. Mark it and copy it by hand."
          />
        </Group>
        <Group title="Switch">
          <div class="w-full max-w-md">
            <Switch label="A switch" hint="What it means." on={on()} onChange={setOn} />
            <Switch label="Its opposite" on={!on()} onChange={(next) => setOn(!next)} />
          </div>
        </Group>
        <Group title="Avatar, VerifiedMark">
          <For each={people}>{(name) => <Avatar id={name} name={name} />}</For>
          <Avatar id="room" name="Friday film" square />
          <VerifiedMark label="Verified" class="size-4" />
        </Group>
        <Group title="PicturePicker">
          <For each={[false, true]}>
            {(has) => (
              <PicturePicker
                has={has}
                chooseLabel="Choose a picture"
                otherLabel="Choose another picture"
                removeLabel="Remove the picture"
                onPick={() => {}}
                onRemove={async () => false}
              />
            )}
          </For>
        </Group>
        <Group title="Progress, Spinner, Mark">
          <div class="flex w-full max-w-md flex-col gap-3">
            <For each={[0, 0.4, 1]}>{(value) => <Progress value={value} label={`At ${value}`} />}</For>
          </div>
          <Spinner label="Loading" />
          <Mark class="size-9 text-accent" />
        </Group>
        <Group title="Empty">
          <div class="h-80 w-full">
            <Empty
              icon={<Mark class="size-10" />}
              title="Nothing here yet"
              text="What it is for, in a line or two."
            >
              <Button variant="primary">What to do next</Button>
            </Empty>
          </div>
        </Group>
      </div>
      <Dialog
        open={open() === 'dialog'}
        onOpenChange={close}
        title="A dialog"
        description="What it is about."
        closeLabel="Close"
      >
        <TextField label="Name" />
        <DialogActions>
          <Button onClick={close}>Cancel</Button>
          <Button variant="primary" onClick={close}>
            Save
          </Button>
        </DialogActions>
      </Dialog>
      <Confirm
        open={open() === 'confirm'}
        onClose={close}
        title="Do it?"
        description="It cannot be undone."
        confirmLabel="Do it"
        cancelLabel="Cancel"
        explain={() => 'It could not be done. Try again in a moment.'}
        onConfirm={() => Promise.reject(new Error('as a person may see it'))}
      />
      <Palette open={open() === 'palette'} onOpenChange={close} label="A palette">
        <p class="p-6">What is found, above everything else.</p>
      </Palette>
    </main>
  );
}

applyAppearance();
render(() => <Page />, document.getElementById('app')!);
