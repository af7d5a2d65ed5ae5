export { DropArea, pickFiles } from './drop-area.tsx';
export { FileCard } from './file-card.tsx';
