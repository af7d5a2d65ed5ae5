/** Lets `task` go on by itself; should it fail, that is logged, and not an unhandled rejection. */
export function inBackground(task: Promise<unknown>, what: string): void {
  task.catch((error) => console.error(`${what} failed`, error));
}
