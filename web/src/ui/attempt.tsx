import { type Accessor, createSignal, Show } from 'solid-js';

/** Something that a person has done, which takes a while and may fail. */
export interface Attempt {
  readonly busy: Accessor<boolean>;
  /** What its person is told of the last failure. */
  readonly problem: Accessor<string | undefined>;
  /** Tells them something, or takes it back. */
  readonly say: (problem: string | undefined) => void;
  /** Does it, unless it is being done; says whether it was done. */
  readonly run: (task: () => Promise<unknown>) => Promise<boolean>;
}

/** @param explain what a person is told about an error; undefined where something else tells them */
export function createAttempt(explain: (error: unknown) => string | undefined): Attempt {
  const [busy, setBusy] = createSignal(false);
  const [problem, setProblem] = createSignal<string>();
  const run = async (task: () => Promise<unknown>) => {
    if (busy()) return false;
    setBusy(true);
    setProblem(undefined);
    try {
      await task();
      return true;
    } catch (error) {
      setProblem(explain(error));
      return false;
    } finally {
      setBusy(false);
    }
  };
  return { busy, problem, say: setProblem, run };
}

/** What went wrong with it, above a dialog's buttons. */
export function AttemptProblem(props: { attempt: Attempt }) {
  return (
    <Show when={props.attempt.problem()}>
      {(problem) => (
        <p role="alert" class="mt-5 rounded-lg bg-danger-soft px-3.5 py-3 text-sm/5 text-pretty text-danger">
          {problem()}
        </p>
      )}
    </Show>
  );
}
