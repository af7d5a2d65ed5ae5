export { Find } from './find.tsx';
export { openFind } from './open.ts';
