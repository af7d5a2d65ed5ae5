import { type Component, createComponent, createMemo, createSignal, type JSX, untrack } from 'solid-js';

/** A component whose code is fetched when it is first shown, or before that. */
export type Later<P extends object> = Component<P> & { readonly preload: () => Promise<void> };

/**
 * As Solid's `lazy`, but without `Suspense`: that would also wait, and hide what is there, for every resource that is read inside.
 * Nothing stands there until the code has come; where it can't be fetched, the nearest ErrorBoundary is told, and the next time tries again.
 */
export function later<P extends object>(load: () => Promise<Component<P>>): Later<P> {
  const [loaded, setLoaded] = createSignal<Component<P>>();
  const [failure, setFailure] = createSignal<{ readonly error: unknown }>();
  let loading: Promise<void> | undefined;
  const preload = (): Promise<void> => {
    loading ??= load().then(
      (component) => void setLoaded(() => component),
      (error) => {
        loading = undefined;
        setFailure({ error });
      },
    );
    return loading;
  };
  const Shown = (props: P): JSX.Element => {
    setFailure(undefined);
    void preload();
    const shown = createMemo(() => {
      const failed = failure();
      if (failed) throw failed.error;
      const component = loaded();
      return component && untrack(() => createComponent(component, props));
    });
    return shown as unknown as JSX.Element;
  };
  return Object.assign(Shown, { preload });
}
