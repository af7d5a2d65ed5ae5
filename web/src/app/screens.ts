import { lazy } from 'solid-js';

const rooms = () => import('../features/rooms/index.ts');
const chat = () => import('../features/chat/index.ts');
const settings = () => import('../features/settings/index.ts');

// What only who is signed in sees is no part of the first load.
export const RoomsLayout = lazy(async () => ({ default: (await rooms()).RoomsLayout }));
export const NoRoom = lazy(async () => ({ default: (await rooms()).NoRoom }));
export const InviteScreen = lazy(async () => ({ default: (await rooms()).InviteScreen }));
export const RoomScreen = lazy(async () => ({ default: (await chat()).RoomScreen }));
export const SettingsScreen = lazy(async () => ({ default: (await settings()).SettingsScreen }));

/** Fetches what is seen right after signing in. */
export function preloadRooms(): void {
  void Promise.all([rooms(), chat()]).catch(() => {
    // The screens ask again, and say so when it fails.
  });
}
