export { ReceiptScreen } from './receipt.tsx';
export { SettingsScreen } from './settings-screen.tsx';
