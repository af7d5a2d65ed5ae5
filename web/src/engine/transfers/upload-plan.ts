import {
  createFileKey,
  createPrefix,
  emptyTail,
  extendTail,
  manifestHash,
  openDelta,
  openHead,
  sealHead,
  type Tail,
  wrapKey,
} from '../../../../crypto/file/index.ts';
import { fromBase64, toBase64 } from '../../../../protocol/bytes.ts';
import { ManifestDelta, ManifestHead } from '../../../../protocol/manifest.ts';
import type { FileDelta } from '../../../../protocol/socket.ts';
import { TransferError } from './errors.ts';
import type { OpenSource } from './source.ts';
import type { Recipient, UploadPlan } from './types.ts';

/** A plan for a file that is sent for the first time: a fresh key. */
export async function planUpload(
  head: OpenSource['head'],
  { roomId, fileId, me }: { readonly roomId: string; readonly fileId: string; readonly me: Recipient },
): Promise<UploadPlan> {
  const dek = createFileKey();
  const sealedHead = await sealHead(dek, fileId, { ...head, prefix: toBase64(createPrefix()) });
  const encryptedKey = await wrapKey(dek, me.identityKey, { roomId, fileId, recipientId: me.userId });
  return { dek, sealedHead, encryptedKey };
}

/**
 * The head that a plan was made with. Throws `TransferError('other-file')` when what was opened now would be sent in another form;
 * whether its bytes are the same shows as they are sealed.
 */
export async function headOfPlan(
  { dek, sealedHead }: UploadPlan,
  fileId: string,
  opened: OpenSource['head'],
): Promise<ManifestHead> {
  const head = await openHead(dek, fileId, sealedHead, await manifestHash(sealedHead), ManifestHead);
  const form = ({ name, size, layout, tracks = [], original }: OpenSource['head']) =>
    JSON.stringify([name, size, layout, tracks, original === true]);
  if (form(head) !== form(opened)) throw new TransferError('other-file');
  return head;
}

/** What earlier runs have told of the file: its manifest as the service has it, read by `ask`. Throws `FileError`. */
export async function readTail(
  dek: Uint8Array,
  fileId: string,
  ask: (from: number) => Promise<readonly FileDelta[]>,
): Promise<Tail> {
  for (let tail = emptyTail; ; ) {
    const deltas = await ask(tail.next);
    if (deltas.length === 0) return tail;
    for (const { n, sealed } of deltas)
      tail = await extendTail(tail, await openDelta(dek, fileId, n, fromBase64(sealed), ManifestDelta));
  }
}
