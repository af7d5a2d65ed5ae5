/** Encrypted files: keys, record streams, key wraps and manifests (DESIGN section 5). */
export * from './errors.ts';
export { createFileKey, fileKeySize, keyCommitment, verifyCommitment } from './keys.ts';
export * from './manifest.ts';
export * from './stream.ts';
export { unwrapKey, type WrapContext, wrapKey, wrappedKeySize } from './wrap.ts';
