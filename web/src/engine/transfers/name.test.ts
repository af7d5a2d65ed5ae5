import { expect, it } from 'vitest';
import { shownName } from './name.ts';

it.each([
  ['holiday\u202egnp.exe', 'holiday gnp.exe'],
  ['\u2067invoice\u2069.pdf', 'invoice .pdf'],
  ['two\r\nlines\u0000.txt', 'two lines .txt'],
  // These belong to words and pictures.
  ['סרט ערב.mp4', 'סרט ערב.mp4'],
  ['👩‍👩‍👧 holiday.mov', '👩‍👩‍👧 holiday.mov'],
])('%j is shown as %j', (name, shown) => expect(shownName(name)).toBe(shown));
