/**
 * Gives the page the height that is really visible. iOS lays its keyboard over the page instead of resizing it, and
 * would leave the composer underneath.
 */
export function followKeyboard(): void {
  const viewport = window.visualViewport;
  if (!viewport) return;
  const root = document.documentElement;
  const apply = () => {
    // pinch zoom also shrinks the visual viewport, but must not shrink the page
    if (viewport.scale > 1.01) return;
    const covered = root.clientHeight - viewport.height > 80;
    if (covered) root.style.setProperty('--app-height', `${viewport.height}px`);
    else root.style.removeProperty('--app-height');
    if (covered) window.scrollTo(0, 0);
  };
  viewport.addEventListener('resize', apply);
}
