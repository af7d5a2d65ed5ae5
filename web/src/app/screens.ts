import { later } from '../ui/later.ts';

const rooms = () => import('../features/rooms/index.ts');
const chat = () => import('../features/chat/index.ts');
const settings = () => import('../features/settings/index.ts');

// What only who is signed in sees is no part of the first load.
export const RoomsLayout = later(async () => (await rooms()).RoomsLayout);
export const NoRoom = later(async () => (await rooms()).NoRoom);
export const InviteScreen = later(async () => (await rooms()).InviteScreen);
export const RoomScreen = later(async () => (await chat()).RoomScreen);
export const SettingsScreen = later(async () => (await settings()).SettingsScreen);

/** Fetches what is seen right after signing in. */
export function preloadRooms(): void {
  for (const screen of [RoomsLayout, NoRoom, RoomScreen]) void screen.preload();
}
