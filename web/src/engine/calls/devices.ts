import { m } from '../../language/index.ts';
import { EngineError } from '../types.ts';

const camera = { width: { ideal: 1280 }, height: { ideal: 720 }, frameRate: { ideal: 30 } };
const sound = { echoCancellation: true, noiseSuppression: true, autoGainControl: true };

const whys: Record<string, 'refused' | 'missing' | 'busy'> = {
  NotAllowedError: 'refused',
  NotFoundError: 'missing',
  OverconstrainedError: 'missing',
  NotReadableError: 'busy',
};

/** What a person is told when a device can't be had. */
function refusal(error: unknown, device: 'microphone' | 'camera' | 'screen'): EngineError {
  const name = error instanceof DOMException ? error.name : '';
  const why = whys[name] ?? 'broken';
  return new EngineError('no-device', m.engine_noDevice({ device, why }), { cause: error });
}

/** Throws EngineError `no-device`. */
export async function openMicrophone(deviceId?: string): Promise<MediaStreamTrack> {
  const audio = { ...sound, ...(deviceId !== undefined && { deviceId: { exact: deviceId } }) };
  try {
    return (await navigator.mediaDevices.getUserMedia({ audio })).getAudioTracks()[0]!;
  } catch (error) {
    throw refusal(error, 'microphone');
  }
}

/** Throws EngineError `no-device`. */
export async function openCamera(deviceId?: string): Promise<MediaStreamTrack> {
  const video = { ...camera, ...(deviceId !== undefined && { deviceId: { exact: deviceId } }) };
  try {
    return (await navigator.mediaDevices.getUserMedia({ video })).getVideoTracks()[0]!;
  } catch (error) {
    throw refusal(error, 'camera');
  }
}

/** The screen, or a part of it, with its sound where there is any. Undefined when the person thought better of it. */
export async function openScreen(): Promise<MediaStream | undefined> {
  try {
    return await navigator.mediaDevices.getDisplayMedia({ video: { frameRate: { ideal: 30 } }, audio: true });
  } catch (error) {
    if (error instanceof DOMException && error.name === 'NotAllowedError') return undefined;
    throw refusal(error, 'screen');
  }
}
