export { Player, type PlayerProps } from './player.tsx';
export type { Steering } from './steering.ts';
