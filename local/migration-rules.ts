// What a migration may do while the release before it still runs: expand first, contract when nothing uses it any more.

/** What a marker looks like that lets a migration take something away, and names the release from which on nothing used it. */
const marker = /^-- contract: .+ unused since \d+\.\d+\.\d+$/m;

const rules: readonly [RegExp, string][] = [
  [/\bDROP\b/i, 'takes something away'],
  [/\bRENAME\b/i, 'renames something'],
  [/\bALTER COLUMN\b.*\b(SET DATA )?TYPE\b/is, 'changes the type of a column'],
  [/\bSET NOT NULL\b/i, 'refuses what the release before may write'],
  [/\bADD COLUMN\b(?!.*\bDEFAULT\b).*\bNOT NULL\b/is, 'adds a column that the release before cannot fill'],
  [/\b(TRUNCATE|DELETE FROM)\b/i, 'removes rows'],
];
/** On a table that was there before, these refuse what the release before may write. */
const onOldTables: readonly [RegExp, string][] = [
  [/\bALTER TABLE\s+"?(\w+)"?.*\bADD CONSTRAINT\b/is, 'adds a constraint'],
  [/\bCREATE UNIQUE INDEX\b.*\bON\s+"?(\w+)"?/is, 'adds a constraint'],
];

/**
 * What the statements of one migration would do to the release that runs before it, in sentences; none where a marker in the file
 * names the release that stopped using what goes.
 */
export function migrationFaults(sql: string): string[] {
  if (marker.test(sql)) return [];
  const made = new Set([...sql.matchAll(/\bCREATE TABLE\s+"?(\w+)"?/gi)].map(([, table]) => table));
  const statements = sql
    .split('--> statement-breakpoint')
    .map((each) => each.replace(/^\s*--.*$/gm, '').trim());
  return statements.flatMap((statement) => {
    const broken = [
      ...rules.filter(([pattern]) => pattern.test(statement)),
      ...onOldTables.filter(([pattern]) => {
        const table = pattern.exec(statement)?.[1];
        return table !== undefined && !made.has(table);
      }),
    ];
    return broken.map(([, what]) => `${statement.replace(/\s+/g, ' ').slice(0, 120)}: ${what}.`);
  });
}
