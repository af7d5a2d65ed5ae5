import * as account from './account.ts';
import * as accountSocket from './account-socket.ts';
import * as auth from './auth.ts';
import * as calls from './calls.ts';
import * as chatrooms from './chatrooms.ts';
import * as errors from './errors.ts';
import * as files from './files.ts';
import * as keys from './keys.ts';
import * as passkeys from './passkeys.ts';
import * as push from './push.ts';
import * as reports from './reports.ts';
import * as requests from './requests.ts';
import * as sessions from './sessions.ts';

export { Receipt } from './account.ts';
export { AccountExport } from './account-export.ts';
export { SignedIn, Tokens, User } from './auth.ts';
export { IceServers } from './calls.ts';
export { Member, Room } from './chatrooms.ts';
export { FileState, PutUrl, StoredFile } from './files.ts';
export { ChainBackup } from './keys.ts';
export { Assertion, Passkey, passkeyAlgorithms } from './passkeys.ts';
export { maxNote, ReportReason } from './reports.ts';
export { AskLink, JoinRequest, RequestState } from './requests.ts';
export type { Route } from './route.ts';
export { SessionView } from './sessions.ts';

/** Every operation of the REST interface, by name. */
export const routes = {
  register: auth.register,
  login: auth.login,
  refresh: auth.refresh,
  logout: auth.logout,
  listSessions: sessions.listSessions,
  revokeSession: sessions.revokeSession,
  changePassword: auth.changePassword,
  keepAccount: auth.keepAccount,
  putProfile: auth.putProfile,
  putRecovery: auth.putRecovery,
  deleteRecovery: auth.deleteRecovery,
  readRecovery: auth.readRecovery,
  resetPassword: auth.resetPassword,
  passkeyChallenge: passkeys.passkeyChallenge,
  addPasskey: passkeys.addPasskey,
  listPasskeys: passkeys.listPasskeys,
  dropPasskey: passkeys.dropPasskey,
  signInByPasskey: passkeys.signInByPasskey,
  me: auth.me,
  deleteAccount: account.deleteAccount,
  exportAccount: account.exportAccount,
  getAccountTicket: accountSocket.getAccountTicket,
  openAccountSocket: accountSocket.openAccountSocket,
  getPushKey: push.getPushKey,
  subscribePush: push.subscribePush,
  unsubscribePush: push.unsubscribePush,
  putDevice: keys.putDevice,
  listDevices: keys.listDevices,
  nameDevice: keys.nameDevice,
  dropDevice: keys.dropDevice,
  addPreKeys: keys.addPreKeys,
  getBundles: keys.getBundles,
  putBackup: keys.putBackup,
  getBackup: keys.getBackup,
  createRoom: chatrooms.createRoom,
  listRooms: chatrooms.listRooms,
  getRoom: chatrooms.getRoom,
  patchRoom: chatrooms.patchRoom,
  deleteRoom: chatrooms.deleteRoom,
  joinRoom: chatrooms.joinRoom,
  leaveRoom: chatrooms.leaveRoom,
  listMembers: chatrooms.listMembers,
  openAsking: requests.openAsking,
  closeAsking: requests.closeAsking,
  askToJoin: requests.askToJoin,
  listRequests: requests.listRequests,
  getRequest: requests.getRequest,
  answerRequest: requests.answerRequest,
  removeMember: chatrooms.removeMember,
  listMessages: chatrooms.listMessages,
  sendMessage: chatrooms.sendMessage,
  getTicket: chatrooms.getTicket,
  openSocket: chatrooms.openSocket,
  startUpload: files.startUpload,
  moreChunks: files.moreChunks,
  reportProgress: files.reportProgress,
  completeUpload: files.completeUpload,
  getFile: files.getFile,
  deleteFile: files.deleteFile,
  getIce: calls.getIce,
  sendOffer: calls.sendOffer,
  sendAnswer: calls.sendAnswer,
  sendCandidate: calls.sendCandidate,
  joinSfu: calls.joinSfu,
  report: reports.report,
  reportError: errors.reportError,
} as const;
export type Routes = typeof routes;
