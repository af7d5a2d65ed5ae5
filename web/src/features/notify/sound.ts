let context: AudioContext | undefined;

/** Two short soft tones, made here: no file is loaded. Silent where the browser wants a press first. */
export function playTone(): void {
  try {
    context ??= new AudioContext();
  } catch {
    return;
  }
  const { currentTime, destination } = context;
  for (const [frequency, delay] of [
    [660, 0],
    [880, 0.09],
  ] as const) {
    const start = currentTime + delay;
    const tone = new OscillatorNode(context, { type: 'sine', frequency });
    const volume = new GainNode(context, { gain: 0 });
    volume.gain.setValueAtTime(0, start);
    volume.gain.linearRampToValueAtTime(0.12, start + 0.012);
    volume.gain.exponentialRampToValueAtTime(0.0005, start + 0.22);
    tone.connect(volume).connect(destination);
    tone.start(start);
    tone.stop(start + 0.25);
  }
}
