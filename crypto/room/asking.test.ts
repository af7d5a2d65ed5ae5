import { x25519 } from '@noble/curves/ed25519.js';
import { describe, expect, it } from 'vitest';
import { concat } from '../../protocol/bytes.ts';
import {
  admittingInvite,
  askingLink,
  openAnswer,
  openAskingLabel,
  openRequest,
  sealAnswer,
  sealAskingLabel,
  sealRequest,
} from './asking.ts';
import { createInvite, inviteKeyOf, readFragment, writeFragment } from './invite.ts';
import { createRoomSecret } from './secret.ts';

const room = '01890a5d-ac96-774b-bcce-b302099a8057';
const person = () => {
  const { secretKey, publicKey } = x25519.keygen();
  return { privateKey: secretKey, identityKey: concat(Uint8Array.of(5), publicKey) };
};

describe('a link by which people ask to come in', () => {
  const secret = createRoomSecret();
  const nonce = crypto.getRandomValues(new Uint8Array(16));
  const link = askingLink(room, secret, nonce);
  const [ben, carla] = [person(), person()];

  it('can be made again by whoever has the room secret, and by nobody from another nonce or room secret', () => {
    expect(inviteKeyOf(askingLink(room, secret, nonce))).toBe(inviteKeyOf(link));
    const others = [
      askingLink(room, createRoomSecret(), nonce),
      askingLink(room, secret, crypto.getRandomValues(new Uint8Array(16))),
    ];
    for (const other of others) expect(inviteKeyOf(other)).not.toBe(inviteKeyOf(link));
  });

  it('is told from an invitation by its fragment', () => {
    expect(readFragment(writeFragment(link))).toEqual(link);
    const invite = createInvite(room);
    expect(readFragment(writeFragment(invite))).toEqual(invite);
    expect(readFragment(`${writeFragment(invite)}.other`)).toBeUndefined();
  });

  it('carries what is said to who it is for', async () => {
    expect(await openAskingLabel(link, await sealAskingLabel(link, 'Film'))).toBe('Film');
    const said = await sealRequest(link, 'ben', 'It is me');
    expect(await openRequest(link, 'ben', said)).toBe('It is me');
    await expect(openRequest(link, 'carla', said)).rejects.toThrow();
    await expect(openAskingLabel(link, said)).rejects.toThrow();
  });

  it('brings the answer to who asked: to no other holder, and not from who lacks the link', async () => {
    const invite = createInvite(room);
    const answer = await sealAnswer(link, { userId: 'ben', identityKey: ben.identityKey }, invite);
    expect(await openAnswer(link, 'ben', ben.privateKey, answer)).toEqual(invite);
    await expect(openAnswer(link, 'ben', carla.privateKey, answer)).rejects.toThrow();
    await expect(openAnswer(link, 'carla', ben.privateKey, answer)).rejects.toThrow();
    const foreign = askingLink(room, createRoomSecret(), nonce);
    const forged = await sealAnswer(foreign, { userId: 'ben', identityKey: ben.identityKey }, invite);
    await expect(openAnswer(link, 'ben', ben.privateKey, forged)).rejects.toThrow();
  });

  it('is answered by one invitation, of the account alone', () => {
    const account = crypto.getRandomValues(new Uint8Array(32));
    const request = { userId: 'ben', said: 'c2VhbGVk', turn: 0 };
    const key = (by = account, where = room, what: Partial<typeof request> = {}) =>
      inviteKeyOf(admittingInvite(by, where, { ...request, ...what }));
    const others = [
      key(crypto.getRandomValues(new Uint8Array(32))),
      key(account, crypto.randomUUID()),
      ...[{ userId: 'carla' }, { said: 'YWdhaW4' }, { turn: 1 }].map((what) => key(account, room, what)),
    ];
    expect(new Set([key(), key(), ...others]).size).toBe(1 + others.length);
  });
});
