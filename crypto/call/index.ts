/** Frames of calls, encrypted before they leave and opened after they came (SFrame, RFC 9605; DESIGN section 6). */
export * from './errors.ts';
export { FrameOpener, FrameSealer } from './frames.ts';
