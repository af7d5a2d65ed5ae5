import { fromBase64, sha256, utf8 } from '../../../../protocol/bytes.ts';
import { Content, type FileContent, isContent } from '../../../../protocol/content.ts';
import { readEnvelope } from '../../../../protocol/franking.ts';
import type { AdminRoutes, AuditRecord, ReportView } from '../../../../protocol/rest/admin.ts';
import type { ApiOf } from '../api.ts';
import { openFile } from '../transfers/index.ts';
import type { OpenedFile } from '../transfers/types.ts';

/** What a report reveals, for a person to read. */
export type Shown =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'file'; readonly content: FileContent }
  /** Nothing that can be shown; what is inside false evidence may be anything. */
  | { readonly kind: 'nothing' };

/** Reads what `report` reveals. */
export function readEvidence(report: ReportView): Shown {
  const bytes = report.envelope === null ? undefined : fromBase64(report.envelope);
  const content = Content.safeParse(bytes && readEnvelope(bytes)?.content).data;
  if (!content) return { kind: 'nothing' };
  if (isContent(content, 'text') || isContent(content, 'edit')) return { kind: 'text', text: content.body };
  return isContent(content, 'file') ? { kind: 'file', content } : { kind: 'nothing' };
}

/** Opens a reported file with the key that was revealed, in this browser. Throws TransferError, EngineError. */
export function openReportedFile(
  api: ApiOf<AdminRoutes>,
  report: ReportView,
  content: FileContent,
): Promise<OpenedFile> {
  const { fileId, commitment, manifestHash } = content;
  const key = report.fileKey ?? '';
  return openFile({
    api: {
      getFile: async ({ query }) => {
        const { fileName, state, deltas, objects } = await api('getReportedFile', {
          params: { id: report.id },
          query,
        });
        const { chatroomId, createdAt } = report;
        const rest = { id: fileId, uploaderId: report.senderId ?? chatroomId, chatroomId, createdAt };
        return { ...rest, state, fileName, encryptedKey: key, expiry: null, deltas, objects };
      },
    },
    fileId,
    commitment,
    manifestHash,
    // It is the key itself that was revealed.
    unwrap: async (revealed) => revealed,
    subscribe: () => () => {},
    fetch: (url, init) => fetch(url, init),
  });
}

/** The number of the first entry whose hash does not follow from the one before; undefined where all do. `before` is the hash before the first. */
export async function brokenAt(
  records: readonly AuditRecord[],
  before = '0'.repeat(64),
): Promise<number | undefined> {
  let [last, seq] = [before, records[0]?.seq ?? 1];
  for (const record of records) {
    const digest = await sha256(utf8(`${last}\n${record.entry}`));
    const hex = [...digest].map((byte) => byte.toString(16).padStart(2, '0')).join('');
    if (record.hash !== hex || record.seq !== seq) return record.seq;
    last = record.hash;
    seq++;
  }
  return undefined;
}
