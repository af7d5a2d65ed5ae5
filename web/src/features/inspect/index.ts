export { Gallery } from './gallery.tsx';
export { InspectDialog } from './inspect-dialog.tsx';
