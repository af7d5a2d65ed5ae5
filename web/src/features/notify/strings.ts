export const strings = {
  noPermission:
    'This browser shows no notices of Stream Chat. Allow them for this page in the browser’s settings, then switch this on again.',
  said: (author: string, text: string) => `${author}: ${text}`,
} as const;
