export { DropArea } from './drop-area.tsx';
export { FileCard } from './file-card.tsx';
export { askBeforeLeaving } from './leaving.ts';
export { keepOriginals, keepsOriginals } from './originals.ts';
export { pickFiles, sendOptions, takeLaunched } from './picked.ts';
export { type Forwarded, fileToForward } from './save.ts';
export { type Saving, useSaving } from './use-saving.ts';
