import { Show } from 'solid-js';

/** A hue that stays with an id, so that people are told apart at a glance; ids that differ little get hues that don't. */
function hue(id: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < id.length; i++) hash = Math.imul(hash ^ id.charCodeAt(i), 0x01000193);
  return (Math.imul(hash ^ (hash >>> 15), 0x9e3779b1) >>> 0) % 360;
}

/** The first letters of at most two words; whole characters, also where one is several code units. */
export function initials(name: string): string {
  const words = name.trim().split(/\s+/u);
  const first = (word: string | undefined) =>
    word ? [...new Intl.Segmenter().segment(word)][0]?.segment : '';
  const last = words.length > 1 ? first(words.at(-1)) : '';
  return `${first(words[0]) ?? ''}${last ?? ''}`.toLocaleUpperCase() || '?';
}

/** A picture, or initials on a calm tint. Decorative: the name always stands beside it. */
export function Avatar(props: {
  id: string;
  name: string;
  class?: string;
  square?: boolean;
  /** Where the picture is. */
  picture?: string | undefined;
}) {
  return (
    <span
      class={`avatar-tint inline-flex shrink-0 items-center overflow-hidden justify-center font-semibold select-none ${props.square ? 'rounded-xl' : 'rounded-full'} ${props.class ?? 'size-9 text-[0.8125rem]'}`}
      style={{ '--hue': String(hue(props.id)) }}
      aria-hidden="true"
    >
      <Show when={props.picture} fallback={initials(props.name)}>
        <img src={props.picture} alt="" class="size-full object-cover" draggable={false} />
      </Show>
    </span>
  );
}
