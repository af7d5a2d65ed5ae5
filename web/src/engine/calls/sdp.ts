/**
 * `sdp` without feedback for payload types that their media sections don't list. Firefox leaves such lines when codecs are chosen by
 * `setCodecPreferences`, and Chromium takes no description that has one. RFC 4585, section 4.2: `a=rtcp-fb` is of a payload type of
 * its section.
 */
export function listedFeedback(sdp: string): string {
  let listed = new Set<string>();
  return sdp
    .split('\r\n')
    .filter((line) => {
      // m=video 9 UDP/TLS/RTP/SAVPF 96 97
      if (line.startsWith('m=')) listed = new Set(line.split(' ').slice(3));
      const of = /^a=rtcp-fb:(\d+) /.exec(line)?.[1];
      return of === undefined || listed.has(of);
    })
    .join('\r\n');
}
