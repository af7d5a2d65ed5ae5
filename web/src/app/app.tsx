import { Route, Router, useLocation } from '@solidjs/router';
import {
  createEffect,
  ErrorBoundary,
  lazy,
  Match,
  on,
  type ParentProps,
  Show,
  Suspense,
  Switch,
  untrack,
} from 'solid-js';
import { reportError } from '../engine/error-reports.ts';
import { EngineProvider, useEngine } from '../engine/solid/context.tsx';
import { asksFirst, isInvite, setJoinsAtOnce } from '../engine/solid/invite.ts';
import { useObservable } from '../engine/solid/observable.ts';
import { AuthScreen, isReturning, noteLeft, remember } from '../features/auth/index.ts';
import { m } from '../language/index.ts';
import { Button } from '../ui/button.tsx';
import { Empty } from '../ui/empty.tsx';
import { Mark } from '../ui/mark.tsx';
import { FaultNotice, FaultNumber } from './fault-notice.tsx';
import { keepStorage } from './keep-storage.ts';
import { InviteScreen, NoRoom, preloadRooms, RoomScreen, RoomsLayout, SettingsScreen } from './screens.ts';
import { UpdateNotice } from './update-notice.tsx';

// Who was here before has more than the first screen to wait for: it comes while the store is opened.
if (isReturning()) preloadRooms();

const ShareScreen = lazy(() =>
  import('../features/share/index.ts').then(({ ShareScreen: screen }) => ({ default: screen })),
);
const ReceiptScreen = lazy(() =>
  import('../features/settings/index.ts').then((part) => ({ default: part.ReceiptScreen })),
);
const Notifier = lazy(() =>
  import('../features/notify/index.ts').then((part) => ({ default: part.Notifier })),
);

/** The whole app: engine, routes, and the door in front of them. */
export function App() {
  return (
    <ErrorBoundary fallback={(error) => <Broken error={error} />}>
      <EngineProvider>
        <Router root={Door}>
          <Route path="/" component={RoomsLayout}>
            <Route path="/" component={NoRoom} />
            <Route path="/r/:room" component={RoomScreen} />
          </Route>
          <Route path="/invite" component={InviteScreen} />
          <Route path="/share" component={ShareScreen} />
          <Route path="/settings" component={SettingsScreen} />
          <Route path="*" component={NotFound} />
        </Router>
        <FaultNotice />
        <UpdateNotice />
      </EngineProvider>
    </ErrorBoundary>
  );
}

/** Shows the page to who is signed in, and to others the way in; the address stays, so they land where they wanted. */
function Door(props: ParentProps) {
  const engine = useEngine();
  const session = useObservable(() => engine.session);
  const location = useLocation();
  const receipt = () => {
    const state = session();
    return state.kind === 'signed-out' ? state.receipt : undefined;
  };
  // Whoever signs in next must not find anything in this page's memory.
  createEffect(
    on(
      () => session().kind,
      (kind, before) => {
        if (kind === 'signed-out' && before === 'signed-in') {
          noteLeft();
          if (!receipt()) window.location.replace('/');
        }
        if (kind === 'signed-in') keepStorage();
      },
    ),
  );
  // However they came in, and also once a guest has kept the account.
  createEffect(() => {
    const state = session();
    if (state.kind === 'signed-in') remember(state.me.guest ? 'guest' : 'here');
  });
  return (
    <Switch>
      <Match when={session().kind === 'starting'}>
        <Splash />
      </Match>
      <Match when={receipt()}>
        {(given) => (
          <Suspense fallback={<Splash />}>
            <ReceiptScreen receipt={given()} onDone={() => window.location.replace('/')} />
          </Suspense>
        )}
      </Match>
      <Match when={session().kind === 'signed-out'}>
        <AuthScreen
          invited={isInvite(location)}
          asks={asksFirst(location)}
          toRoom={location.pathname.startsWith('/r/')}
          onSubmit={() => {
            setJoinsAtOnce(isInvite(location));
            // While the keys are made.
            preloadRooms();
          }}
        />
      </Match>
      <Match when={session().kind === 'signed-in'}>
        <ErrorBoundary fallback={(error) => <Broken error={error} />}>{props.children}</ErrorBoundary>
        <ErrorBoundary fallback={null}>
          <Suspense>
            <Notifier />
          </Suspense>
        </ErrorBoundary>
      </Match>
    </Switch>
  );
}

function Splash() {
  return (
    <div class="appear-late flex h-full items-center justify-center text-accent">
      <Mark class="size-12 animate-pulse" />
      <span class="sr-only" role="status">
        {m.app_starting()}
      </span>
    </div>
  );
}

function NotFound() {
  return (
    <main class="h-full">
      <Empty
        alone
        icon={<Mark class="size-10" />}
        title={m.app_notFound_title()}
        text={m.app_notFound_text()}
      >
        <a
          href="/"
          class="inline-flex min-h-11 items-center rounded-lg bg-accent px-4 font-semibold text-on-accent hover:bg-accent-hover"
        >
          {m.app_notFound_home()}
        </a>
      </Empty>
    </main>
  );
}

function Broken(props: { error: unknown }) {
  const number = reportError(untrack(() => props.error));
  return (
    <main class="h-full" role="alert">
      <Empty alone icon={<Mark class="size-10" />} title={m.app_broken_title()} text={m.app_broken_text()}>
        <Button variant="primary" onClick={() => location.reload()}>
          {m.app_broken_reload()}
        </Button>
        <Show when={number}>
          {(it) => (
            <div class="w-full max-w-sm" data-testid="broken">
              <p class="mt-4 text-[0.9375rem]/6 text-pretty text-muted">{m.app_broken_number()}</p>
              <FaultNumber number={it()} />
            </div>
          )}
        </Show>
      </Empty>
    </main>
  );
}
