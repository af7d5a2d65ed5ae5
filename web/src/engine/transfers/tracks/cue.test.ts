import { describe, expect, it } from 'vitest';
import { cueBlock, cueHeader, cueText, parseCues, plainCueText } from './cue.ts';

describe('subtitle files', () => {
  it('are read as SubRip and as WebVTT, with what their makers put in', () => {
    const srt =
      '\uFEFF1\r\n00:00:01,000 --> 00:00:02,500 X1:40\r\nTwo\r\nlines\r\n\r\n2\r\n1:00:00,5 --> 1:00:01,5\r\n{\\an8}<font color="red">High</font> up\r\n';
    expect(parseCues(srt)).toEqual([
      { start: 1, end: 2.5, text: 'Two\nlines' },
      { start: 3600.5, end: 3601.5, text: 'High up' },
    ]);
    const vtt =
      'WEBVTT - of somebody\n\nNOTE 00:01 is no time\n\nSTYLE\n::cue { color: red }\n\nintro\n00:01.000 --> 00:02.000 line:0\n<v Ana>Hello <b>there</b>\n';
    expect(parseCues(vtt)).toEqual([{ start: 1, end: 2, text: 'Hello <b>there</b>' }]);
  });

  it.each([
    '',
    'nothing',
    '-->',
    '00:02.000 --> 00:01.000\nbackwards',
    '99999999999:00:00 --> x\n?',
    'WEBVTT',
  ])('with nothing in them have none: %j', (text) => expect(parseCues(text)).toEqual([]));

  it('come back as they are written', () => {
    const cues = [
      { start: 0, end: 1.001, text: 'One &amp; all' },
      { start: 3723.45, end: 3724, text: '<i>Two</i>\nlines' },
    ];
    expect(parseCues(cueHeader + cues.map(cueBlock).join(''))).toEqual(cues);
  });

  it('hold nothing but text, italics, bold and underline', () => {
    expect(cueText('<img src=x onerror=alert(1)>a <i>b</i> <script>c</script> & 1 < 2 --> 3\n\nd')).toBe(
      'a <i>b</i> c &amp; 1 &lt; 2 --&gt; 3\nd',
    );
    expect(plainCueText('<i> & a < b')).toBe('&lt;i&gt; &amp; a &lt; b');
  });
});
