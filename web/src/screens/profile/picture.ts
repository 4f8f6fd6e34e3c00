/** The most that the venue takes, and the edge to which a larger picture is made smaller. */
const BYTES_MAX = 256 * 1024;
const EDGE_PX = 256;

/** A picture that the venue takes: as it is where it is small enough, else drawn anew, smaller. What is no picture goes as it is, to be refused. */
export async function fitting(file: Blob): Promise<Blob> {
  if (file.size <= BYTES_MAX) return file;
  const bitmap = await createImageBitmap(file).catch(() => null);
  if (!bitmap) return file;
  const by = Math.min(1, EDGE_PX / Math.min(bitmap.width, bitmap.height));
  const canvas = document.createElement('canvas');
  canvas.width = Math.round(bitmap.width * by);
  canvas.height = Math.round(bitmap.height * by);
  canvas.getContext('2d')?.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
  bitmap.close();
  const drawn = await new Promise<Blob | null>((done) => canvas.toBlob(done, 'image/webp', 0.9));
  return drawn ?? file;
}
