/** Pixels of each side. */
const side = 160;

/**
 * A picture as a small square JPEG: the middle of it, without what cameras write along.
 *
 * @returns undefined when this browser can't read the file as a picture
 */
export async function smallPicture(file: Blob): Promise<Uint8Array | undefined> {
  const image = await createImageBitmap(file).catch(() => undefined);
  if (!image) return undefined;
  const cut = Math.min(image.width, image.height);
  const canvas = document.createElement('canvas');
  canvas.width = side;
  canvas.height = side;
  const context = canvas.getContext('2d');
  if (!context) return undefined;
  // JPEG has no transparency: what has some stands on white.
  context.fillStyle = '#fff';
  context.fillRect(0, 0, side, side);
  context.drawImage(image, (image.width - cut) / 2, (image.height - cut) / 2, cut, cut, 0, 0, side, side);
  image.close();
  const blob = await new Promise<Blob | null>((done) => canvas.toBlob(done, 'image/jpeg', 0.8));
  return blob ? new Uint8Array(await blob.arrayBuffer()) : undefined;
}
