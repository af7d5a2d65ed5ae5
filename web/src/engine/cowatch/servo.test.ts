import { describe, expect, it } from 'vitest';
import { Servo } from './servo.ts';

/** Lets a film be corrected for so many tenths of a second; answers how far off it is at each. */
function correct(servo: Servo, behind: number, tenths: number, jumpTakes = 0.1): number[] {
  const seen: number[] = [];
  let error = behind;
  for (let i = 0; i < tenths; i++) {
    const { rate, jump } = servo.step(error, 1);
    if (jump !== undefined) {
      servo.jumped();
      error = jumpTakes - jump;
    } else error -= (rate - 1) * 0.1;
    seen.push(error);
  }
  return seen;
}

describe('the servo', () => {
  it.each([0.9, -0.9, 30])('brings a film that is %s s off under 50 ms within three seconds', (behind) => {
    const seen = correct(new Servo(), behind, 30, 0.35);
    expect(Math.abs(seen.at(-1)!)).toBeLessThan(0.05);
  });

  it.each([0.3, -0.3])('never differs by more than 12 % in speed (%s s off)', (behind) => {
    const servo = new Servo();
    for (let i = 0; i < 20; i++) {
      const { rate, jump } = servo.step(behind, 1);
      expect(jump).toBeUndefined();
      expect(Math.abs(rate - 1)).toBeLessThan(0.1201);
    }
  });

  it('leaves less than five milliseconds alone', () => {
    const servo = new Servo();
    for (let i = 0; i < 10; i++) expect(servo.step(0.0049, 1).rate).toBe(1);
  });

  it.each([0.02, -0.02])('makes up for more until hardly any of it is left (%s s off)', (behind) => {
    expect(Math.abs(correct(new Servo(), behind, 80).at(-1)!)).toBeLessThan(0.0015);
  });

  it('does not fall for a single wrong reading', () => {
    const servo = new Servo();
    for (const error of [0, 0, 0, 2, 0, 0, 0]) expect(servo.step(error, 1)).toEqual({ rate: 1 });
  });

  it('learns how long jumps take, and aims ahead', () => {
    const servo = new Servo();
    for (let i = 0; i < 6; i++) correct(servo, 10, 30, 0.4);
    expect(servo.jumpLatency).toBeGreaterThan(0.3);
    const [, , landed] = correct(servo, 10, 3, 0.4);
    expect(Math.abs(landed!)).toBeLessThan(0.1);
  });

  it('learns how long a start takes, and takes nothing from a late joining', () => {
    const servo = new Servo();
    for (let i = 0; i < 8; i++) {
      servo.started();
      correct(servo, 0.06 - servo.startLatency, 5);
      servo.rest();
    }
    expect(servo.startLatency).toBeCloseTo(0.06, 2);
    servo.started();
    correct(servo, 0.4, 5);
    expect(servo.startLatency).toBeCloseTo(0.06, 2);
  });

  it('counts nothing that was seen before a jump', () => {
    const servo = new Servo();
    servo.step(3, 1);
    servo.step(3, 1);
    servo.jumped();
    for (let i = 0; i < 5; i++) expect(servo.step(0, 1)).toEqual({ rate: 1 });
  });
});
