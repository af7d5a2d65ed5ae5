// A Vite plugin: Solid's templates by a policy of Trusted Types.
import type { Plugin } from 'vite';

const template = 't.innerHTML = html;';
const policy = `const templates = globalThis.trustedTypes?.createPolicy('solid', { createHTML: (html) => html });`;

/**
 * Solid makes elements from markup that its compiler has written, by `innerHTML`, which `require-trusted-types-for 'script'` refuses.
 * In a build that one place has a policy to itself, named `solid`, so no other place needs one. The development server sends no
 * policy, and has none.
 */
export function trustedTemplates(): Plugin {
  return {
    name: 'stream-chat:trusted-templates',
    apply: 'build',
    transform: {
      filter: { id: /solid-js\/web\/dist\/web\.js$/ },
      handler(code) {
        if (code.split(template).length !== 2) this.error('Solid makes its templates in another way now.');
        return `${policy}\n${code.replace(template, 't.innerHTML = templates ? templates.createHTML(html) : html;')}`;
      },
    },
  };
}
