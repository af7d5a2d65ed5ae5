// One contender in a Node process of its own: `node bench/signal-process.ts ours|noble|libsignal [folder]` prints its
// rates as one line of JSON, in operations for each second of CPU time.
import { LibsignalDevice, LibsignalMember } from './interop/peer.ts';
import { loadLibsignal } from './interop/scratch.ts';
import { type Contender, distributionId, measure, metrics, ours } from './signal-rates.ts';

const duration = 0.7;

async function libsignal(directory: string): Promise<Contender> {
  const library = await loadLibsignal(directory);
  return {
    device: (options) => LibsignalDevice.make(library, options),
    async room() {
      const [maker, follower] = [new LibsignalMember(library), new LibsignalMember(library)];
      await follower.follow(await maker.distribution(distributionId));
      return {
        send: (plaintext) => maker.send(distributionId, plaintext),
        async receive(bytes) {
          await follower.receive(bytes);
        },
      };
    },
  };
}

const [, , who, directory] = process.argv;
// The platform looks for WebCrypto at the first operation, and does everything in JavaScript where there is none.
if (who === 'noble')
  Object.defineProperty(globalThis.crypto, 'subtle', { value: undefined, configurable: true });
const contender = who === 'libsignal' && directory !== undefined ? await libsignal(directory) : ours;

function cpuSeconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}

const rates: Record<string, number> = {};
for (const metric of metrics) rates[metric] = await measure(contender, metric, duration, cpuSeconds);
console.log(JSON.stringify(rates));
