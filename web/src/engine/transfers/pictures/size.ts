/** The size of a picture as shown, where a manifest can say it. */
export const sizeToTell = (width: number, height: number): { width?: number; height?: number } =>
  Math.min(width, height) >= 1 && Math.max(width, height) <= 65_535 ? { width, height } : {};
