export { WatchPanel } from './watch-panel.tsx';
