/** Pixels. */
export interface Box {
  readonly width: number;
  readonly height: number;
}

/** Tiles of one size in rows; the last row may be shorter. */
export interface Grid {
  readonly columns: number;
  readonly tile: Box;
  /** What all of it takes; where tiles can't be smaller, more than it was given in width. */
  readonly size: Box;
}

export interface Layout {
  readonly faces: Grid;
  readonly screens: Grid | undefined;
  /** Whether the faces stand beside the screens, not below them. */
  readonly beside: boolean;
}

/** Between tiles, in pixels. */
export const gap = 8;
/** What cameras show is between these (width by height): a tile within them cuts little away. Screens are as wide as the latter. */
const tallest = 4 / 3;
const widest = 16 / 9;
/** Smaller than this nobody is recognised, and no name can be read: then there is more than fits, to be scrolled to. */
const least: Box = { width: 80, height: 60 };
/** The most of the place that screens take from the faces. */
const screenShare = 0.7;

const across = (count: number, each: number): number => count * each + (count - 1) * gap;

/** So many columns and rows of the largest tiles that fit into `box`. */
function gridOf(count: number, columns: number, box: Box, narrowest: number): Grid {
  const rows = Math.ceil(count / columns);
  const width = (box.width - (columns - 1) * gap) / columns;
  const height = (box.height - (rows - 1) * gap) / rows;
  const tile = {
    width: Math.max(0, Math.floor(Math.min(width, height * widest))),
    height: Math.max(0, Math.floor(Math.min(height, width / narrowest))),
  };
  return { columns, tile, size: { width: across(columns, tile.width), height: across(rows, tile.height) } };
}

const area = ({ tile }: Grid): number => tile.width * tile.height;

/** The grid of `count` tiles, at least one, that shows each as large as `box` allows; none narrower than `narrowest`, width by height. */
export function gridIn(count: number, box: Box, narrowest = tallest): Grid {
  let best = gridOf(count, 1, box, narrowest);
  for (let columns = 2; columns <= count; columns++) {
    const grid = gridOf(count, columns, box, narrowest);
    if (area(grid) > area(best)) best = grid;
  }
  return best;
}

/** As `gridIn`, of tiles that are not too small to know somebody: then it is wider than the box. */
function facesIn(count: number, box: Box): Grid {
  const grid = gridIn(count, box);
  if (grid.tile.width >= least.width && grid.tile.height >= least.height) return grid;
  const rows = Math.max(1, Math.floor((box.height + gap) / (least.height + gap)));
  const columns = Math.ceil(count / rows);
  const size = {
    width: across(columns, least.width),
    height: across(Math.ceil(count / columns), least.height),
  };
  return { columns, tile: least, size };
}

/**
 * Where faces and shared screens go: faces alone in the grid that shows them largest; screens large, and the faces in what is left
 * beside or below them, whichever leaves the screens larger.
 */
export function layoutOf(faces: number, screens: number, box: Box): Layout {
  if (screens === 0) return { faces: facesIn(faces, box), screens: undefined, beside: false };
  const left = gridIn(screens, { width: box.width * screenShare, height: box.height }, widest);
  const above = gridIn(screens, { width: box.width, height: box.height * screenShare }, widest);
  const beside = area(left) >= area(above);
  const rest = beside
    ? { width: box.width - left.size.width - gap, height: box.height }
    : { width: box.width, height: box.height - above.size.height - gap };
  return { faces: facesIn(faces, rest), screens: beside ? left : above, beside };
}
