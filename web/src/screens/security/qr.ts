/** A QR code as one path: what an authenticator looks at. */
export interface Qr {
  viewBox: string;
  path: string;
}

/** Takes the path out of the picture that the venue drew. Nothing else of it goes into the page. */
export function qrOf(svg: string): Qr | null {
  const root = new DOMParser().parseFromString(svg, 'image/svg+xml').documentElement;
  const [viewBox, path] = [root.getAttribute('viewBox'), root.querySelector('path')?.getAttribute('d')];
  return viewBox && path ? { viewBox, path } : null;
}
