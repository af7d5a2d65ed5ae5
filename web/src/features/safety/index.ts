export { SafetyDialog, type SafetyDialogProps } from './safety-dialog.tsx';
