import { describe, expect, it } from 'vitest';
import { type Box, gap, gridIn, layoutOf } from './layout.ts';

/** What is left for tiles on a desktop 1440 pixels wide, on a phone, and beside a film. */
const desktop: Box = { width: 1096, height: 324 };
const phone: Box = { width: 374, height: 236 };
const row: Box = { width: 720, height: 96 };
const ratio = ({ width, height }: Box) => width / height;

describe('tiles of a call', () => {
  it('five people stand in two rows, not in one of tall strips', () => {
    const { columns, tile } = gridIn(5, desktop);
    expect(columns).toBe(3);
    expect(tile.width).toBeGreaterThan(270);
  });

  it.each([desktop, phone, row])('are as a camera’s picture, of one size, and fit: %o', (box) => {
    for (let count = 1; count <= 12; count++) {
      const { columns, tile, size } = gridIn(count, box);
      // Whole pixels.
      expect(ratio(tile)).toBeGreaterThan(1.3);
      expect(ratio(tile)).toBeLessThan(1.82);
      const rows = Math.ceil(count / columns);
      expect(size).toEqual({
        width: columns * tile.width + (columns - 1) * gap,
        height: rows * tile.height + (rows - 1) * gap,
      });
      expect(size.width).toBeLessThanOrEqual(box.width);
      expect(size.height).toBeLessThanOrEqual(box.height);
      // No row is empty.
      expect((rows - 1) * columns).toBeLessThan(count);
    }
  });

  it('no other number of columns would show anybody larger', () => {
    for (const box of [desktop, phone, row])
      for (let count = 1; count <= 9; count++) {
        const { tile } = gridIn(count, box);
        for (let columns = 1; columns <= count; columns++) {
          const rows = Math.ceil(count / columns);
          const cell = {
            width: (box.width - (columns - 1) * gap) / columns,
            height: (box.height - (rows - 1) * gap) / rows,
          };
          const width = Math.min(cell.width, (cell.height * 16) / 9);
          const height = Math.min(cell.height, (cell.width * 3) / 4);
          expect(Math.floor(width) * Math.floor(height)).toBeLessThanOrEqual(tile.width * tile.height);
        }
      }
  });

  it('more people than can be recognised in it are scrolled to, in a row as high as it is', () => {
    const { faces } = layoutOf(9, 0, { width: 374, height: 64 });
    expect(faces).toMatchObject({ columns: 9, tile: { width: 80, height: 60 } });
    expect(layoutOf(40, 0, phone).faces).toMatchObject({ columns: 14, tile: { width: 80, height: 60 } });
  });

  it('a screen stands beside the faces where it is wide, above them on a phone, and larger than any of them', () => {
    for (const [box, beside] of [
      [desktop, true],
      [phone, false],
    ] as const)
      for (const count of [2, 4, 6]) {
        const layout = layoutOf(count, 1, box);
        expect(layout.beside).toBe(beside);
        const screen = layout.screens!.tile;
        expect(screen.width).toBeGreaterThan(1.5 * layout.faces.tile.width);
        const height = beside
          ? Math.max(screen.height, layout.faces.size.height)
          : screen.height + gap + layout.faces.size.height;
        expect(height).toBeLessThanOrEqual(box.height);
        if (beside) expect(screen.width + gap + layout.faces.size.width).toBeLessThanOrEqual(box.width);
      }
  });

  it('a place that has not been measured takes nobody, and breaks nothing', () => {
    expect(gridIn(3, { width: 0, height: 0 }).tile).toEqual({ width: 0, height: 0 });
  });
});
