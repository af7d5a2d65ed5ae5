import { zxcvbn, zxcvbnOptions } from '@zxcvbn-ts/core';
import { adjacencyGraphs, dictionary } from '@zxcvbn-ts/language-common';

/** How long guessing takes, from 0 (no time) to 4 (longer than anybody waits): zxcvbn's score. */
export type Strength = 0 | 1 | 2 | 3 | 4;

zxcvbnOptions.setOptions({ dictionary, graphs: adjacencyGraphs });

/** More characters say nothing more, and would take time. */
const longest = 64;

/**
 * How hard `password` is to guess for somebody who knows what people choose, and knows `about` its owner (name, email). Loaded when it is
 * wanted: its list of common passwords is larger than the rest of the page.
 */
export const estimate = (password: string, about: readonly string[]): Strength =>
  zxcvbn(password.slice(0, longest), about.flatMap(parts)).score;

const parts = (text: string): string[] =>
  [text, ...text.split(/[^\p{L}\p{N}]+/u)].filter((part) => part.length > 2);
