export * from './asking.ts';
export * from './envelope.ts';
export * from './invite.ts';
export * from './padding.ts';
export * from './roster.ts';
export * from './secret.ts';
export * from './watch.ts';
