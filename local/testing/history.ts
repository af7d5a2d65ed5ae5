// Judges what clients of a room saw, against what they were promised.

/** A message as somebody saw it. */
export interface Seen {
  readonly id: string;
  readonly seq: number;
  readonly box: string;
}

export interface Witness {
  readonly name: string;
  /** What it has seen, in the order of arrival. */
  readonly seen: readonly Seen[];
}

export interface History {
  /** What was handed to the room, whether or not it was answered. `only`: the one witness who may see it. */
  readonly sent: readonly { readonly id: string; readonly box: string; readonly only?: string }[];
  /** Every answer that said a message was taken. */
  readonly acknowledged: readonly { readonly id: string; readonly seq: number }[];
  /** Who should have seen everything by now. */
  readonly witnesses: readonly Witness[];
}

/**
 * What is wrong, a sentence each; nothing where each witness has every acknowledged message that is theirs, once, in one
 * order for all, without a gap in `seq`, and none that nobody sent.
 */
export function historyFaults({ sent, acknowledged, witnesses }: History): string[] {
  const faults: string[] = [];
  const messages = new Map(sent.map((message) => [message.id, message]));
  const places = new Map<number, string>();
  const numbers = new Map<string, number>();
  /** The room has said that `id` stands at `seq`. */
  const place = (id: string, seq: number, who: string) => {
    const other = places.get(seq) ?? id;
    if (other !== id) faults.push(`order: ${who} has ${id} as ${seq}, which was ${other}`);
    const before = numbers.get(id) ?? seq;
    if (before !== seq) faults.push(`order: ${who} has ${id} as ${seq}, which was ${before} before`);
    places.set(seq, other);
    numbers.set(id, before);
  };
  for (const { id, seq } of acknowledged) {
    if (!messages.has(id)) faults.push(`invented: ${id} was acknowledged, and nobody sent it`);
    place(id, seq, 'an acknowledgement');
  }
  for (const { name, seen } of witnesses) {
    const had = new Set<string>();
    let last = 0;
    for (const { id, seq, box } of seen) {
      const message = messages.get(id);
      if (message?.box !== box) faults.push(`invented: ${name} saw ${id}, which nobody sent like that`);
      if (message?.only !== undefined && message.only !== name)
        faults.push(`leaked: ${name} saw ${id}, which was for ${message.only}`);
      if (had.has(id)) faults.push(`twice: ${name} saw ${id} again, as ${seq}`);
      else if (seq <= last) faults.push(`reordered: ${name} saw ${seq} after ${last}`);
      had.add(id);
      last = Math.max(last, seq);
      place(id, seq, name);
    }
  }
  const theirs = (id: string, name: string) => (messages.get(id)?.only ?? name) === name;
  const end = Math.max(0, ...places.keys());
  for (const { name, seen } of witnesses) {
    const had = new Set(seen.map(({ id }) => id));
    for (const id of new Set(acknowledged.map(({ id }) => id)))
      if (!had.has(id) && theirs(id, name)) faults.push(`lost: ${name} never saw ${id}, acknowledged`);
    const numbersSeen = new Set(seen.map(({ seq }) => seq));
    for (let seq = 1; seq <= end; seq++) {
      const id = places.get(seq);
      if (!numbersSeen.has(seq) && (id === undefined || theirs(id, name)))
        faults.push(`gap: ${name} has nothing at ${seq}`);
    }
  }
  return faults;
}
