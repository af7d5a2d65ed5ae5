import { fromBase64 } from '../../../../protocol/bytes.ts';

/** Addresses of small pictures, by what is in them: few, and the same ones again and again. */
const urls = new Map<string, string>();

/** An address for a small JPEG (base64url); undefined for none. What is no picture shows as nothing. */
export function pictureUrl(jpeg: string | undefined): string | undefined {
  if (jpeg === undefined) return undefined;
  let url = urls.get(jpeg);
  if (url === undefined) {
    url = URL.createObjectURL(new Blob([fromBase64(jpeg)], { type: 'image/jpeg' }));
    urls.set(jpeg, url);
  }
  return url;
}
