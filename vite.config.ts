import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { paraglideVitePlugin } from '@inlang/paraglide-js';
import tailwind from '@tailwindcss/vite';
import { defineConfig } from 'vite';
import solid from 'vite-plugin-solid';
import { messages } from './local/messages.ts';
import { serviceWorker } from './local/service-worker.ts';
import { trustedTemplates } from './local/trusted-templates.ts';

const path = (relative: string) => fileURLToPath(new URL(relative, import.meta.url));
const pages = [path('web/index.html'), path('web/admin/index.html')];

/** What the app begins with is one file: by itself it would be one for each set of parts that share something, three dozen. */
const shell = {
  name: 'shell',
  tags: ['$initial' as const],
  // The admin page's own parts and sentences are nothing that the app begins with.
  test: (id: string) => !/[\\/](main|admin)\.tsx|[\\/]admin[\\/_]|\.(css|html)/.test(id),
};

export default defineConfig({
  root: path('web'),
  plugins: [
    paraglideVitePlugin(messages),
    solid(),
    trustedTemplates(),
    tailwind(),
    serviceWorker(path('web/src/sw/sw.ts')),
  ],
  server: { fs: { allow: ['web', 'protocol', 'crypto', 'node_modules'].map(path) } },
  worker: { format: 'es' },
  build: {
    outDir: path('dist/web'),
    emptyOutDir: true,
    // The Content Security Policy allows no data: addresses.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rolldownOptions: {
      input: pages.filter((page) => existsSync(page)),
      output: { codeSplitting: { groups: [shell] } },
    },
  },
});
