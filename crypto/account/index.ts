export * from './archive.ts';
export * from './chain-backup.ts';
export * from './device-list.ts';
export * from './passkey.ts';
export * from './password.ts';
export * from './recovery.ts';
export * from './seal.ts';
export * from './secret.ts';
