/** Numbers that look random and are the same in every run: `next(n)` is an integer from 0 to n - 1 (Park-Miller). */
export function seeded(seed: number): (n: number) => number {
  let state = seed;
  return (n) => {
    state = (state * 48271) % 0x7fff_ffff;
    return Math.floor((state / 0x7fff_ffff) * n);
  };
}
