// What pdf.js is made of, as files of this build: an opaque frame can fetch nothing, so the page around it does.
import code from 'pdfjs-dist/build/pdf.min.mjs?url';
import worker from 'pdfjs-dist/build/pdf.worker.min.mjs?url';
import dingbats from 'pdfjs-dist/standard_fonts/FoxitDingbats.pfb?url';
import symbol from 'pdfjs-dist/standard_fonts/FoxitSymbol.pfb?url';
import jbig2 from 'pdfjs-dist/wasm/jbig2.wasm?url';
import openjpeg from 'pdfjs-dist/wasm/openjpeg.wasm?url';
import qcms from 'pdfjs-dist/wasm/qcms_bg.wasm?url';

/** What is fetched when a document wants it: decoders of scanned pages, and the fonts that systems lack. */
const parts = new Map([
  ['jbig2.wasm', jbig2],
  ['openjpeg.wasm', openjpeg],
  ['qcms_bg.wasm', qcms],
  ['FoxitDingbats.pfb', dingbats],
  ['FoxitSymbol.pfb', symbol],
]);

async function load(url: string): Promise<Response> {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`${url} answered ${response.status}`);
  return response;
}

const script = async (url: string) =>
  new Blob([await (await load(url)).arrayBuffer()], { type: 'text/javascript' });

/** pdf.js and its worker. Rejects where they can't be loaded. */
export async function pdfScripts(): Promise<{ code: Blob; worker: Blob }> {
  const [main, other] = await Promise.all([script(code), script(worker)]);
  return { code: main, worker: other };
}

/** Another part of it by its file name; undefined for what is not there. */
export async function pdfPart(name: string): Promise<ArrayBuffer | undefined> {
  const table = name.endsWith('.bcmap') ? (await import('./pdf-cmaps.ts')).cmapUrl(name) : undefined;
  const url = parts.get(name) ?? table;
  return url === undefined ? undefined : (await load(url)).arrayBuffer();
}
