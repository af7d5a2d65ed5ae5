/**
 * Trusted Types (W3C): the policy in `public/_headers` lets no text become markup, code or the address of code, but by what is named
 * here. To be loaded before anything that starts a worker.
 *
 * `default` is what the browser asks about plain texts. Code is what the service has as its own; markup, nothing. The markup of Solid's
 * templates, which the build has written, has a policy of its own (`local/trusted-templates.ts`).
 */
const code = /^\/(assets\/[\w.-]+\.js|sw\.js)$/;

interface Factory {
  createPolicy(name: string, rules: { createScriptURL(url: string): string }): unknown;
}

(globalThis as { trustedTypes?: Factory }).trustedTypes?.createPolicy('default', {
  createScriptURL(text) {
    const url = new URL(text, location.href);
    if (url.origin !== location.origin || !code.test(url.pathname))
      throw new TypeError(`No code of this service's is at ${url.pathname}.`);
    return url.href;
  },
});
