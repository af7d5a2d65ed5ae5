import { m, spoken } from '../../language/index.ts';
import type { ReadableExport, ReadableMessage, ReadableRoom } from './readable.ts';

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};
const escaped = (text: string): string => text.replace(/[&<>"']/g, (character) => entities[character]!);

const style = `
  :root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
  body { max-width: 44rem; margin: 3rem auto; padding: 0 1.25rem; }
  h1 { line-height: 1.2; } h2 { margin-top: 3rem; } nav li { margin: .25rem 0; }
  .about, time, .gone { color: light-dark(#52606a, #a3b0b8); }
  .about, time { font-size: .875rem; } .gone { font-style: italic; }
  article { margin: 1rem 0; } article p { margin: .125rem 0 0; white-space: pre-wrap; overflow-wrap: anywhere; }
`;

const gone: Readonly<Record<Exclude<ReadableMessage['kind'], 'text'>, () => string>> = {
  file: m.engine_exportFile,
  deleted: m.engine_exportDeleted,
  unreadable: m.engine_exportUnreadable,
};

/** A page that needs nothing else: no script, nothing from anywhere, everything that people wrote as text. */
export function toHtml({ account, exportedAt, rooms }: ReadableExport): string {
  const title = `Stream Chat: ${account.name}`;
  return `<!doctype html>
<html lang="${spoken()}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${escaped(title)}</title>
<style>${style}</style>
</head>
<body>
<h1>${escaped(title)}</h1>
<p class="about">${m.engine_exportAbout({ email: account.email === undefined ? m.engine_guest() : escaped(account.email), at: moment(exportedAt) })}</p>
<nav><ol>${rooms.map(({ name }, n) => `<li><a href="#room-${n}">${escaped(name)}</a></li>`).join('')}</ol></nav>
${rooms.map(room).join('\n')}
</body>
</html>
`;
}

const moment = (at: string): string =>
  `<time datetime="${escaped(at)}">${escaped(at.slice(0, 16).replace('T', ' '))}</time>`;

const room = ({ name, members, messages }: ReadableRoom, n: number): string => `<section id="room-${n}">
<h2>${escaped(name)}</h2>
<p class="about">${escaped(members.join(', '))}</p>
${messages.map(message).join('\n')}
</section>`;

function message({ at, author, kind, text = '', edited }: ReadableMessage): string {
  const body = kind === 'text' ? `<p>${escaped(text)}</p>` : `<p class="gone">${escaped(gone[kind]())}</p>`;
  return `<article><b>${escaped(author)}</b> ${moment(at)}${edited ? ` <span class="about">${escaped(m.engine_exportEdited())}</span>` : ''}${body}</article>`;
}
