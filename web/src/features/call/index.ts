export { CallButtons } from './call-buttons.tsx';
export { CallKeeper } from './call-keeper.tsx';
export { CallPanel } from './call-panel.tsx';
