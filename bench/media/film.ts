// A film of any length and bitrate: the sample film over and over, its pictures made larger by filler (ITU-T H.264, 7.3.2.7).
import { closeSync, openAsBlob, openSync, writeSync } from 'node:fs';
import {
  BlobSource,
  EncodedAudioPacketSource,
  type EncodedPacket,
  EncodedPacketSink,
  EncodedVideoPacketSource,
  Input,
  MP4,
  Mp4OutputFormat,
  Output,
  StreamTarget,
  type StreamTargetChunk,
} from 'mediabunny';

const sample = new URL('../../e2e/fixtures/camera.mp4', import.meta.url);

export interface FilmOptions {
  readonly seconds: number;
  readonly bytesPerSecond: number;
  /** Where its index is; `fragments` for one that has none. */
  readonly index: 'first' | 'last' | 'fragments';
}

/** Writes a film of H.264 and AAC to `path`. */
export async function writeFilm(
  path: string,
  { seconds, bytesPerSecond, index }: FilmOptions,
): Promise<void> {
  const input = new Input({ source: new BlobSource(await openAsBlob(sample)), formats: [MP4] });
  const [video, audio] = [(await input.getPrimaryVideoTrack())!, (await input.getPrimaryAudioTrack())!];
  const length = 60;
  const file = openSync(path, 'w');
  const fastStart = { first: 'in-memory', last: false, fragments: 'fragmented' } as const;
  const output = new Output({
    format: new Mp4OutputFormat({ fastStart: fastStart[index] }),
    target: new StreamTarget(
      new WritableStream<StreamTargetChunk>({
        write: ({ data, position }) => void writeSync(file, data, 0, data.length, position),
      }),
    ),
  });
  const [pictures, sounds] = [new EncodedVideoPacketSource('avc'), new EncodedAudioPacketSource('aac')];
  output.addVideoTrack(pictures);
  output.addAudioTrack(sounds);
  await output.start();
  const looped = async function* (sink: EncodedPacketSink, enlarge: (packet: EncodedPacket) => Uint8Array) {
    for (let from = 0; from < seconds; from += length)
      for await (const packet of sink.packets())
        if (packet.timestamp >= 0 && packet.timestamp < length && from + packet.timestamp < seconds)
          yield packet.clone({ timestamp: from + packet.timestamp, data: enlarge(packet) });
  };
  const perPicture = Math.round(bytesPerSecond / 30);
  const [videoConfig, audioConfig] = [(await video.getDecoderConfig())!, (await audio.getDecoderConfig())!];
  const add = async (track: typeof video | typeof audio) => {
    const isVideo = track === video;
    const source = isVideo ? pictures : sounds;
    const meta = { decoderConfig: isVideo ? videoConfig : audioConfig };
    const enlarge = ({ data }: EncodedPacket) => (isVideo ? filled(data, perPicture) : data);
    for await (const packet of looped(new EncodedPacketSink(track), enlarge))
      await source.add(packet, meta as never);
    source.close();
  };
  await Promise.all([add(video), add(audio)]);
  await output.finalize();
  input.dispose();
  closeSync(file);
}

/** A picture of at least `size` bytes: after it a unit of filler, which decoders pass over. */
function filled(picture: Uint8Array, size: number): Uint8Array {
  const length = size - picture.length - 4;
  if (length < 3) return picture;
  const out = new Uint8Array(size).fill(0xff);
  out.set(picture);
  const view = new DataView(out.buffer);
  view.setUint32(picture.length, length);
  out[picture.length + 4] = 12;
  out[size - 1] = 0x80;
  return out;
}
