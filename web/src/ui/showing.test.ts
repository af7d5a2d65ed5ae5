import { describe, expect, it } from 'vitest';
import { showingOf } from './showing.ts';

describe('how a file can be shown', () => {
  it.each([
    ['application/pdf', 'letter', 'pdf'],
    ['', 'letter.PDF', 'pdf'],
    ['text/plain', 'a', 'text'],
    ['text/html', 'page.html', 'text'],
    ['application/json', 'a.json', 'text'],
    ['', 'notes.md', 'text'],
    ['application/octet-stream', 'main.rs', 'text'],
    ['image/svg+xml', 'drawing.svg', 'image'],
    ['image/png', 'a.png', 'image'],
    ['video/mp4', 'a.mp4', 'video'],
    ['audio/ogg', 'a.ogg', 'audio'],
  ])('%s, %s: %s', (type, name, showing) => expect(showingOf({ type, name })).toBe(showing));

  it.each([
    ['application/vnd.openxmlformats-officedocument.wordprocessingml.document', 'a.docx'],
    ['application/zip', 'a.zip'],
    ['', 'tool.exe'],
    ['', 'no ending'],
    // What it says it is counts, not what it is called.
    ['application/zip', 'letter.pdf'],
  ])('%s, %s: not at all', (type, name) => expect(showingOf({ type, name })).toBeUndefined());
});
