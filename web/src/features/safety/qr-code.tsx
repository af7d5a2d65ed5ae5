import encodeQR from 'qr';
import { createMemo } from 'solid-js';

/** Modules of white around a code: readers need them (ISO/IEC 18004), on a dark page above all. */
const quietZone = 4;

/** `text` as a QR code: black on white in light and dark, as many readers take nothing else. */
export function QrCode(props: { text: string; label: string; class?: string }) {
  const rows = createMemo(() => encodeQR(props.text, 'raw', { ecc: 'low', border: quietZone }));
  const dark = () =>
    rows()
      .flatMap((row, y) => row.flatMap((isDark, x) => (isDark ? `M${x} ${y}h1v1h-1z` : [])))
      .join('');
  return (
    <svg
      viewBox={`0 0 ${rows().length} ${rows().length}`}
      class={props.class}
      shape-rendering="crispEdges"
      role="img"
      aria-label={props.label}
      data-testid="qr"
    >
      <rect width="100%" height="100%" fill="#fff" />
      <path d={dark()} fill="#000" />
    </svg>
  );
}
