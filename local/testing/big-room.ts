/** A room of the big database that has half of its messages, nine of ten of them to other people's devices. */
export const busyRoom = '00000000-0000-4000-8000-00000000b551';
/** Somebody who is in it, with a few messages to their device. */
export const busyMember = '00000000-0000-4000-8000-00000000b552';
