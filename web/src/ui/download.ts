/** Milliseconds after which the browser has surely copied what it was given. */
const copied = 60_000;

/** Hands something that was made here to the browser's downloads. */
export function download(content: Blob, name: string): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(content);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), copied);
}
