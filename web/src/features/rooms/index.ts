export { InviteScreen } from './invite-screen.tsx';
export { NoRoom } from './no-room.tsx';
export { RoomsLayout } from './rooms-layout.tsx';
