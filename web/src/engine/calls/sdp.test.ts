import { expect, it } from 'vitest';
import { listedFeedback } from './sdp.ts';

it('leaves out feedback of payload types that the section does not list, and nothing else', () => {
  const sdp = (...feedback: string[]) =>
    [
      'v=0',
      'm=audio 9 UDP/TLS/RTP/SAVPF 109 0',
      'a=rtcp-fb:109 transport-cc',
      'a=rtpmap:109 opus/48000/2',
      'm=video 0 UDP/TLS/RTP/SAVPF 120 124',
      'a=rtcp-fb:* ccm fir',
      'a=rtcp-fb:120 nack pli',
      ...feedback,
      'a=rtpmap:120 VP8/90000',
      'm=application 0 UDP/DTLS/SCTP webrtc-datachannel',
      '',
    ].join('\r\n');
  // 109 is another section's.
  expect(listedFeedback(sdp('a=rtcp-fb:99 nack', 'a=rtcp-fb:109 nack'))).toBe(sdp());
  expect(listedFeedback(sdp())).toBe(sdp());
});
