/** What the tests reach through `cloudflare:workers`. */
declare namespace Cloudflare {
  interface Env extends ImportedEnv {}
  interface GlobalProps {
    mainModule: typeof import('../index.ts');
  }
}
type ImportedEnv = import('../env.ts').Env;
