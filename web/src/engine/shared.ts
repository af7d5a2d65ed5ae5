/**
 * What other apps hand over by the system's share sheet, on its way to a room. The service worker takes it and keeps it in this
 * browser until its person has said where it goes, or has thrown it away; nothing of it leaves before that, and then it goes
 * as everything does that is sent.
 */
const cacheName = 'shared';
const place = '/share/';
/** Milliseconds after which nobody is coming for it any more. */
const forgottenAfter = 24 * 3_600_000;

/** Names of the form's fields, as `manifest.webmanifest` has them. */
const texts = ['title', 'text', 'url'];
const files = 'files';

export interface Shared {
  /** Title, text and address, one a line; empty when there are none. */
  readonly text: string;
  readonly files: readonly File[];
}

/** Keeps what a share sheet has posted, in place of what it posted before. Throws when there is no space for it. */
export async function keepShared(form: FormData): Promise<void> {
  await dropShared();
  const cache = await caches.open(cacheName);
  const lines = texts.map((name) => form.get(name)).filter((text) => typeof text === 'string' && text !== '');
  const kept = form.getAll(files).filter((file) => file instanceof File);
  try {
    await Promise.all(
      kept.map((file, i) =>
        cache.put(
          `${place}${i}`,
          new Response(file, {
            headers: { 'content-type': file.type, 'x-name': encodeURIComponent(file.name) },
          }),
        ),
      ),
    );
    // The last of it: without this there is nothing.
    const about = JSON.stringify({
      at: Date.now(),
      text: [...new Set(lines)].join('\n'),
      files: kept.length,
    });
    await cache.put(place, new Response(about));
  } catch (error) {
    await dropShared();
    throw error;
  }
}

/** What is waiting here, if anything is. */
export async function readShared(): Promise<Shared | undefined> {
  const cache = await caches.open(cacheName);
  const about = await cache.match(place);
  if (!about) return undefined;
  const { at, text, files: count } = (await about.json()) as { at: number; text: string; files: number };
  if (Date.now() - at > forgottenAfter) {
    await dropShared();
    return undefined;
  }
  const kept = await Promise.all(
    Array.from({ length: count }, async (_, i) => {
      const response = (await cache.match(`${place}${i}`))!;
      const { headers } = response;
      const type = headers.get('content-type') ?? '';
      return new File([await response.blob()], decodeURIComponent(headers.get('x-name') ?? ''), { type });
    }),
  );
  return { text, files: kept };
}

/** Forgets it. Files that were read stay readable. */
export const dropShared = async (): Promise<void> => void (await caches.delete(cacheName));
