// The tables of East Asian encodings (Adobe's CMap resources; web/public/licenses has their licence): a document that names one is unreadable without it.
const urls = import.meta.glob<string>('../../../node_modules/pdfjs-dist/cmaps/*.bcmap', {
  query: '?url',
  import: 'default',
  eager: true,
});

/** Where the table of this file name is fetched from; undefined for one that there isn't. */
export const cmapUrl = (name: string): string | undefined =>
  Object.entries(urls).find(([path]) => path.endsWith(`/${name}`))?.[1];
