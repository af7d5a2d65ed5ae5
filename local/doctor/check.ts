// What a check of a set-up is, and how its findings read.

/** What is looked at. */
export interface Subject {
  /** The environment of wrangler.toml. */
  readonly environment: Environment;
  /** Settings by name, as the environment has them; secrets among them, never to be printed. */
  readonly settings: Readonly<Record<string, string | undefined>>;
  /** The origin that people open, where it is known. */
  readonly origin?: string | undefined;
  /** Names of the secrets that the deployed Worker has already; their values can't be read. */
  readonly kept: () => Promise<ReadonlySet<string>>;
  /** This machine's clock, in ms. */
  readonly now: () => number;
}

export const environments = ['staging', 'production'] as const;
export type Environment = (typeof environments)[number];

/** What one check found. `well` and `unseen` are sentences; a fault is a sentence and what to do about it. */
export type Finding =
  | { readonly kind: 'well' | 'unseen'; readonly says: string }
  | { readonly kind: 'fault'; readonly says: string; readonly remedy: string };

export interface Check {
  readonly name: string;
  /** Throws only for what nobody foresaw. */
  run(subject: Subject): Promise<readonly Finding[]>;
}

export const well = (says: string): Finding => ({ kind: 'well', says });
/** Something that could not be looked at from here, and why. */
export const unseen = (says: string): Finding => ({ kind: 'unseen', says });
export const fault = (says: string, remedy: string): Finding => ({ kind: 'fault', says, remedy });

/** How long anything out there may take to answer, in ms. */
export const patience = 10_000;

/** Runs every check, side by side, and answers with the findings in the order of the checks. */
export async function examine(
  checks: readonly Check[],
  subject: Subject,
): Promise<Map<string, readonly Finding[]>> {
  const found = await Promise.all(
    checks.map(async ({ name, run }) => {
      const findings = await run(subject).catch((error: unknown) => [
        // Its message may quote a setting.
        fault(
          `This check itself failed (${error instanceof Error ? error.name : typeof error}).`,
          'Report it.',
        ),
      ]);
      return [name, findings] as const;
    }),
  );
  return new Map(found);
}

/** The findings as lines for a terminal. */
export function describeFindings(found: ReadonlyMap<string, readonly Finding[]>): string {
  const marks = { well: 'ok   ', unseen: '  -  ', fault: 'FAULT' };
  const lines = [...found].flatMap(([name, findings]) =>
    findings.flatMap((finding) => [
      `${marks[finding.kind]} ${name}: ${finding.says}`,
      ...(finding.kind === 'fault' ? [`        ${finding.remedy}`] : []),
    ]),
  );
  return lines.join('\n');
}

/** How many faults there are. */
export const faultsIn = (found: ReadonlyMap<string, readonly Finding[]>): number =>
  [...found.values()].flat().filter(({ kind }) => kind === 'fault').length;
