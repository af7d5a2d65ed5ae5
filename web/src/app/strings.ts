export const strings = {
  starting: 'Opening…',
  notFound: {
    title: 'There is nothing at this address',
    text: 'The link may be incomplete, or what it led to is gone.',
    home: 'Go to your rooms',
  },
  broken: {
    title: 'This page has stopped working',
    text: 'Your messages and files are safe. Loading the page again usually mends it.',
    reload: 'Load again',
    number: 'If it does not, this number tells whoever runs the service where it broke:',
  },
  fault: {
    title: 'The service made a mistake',
    text: 'If it stays like this, give this number to whoever runs the service: it tells them what happened, and nothing of what you wrote.',
    copy: 'Copy',
    copied: 'Copied',
    close: 'Close',
  },
} as const;
