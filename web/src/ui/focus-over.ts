/** What somebody is expected to write into first; nothing, where something else comes before it. */
function firstField(inside: HTMLElement): HTMLInputElement | HTMLTextAreaElement | undefined {
  const controls = inside.querySelectorAll<HTMLElement>('input, textarea, select');
  const first = [...controls].find((each) => each.checkVisibility());
  if (first instanceof HTMLTextAreaElement) return first;
  const written = first instanceof HTMLInputElement && /^(text|email|password|search)$/.test(first.type);
  return written && !first.readOnly ? first : undefined;
}

/** Where the focus is; inside a menu, which is about to close, the button that opened it. */
function focused(): Element | null {
  const here = document.activeElement;
  const menu = here?.closest('[role=menu]');
  return menu ? document.getElementById(menu.getAttribute('aria-labelledby') ?? '') : here;
}

/**
 * Where the focus goes when something opens over the page, and when it closes: into what is to be written first, where a
 * keyboard is at hand (on a phone one would slide in over what is shown), and back to where it was. Kobalte by itself takes the
 * closing cross, and gives the focus back to triggers of its own alone.
 */
export function focusOver() {
  let before: Element | null = null;
  return {
    onOpenAutoFocus(event: Event) {
      before = focused();
      const field = matchMedia('(pointer: coarse)').matches
        ? undefined
        : firstField(event.target as HTMLElement);
      if (!field) return;
      event.preventDefault();
      // As late as Kobalte itself, which says why: what lies above a closing menu would close with it.
      setTimeout(() => {
        field.focus({ preventScroll: true });
        field.select();
      });
    },
    onCloseAutoFocus(event: Event) {
      // Something else has taken it already.
      if (!event.defaultPrevented && before instanceof HTMLElement) before.focus({ preventScroll: true });
    },
  };
}
