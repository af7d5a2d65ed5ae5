import {
  type InviteSecret,
  inviteKeyOf,
  openAskingLabel,
  proveInvite,
  sealRequest,
} from '../../../../crypto/room/index.ts';
import { m } from '../../language/index.ts';
import type { Session } from '../account/session.ts';
import { EngineError, type RequestState } from '../types.ts';

/** What a link by which one asks leads to, and what became of asking. Throws ProblemError `invite-invalid`. */
export async function readAsking(
  session: Session,
  link: InviteSecret,
): Promise<{ state: RequestState; name: string | undefined; answer: string | null }> {
  const { id: userId } = session.account;
  const { state, label, answer } = await session.api('getRequest', {
    params: { id: link.room, userId },
    query: { key: inviteKeyOf(link), proof: proveInvite(link, userId) },
  });
  return { state, answer, name: label === null ? undefined : await openAskingLabel(link, label) };
}

/** Asks the room's owners and admins to be let in: they learn the name, and for whom the answer is to be sealed. */
export async function askToJoin(session: Session, link: InviteSecret): Promise<RequestState> {
  const { account, identityKey, me } = session;
  const said = { v: 1, name: me.name.slice(0, 80), identityKey };
  const body = {
    key: inviteKeyOf(link),
    proof: proveInvite(link, account.id),
    box: await sealRequest(link, account.id, JSON.stringify(said)),
  };
  return (await session.api('askToJoin', { params: { id: link.room }, body })).state;
}

/** The invitation that the room's people answered with. Throws EngineError `not-let-in`. */
export async function admission(session: Session, link: InviteSecret): Promise<InviteSecret> {
  const { answer } = await readAsking(session, link);
  if (answer === null) throw new EngineError('not-let-in', m.engine_notLetIn());
  return session.keys.openAnswer(link, answer);
}
