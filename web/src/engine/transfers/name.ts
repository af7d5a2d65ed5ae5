/** Control characters, and those that turn the direction of writing round: with them a program can be made to read as a picture. */
const unseen = /[\p{Cc}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]+/gu;

/** A file's name as it is shown and saved, without what can't be seen in it. */
export const shownName = (name: string): string => name.replace(unseen, ' ').trim() || '_';
