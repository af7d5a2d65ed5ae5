import { hkdf } from '@noble/hashes/hkdf.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { concat, fromBase64, fromUtf8, toBase64, utf8 } from '../../protocol/bytes.ts';
import { openWith, sealWith } from '../account/seal.ts';
import { hpkeOpen, hpkeSeal } from '../file/hpke.ts';
import type { InviteSecret } from './invite.ts';

/**
 * Links by which people ask to come in. Such a link lets nobody in: it shows that its holder was sent it, and carries what they and the
 * room's members say to each other past the service. Whoever lets somebody in makes an invitation for them alone, as any other
 * stands in the roster, and seals it for their identity.
 */

/** The link of `room` that `nonce` makes: every member can make it again. */
export const askingLink = (room: string, roomSecret: Uint8Array, nonce: Uint8Array): InviteSecret => ({
  room,
  seed: hkdf(sha256, roomSecret, nonce, utf8('Stream Chat request link v1'), 32),
  asks: true,
});

const keyOf = ({ seed }: InviteSecret) =>
  hkdf(sha256, seed, undefined, utf8('Stream Chat request seal v1'), 32);

/** What the link's holders are told of the room; base64url. */
export const sealAskingLabel = async (link: InviteSecret, text: string): Promise<string> =>
  toBase64(await sealWith(keyOf(link), utf8(text), `room ${link.room}`));

/** Throws SealError for what nobody sealed who has the link. */
export const openAskingLabel = async (link: InviteSecret, sealed: string): Promise<string> =>
  fromUtf8(await openWith(keyOf(link), fromBase64(sealed), `room ${link.room}`));

/** What `userId` says who asks to come in; base64url. */
export const sealRequest = async (link: InviteSecret, userId: string, text: string): Promise<string> =>
  toBase64(await sealWith(keyOf(link), utf8(text), `request ${link.room} ${userId}`));

/** Throws SealError for what nobody sealed who has the link, or for somebody else. */
export const openRequest = async (link: InviteSecret, userId: string, sealed: string): Promise<string> =>
  fromUtf8(await openWith(keyOf(link), fromBase64(sealed), `request ${link.room} ${userId}`));

/**
 * The invitation by which the account with `secret` answers what `userId` said who asks: whenever, and on whichever of its devices, it is
 * the same, so that to answer again makes no second one. Nobody else can make it.
 *
 * @param secret the account's, 32 bytes
 * @param said as sealed by `sealRequest`: another time they ask is another request
 * @param turn how many of these have ended
 */
export const admittingInvite = (
  secret: Uint8Array,
  room: string,
  { userId, said, turn }: { readonly userId: string; readonly said: string; readonly turn: number },
): InviteSecret => {
  const info = utf8(`Stream Chat admitting invite v1\n${room}\n${userId}\n${said}\n${turn}`);
  return { room, seed: hkdf(sha256, secret, undefined, info, 32) };
};

const answerInfo = (room: string, userId: string) =>
  utf8(`Stream Chat request answer v1\n${room}\n${userId}`);

/**
 * The secret of an invitation, for `userId` alone: for their identity (HPKE, RFC 9180), and under the link, which the service has not,
 * so that it can't answer in the room's place.
 *
 * @throws SignalError `malformed` or `low-order-key` when the identity key is none
 */
export async function sealAnswer(
  link: InviteSecret,
  { userId, identityKey }: { readonly userId: string; readonly identityKey: Uint8Array },
  invite: InviteSecret,
): Promise<string> {
  const inner = await hpkeSeal(identityKey, concat(invite.seed), answerInfo(link.room, userId));
  return toBase64(await sealWith(keyOf(link), inner, `answer ${link.room} ${userId}`));
}

/**
 * The invitation that `sealAnswer` sealed.
 *
 * @param identityPrivateKey 32 bytes
 * @throws SealError, FileError `unwrap-failed` for anything else
 */
export async function openAnswer(
  link: InviteSecret,
  userId: string,
  identityPrivateKey: Uint8Array,
  sealed: string,
): Promise<InviteSecret> {
  const inner = await openWith(keyOf(link), fromBase64(sealed), `answer ${link.room} ${userId}`);
  const seed = await hpkeOpen(identityPrivateKey, inner, answerInfo(link.room, userId));
  return { room: link.room, seed };
}
