/** What the service worker does with a request. */
export type Way =
  /** A page of the app: the network's, or the kept shell when there is none. */
  | 'page'
  /** A part of the shell: the kept copy. */
  | 'shell'
  /** What another app hands over by the share sheet: it stays here. */
  | 'share'
  /** Not ours: straight to the network, never kept. */
  | 'pass';

const pages = /^\/(?:$|r\/|invite$|share$|settings(?:\/|$))/;

/**
 * Sorts a request. Only the app's own pages and the files of this build are touched: everything of the API, of
 * storage and of other origins passes, so nothing that a person sees or sends is ever kept here.
 */
export function wayOf(
  request: { readonly method: string; readonly mode: string; readonly url: string },
  origin: string,
  files: ReadonlySet<string>,
): Way {
  const url = new URL(request.url);
  const posted = request.method === 'POST' && request.mode === 'navigate' && url.origin === origin;
  if (posted && url.pathname === '/share') return 'share';
  if (request.method !== 'GET' || url.origin !== origin) return 'pass';
  if (request.mode === 'navigate') return pages.test(url.pathname) ? 'page' : 'pass';
  return url.search === '' && url.pathname !== '/' && files.has(url.pathname) ? 'shell' : 'pass';
}

/**
 * Which files of the build the shell needs offline. Not part of it: the admin page, what is meant for crawlers, licences, the long list of common
 * passwords, as nobody chooses a new one offline, and the viewer of documents with its parts, as documents come from storage.
 */
export const shellOf = (files: readonly string[]): string[] =>
  files.filter(
    (file) =>
      !/^\/(admin|licenses\/|robots\.txt$|viewer\.html$|assets\/(estimate-|pdf\.|pdf-cmaps-|.*\.(wasm|pfb)$))/.test(
        file,
      ),
  );
