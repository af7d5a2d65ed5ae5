import { type EncodedPacket, EncodedPacketSink, type InputTrack } from 'mediabunny';

/**
 * A track's packets in decode order, one after the other: mediabunny's `packets()` reads ahead what was taken in the last second, which here
 * is hundreds of megabytes.
 */
export async function* packetsOf(track: InputTrack): AsyncGenerator<EncodedPacket> {
  const sink = new EncodedPacketSink(track);
  for (let packet = await sink.getFirstPacket(); packet; packet = await sink.getNextPacket(packet))
    yield packet;
}
